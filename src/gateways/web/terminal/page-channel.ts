import type { ClientChannel, ClientSink, ExitStatus, Size } from '../../../kernel/channel.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { AppError } from '../../../kernel/errors.ts';
import { InputQueue } from './input-queue.ts';
import { OutputWindow } from './output-window.ts';

/** Frames that may wait in a socket: small ones cost more than their bytes. */
const MAX_IN_FLIGHT = 512;
/** Input is acknowledged after so much, or so long. */
const ACK_BYTES = 64 * 1024;
const ACK_MS = 100;
/** A window that is drawn larger tells every step of it; the target is told this often. */
const RESIZE_MS = 50;

/** Where the channel's output goes while a page is there. */
export interface Link {
  bytes(chunk: Buffer, sent: () => void): void;
  ackInput(received: number): void;
}

/**
 * A person's terminal whose page may go and come back. Output waits here, by reference, until the page has drawn it; when
 * the window is full the session holds the target back. Without a page that is what happens, too.
 */
export class PageChannel implements ClientChannel {
  readonly #clock: Clock;
  readonly #window = new OutputWindow();
  readonly #input = new InputQueue();
  #sink: ClientSink | undefined;
  #link: Link | undefined;
  /** Frames the link has not passed on yet, and what it calls then. */
  #inFlight = 0;
  #sent: () => void = () => {};
  #full = false;
  #ackedInput = 0;
  #cancelAck: (() => void) | undefined;
  #size: Size;
  #nextSize: Size | undefined;
  #cancelResize: (() => void) | undefined;
  #ended = false;
  #onSent: (() => void) | undefined;
  #exit: ExitStatus | undefined;

  constructor(clock: Clock, size: Size) {
    this.#clock = clock;
    this.#size = size;
  }

  /** How the program ended, undefined while nobody has said so. */
  get exitStatus(): ExitStatus | undefined {
    return this.#exit;
  }

  /** Bytes of input the session has taken in all. */
  get received(): number {
    return this.#input.taken;
  }

  attach(sink: ClientSink): void {
    this.#sink = sink;
    this.#applySize();
    this.#input.open((chunk) => sink.data(chunk));
    this.#noteTaken();
  }

  write(chunk: Buffer): boolean {
    this.#window.push(chunk);
    this.#pump();
    this.#full ||= this.#window.full;
    return !this.#full;
  }

  writeError(chunk: Buffer): boolean {
    return this.write(chunk);
  }

  eof(): void {}

  exit(status: ExitStatus): void {
    this.#exit ??= status;
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
    this.#noteTaken();
  }

  close(): void {
    this.#end();
  }

  /** A page is there, and has this many bytes of output already. False: it cannot have. */
  connect(link: Link, drawn: number): boolean {
    if (!this.#window.rewind(drawn)) return false;
    this.#link = link;
    this.#inFlight = 0;
    this.#sent = () => {
      // a link before this one has a say no more
      if (this.#link !== link) return;
      this.#inFlight--;
      this.#pump();
    };
    this.#ackedInput = this.#input.taken;
    this.#pump();
    this.#drain();
    return true;
  }

  /** The page is gone; output waits. What it sent and the session did not take it sends again. */
  disconnect(): void {
    this.#link = undefined;
    this.#onSent = undefined;
    this.#input.drop();
    this.#stopAck();
  }

  /** @throws AppError `too_large` */
  typed(chunk: Buffer): void {
    if (this.#ended) return;
    this.#applySize();
    this.#input.push(chunk);
    this.#noteTaken();
  }

  /** @throws AppError `invalid` when so much was never sent. */
  drawn(offset: number): void {
    if (!this.#window.ack(offset)) throw new AppError('invalid', 'more output was acknowledged than was sent');
    this.#drain();
  }

  /** The last of a burst of sizes is what the target learns, at the latest before what is typed after it. */
  resize(size: Size): void {
    this.#nextSize = size;
    if (this.#cancelResize) return;
    this.#applySize();
    this.#cancelResize = this.#clock.after(RESIZE_MS, () => {
      this.#cancelResize = undefined;
      this.#applySize();
    });
  }

  /** Nobody comes back. */
  leave(): void {
    if (this.#ended) return;
    this.#end();
    this.#sink?.closed();
  }

  /** Calls back when the page has been sent all there is; not when it goes before. */
  whenSent(callback: () => void): void {
    this.#onSent = callback;
    this.#pump();
  }

  #pump(): void {
    while (this.#link && this.#inFlight < MAX_IN_FLIGHT) {
      const chunk = this.#window.take();
      if (!chunk) break;
      this.#inFlight++;
      this.#link.bytes(chunk, this.#sent);
    }
    if (!this.#link || !this.#onSent || !this.#window.allSent) return;
    const callback = this.#onSent;
    this.#onSent = undefined;
    callback();
  }

  #drain(): void {
    if (!this.#full || !this.#window.hasRoom) return;
    this.#full = false;
    if (!this.#ended) this.#sink?.drain();
  }

  #applySize(): void {
    const size = this.#nextSize;
    if (!size || this.#ended || !this.#sink) return;
    this.#nextSize = undefined;
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#sink.resize(size);
  }

  #noteTaken(): void {
    const open = this.#input.taken - this.#ackedInput;
    if (open <= 0 || !this.#link) return;
    if (open >= ACK_BYTES) this.#ack();
    else this.#cancelAck ??= this.#clock.after(ACK_MS, () => this.#ack());
  }

  #ack(): void {
    this.#stopAck();
    this.#ackedInput = this.#input.taken;
    this.#link?.ackInput(this.#ackedInput);
  }

  #stopAck(): void {
    this.#cancelAck?.();
    this.#cancelAck = undefined;
  }

  #end(): void {
    this.#ended = true;
    this.#input.close();
    this.#cancelResize?.();
    this.#stopAck();
  }
}
