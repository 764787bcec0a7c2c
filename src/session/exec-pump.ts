import type { ClientSink, TargetSink } from '../kernel/channel.ts';
import { HOLD } from './holds.ts';
import { Pump, type PumpHost } from './pump.ts';
import { StdinLines } from './stdin-lines.ts';
import type { EndReason } from './types.ts';

/**
 * Carries a command without a terminal: stdin one way, stdout and stderr the other. Its input is not recorded.
 * Locking stops both ways, losing nothing: what arrives all the same waits in order.
 */
export class ExecPump extends Pump {
  readonly #lines: StdinLines | undefined;
  /** What came while it was locked. */
  readonly #later: (() => void)[] = [];
  /** What was under way to the target already: a line that was approved meanwhile. It goes before what came. */
  readonly #held: (() => void)[] = [];

  /** `lines`: what comes in is commands for a shell, one a line. */
  constructor(host: PumpHost, lines: boolean) {
    super(host);
    if (lines) this.#lines = this.#stdinLines();
  }

  /** On stderr, where a message of ssh itself would stand. */
  notice(text: string): void {
    if (this.done) return;
    this.host.client.writeError(Buffer.from(`bastion: ${text}\n`));
    this.host.recorder.notice(text);
  }

  override finish(reason: EndReason, text: string | undefined): void {
    this.#lines?.stop();
    super.finish(reason, text);
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
    for (const event of [...this.#held.splice(0), ...this.#later.splice(0)]) event();
    this.clientHolds.release(HOLD.lock);
    this.targetHolds.release(HOLD.lock);
  }

  protected clientSink(): ClientSink {
    const { target, bytes } = this.host;
    const sink: ClientSink = {
      data: (chunk) => {
        if (this.locked || this.done) return this.#wait(() => sink.data(chunk));
        bytes.in += chunk.length;
        this.host.touched();
        if (this.#lines) this.#lines.take(chunk);
        else this.#forward(chunk);
      },
      drain: () => this.targetHolds.release(HOLD.slowReader),
      eof: () => {
        if (this.locked || this.done) this.#wait(() => sink.eof());
        else if (this.#lines) this.#lines.end();
        else target.eof();
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
        if (!recorder.output(chunk)) this.targetHolds.hold(HOLD.recorder);
        if (!client.write(chunk)) this.targetHolds.hold(HOLD.slowReader);
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

  #forward(chunk: Buffer): void {
    if (this.locked) this.#held.push(() => this.#forward(chunk));
    else if (!this.host.target.write(chunk)) this.clientHolds.hold(HOLD.slowReader);
  }

  #end(): void {
    if (this.locked) this.#held.push(() => this.#end());
    else this.host.target.eof();
  }

  #stdinLines(): StdinLines {
    const { gate, commands } = this.host;
    return new StdinLines({
      gate,
      commands,
      forward: (chunk) => this.#forward(chunk),
      end: () => this.#end(),
      notice: (text) => this.notice(text),
      hold: () => this.clientHolds.hold(HOLD.review),
      release: () => this.clientHolds.release(HOLD.review),
    });
  }

  /** Keeps an event for the unlock; after the end it is for nobody. */
  #wait(event: () => void): void {
    if (!this.done) this.#later.push(event);
  }
}
