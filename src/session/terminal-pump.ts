import type { ClientSink, Size, TargetSink } from '../kernel/channel.ts';
import { HOLD } from './holds.ts';
import { Pump, type PumpHost } from './pump.ts';
import type { Screen } from './screen.ts';
import type { Watchers } from './watch.ts';

/** Carries a terminal. Per chunk: no copy, no string, no promise. */
export class TerminalPump extends Pump {
  readonly #screen: Screen;
  readonly #watchers: Watchers;
  #inputEnded = false;

  constructor(host: PumpHost, screen: Screen, watchers: Watchers) {
    super(host);
    this.#screen = screen;
    this.#watchers = watchers;
  }

  notice(text: string): void {
    if (this.done) return;
    this.host.client.write(Buffer.from(`\r\n${text}\r\n`));
    this.host.recorder.notice(text);
    this.#watchers.notice(text);
  }

  /** The last sentence, on a terminal that is usable again. */
  farewell(text: string): void {
    this.host.client.write(Buffer.from(this.#screen.restore()));
    this.notice(text);
  }

  /** Locked input is dropped, not kept: nobody wants it typed later. */
  lock(): void {
    this.locked = true;
  }

  unlock(): void {
    this.locked = false;
    if (this.#inputEnded) this.host.target.eof();
  }

  protected clientSink(): ClientSink {
    const { client: _, target, recorder, bytes } = this.host;
    return {
      data: (chunk) => {
        if (this.done || this.locked) return;
        bytes.in += chunk.length;
        this.host.touched();
        if (!target.write(chunk)) this.clientHolds.hold(HOLD.slowReader);
      },
      drain: () => this.targetHolds.release(HOLD.slowReader),
      eof: () => {
        this.#inputEnded = true;
        if (!this.done && !this.locked) target.eof();
      },
      resize: (size: Size) => {
        if (this.done) return;
        target.resize(size);
        recorder.resize(size);
        this.#screen.resize(size);
        this.#watchers.resize(size);
      },
      signal: (name) => {
        if (this.done || this.locked) return;
        this.host.touched();
        target.signal(name);
      },
      closed: () => this.clientClosed(),
    };
  }

  protected targetSink(): TargetSink {
    const { client, recorder, bytes } = this.host;
    const screen = this.#screen;
    const watchers = this.#watchers;
    return {
      data: (chunk) => {
        if (this.done) return;
        bytes.out += chunk.length;
        if (!recorder.output(chunk)) this.targetHolds.hold(HOLD.recorder);
        screen.output(chunk);
        watchers.output(chunk);
        if (!client.write(chunk)) this.targetHolds.hold(HOLD.slowReader);
      },
      stderr: (chunk) => {
        if (this.done) return;
        bytes.out += chunk.length;
        if (!recorder.stderr(chunk)) this.targetHolds.hold(HOLD.recorder);
        screen.output(chunk);
        watchers.output(chunk);
        if (!client.writeError(chunk)) this.targetHolds.hold(HOLD.slowReader);
      },
      drain: () => this.clientHolds.release(HOLD.slowReader),
      eof: () => {
        if (!this.done) this.targetEof();
      },
      exit: (status) => {
        if (!this.done) this.targetExit(status);
      },
      closed: (error) => this.targetClosed(error),
    };
  }
}
