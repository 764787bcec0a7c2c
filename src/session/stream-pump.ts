import type { ClientSink, TargetSink } from '../kernel/channel.ts';
import { HOLD } from './holds.ts';
import { Pump } from './pump.ts';

/**
 * What pumps without a terminal do alike: bytes one way, bytes and stderr the other. Locking stops both ways, losing
 * nothing: what arrives all the same waits in order.
 */
export abstract class StreamPump extends Pump {
  /** What came while it was locked. */
  readonly #later: (() => void)[] = [];

  /** The client sent this. */
  protected abstract input(chunk: Buffer): void;
  /** The client sends nothing more. */
  protected abstract inputEnd(): void;
  /** The target sent this. */
  protected abstract output(chunk: Buffer): void;

  /** On stderr, where a message of ssh itself would stand. */
  notice(text: string): void {
    if (this.done) return;
    this.host.client.writeError(Buffer.from(`bastion: ${text}\n`));
    this.host.recorder.notice(text);
  }

  farewell(text: string): void {
    this.notice(text);
  }

  lock(): void {
    this.locked = true;
    this.clientHolds.hold(HOLD.lock);
    this.targetHolds.hold(HOLD.lock);
  }

  unlock(): void {
    this.locked = false;
    for (const event of this.#later.splice(0)) event();
    this.clientHolds.release(HOLD.lock);
    this.targetHolds.release(HOLD.lock);
  }

  /** The client takes more again. */
  protected clientDrained(): void {
    this.targetHolds.release(HOLD.slowReader);
  }

  protected clientSink(): ClientSink {
    const { target, bytes } = this.host;
    const sink: ClientSink = {
      data: (chunk) => {
        if (this.locked || this.done) return this.#wait(() => sink.data(chunk));
        bytes.in += chunk.length;
        this.host.touched();
        this.input(chunk);
      },
      drain: () => this.clientDrained(),
      eof: () => {
        if (this.locked || this.done) this.#wait(() => sink.eof());
        else this.inputEnd();
      },
      resize: () => {},
      signal: (name) => {
        if (this.locked || this.done) this.#wait(() => sink.signal(name));
        else target.signal(name);
      },
      closed: () => this.clientClosed(),
    };
    return sink;
  }

  protected targetSink(): TargetSink {
    const { client, recorder, bytes } = this.host;
    const sink: TargetSink = {
      data: (chunk) => {
        if (this.locked || this.done) return this.#wait(() => sink.data(chunk));
        bytes.out += chunk.length;
        this.output(chunk);
      },
      stderr: (chunk) => {
        if (this.locked || this.done) return this.#wait(() => sink.stderr(chunk));
        bytes.out += chunk.length;
        if (!recorder.stderr(chunk)) this.targetHolds.hold(HOLD.recorder);
        if (!client.writeError(chunk)) this.targetHolds.hold(HOLD.slowReader);
      },
      drain: () => this.clientHolds.release(HOLD.slowReader),
      eof: () => {
        if (this.locked || this.done) this.#wait(() => sink.eof());
        else this.targetEof();
      },
      exit: (status) => {
        if (this.locked || this.done) this.#wait(() => sink.exit(status));
        else this.targetExit(status);
      },
      closed: (error) => {
        if (this.locked || this.done) this.#wait(() => sink.closed(error));
        else this.targetClosed(error);
      },
    };
    return sink;
  }

  /** Keeps an event for the unlock; after the end it is for nobody. */
  #wait(event: () => void): void {
    if (!this.done) this.#later.push(event);
  }
}
