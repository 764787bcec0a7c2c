import { StdinLines } from './commands/stdin-lines.ts';
import { HOLD } from './holds.ts';
import { withoutRight } from './missing-right.ts';
import type { PumpHost } from './pump.ts';
import { StreamPump } from './stream-pump.ts';
import type { EndReason } from './types.ts';

/** Carries a command without a terminal: stdin one way, stdout and stderr the other. Its input is not recorded. */
export class ExecPump extends StreamPump {
  readonly #lines: StdinLines | undefined;
  /**
   * What was under way to the target already when it was locked: a line that was approved meanwhile. It goes before
   * what came.
   */
  readonly #held: (() => void)[] = [];

  /** `lines`: what comes in is commands for a shell, one a line. */
  constructor(host: PumpHost, lines: boolean) {
    super(host);
    if (lines) this.#lines = this.#stdinLines();
  }

  override finish(reason: EndReason, text: string | undefined): void {
    this.#lines?.stop();
    super.finish(reason, text);
  }

  override unlock(): void {
    this.locked = false;
    for (const event of this.#held.splice(0)) event();
    super.unlock();
  }

  protected input(chunk: Buffer): void {
    this.host.label?.take(chunk);
    this.host.exec?.input(chunk);
    if (this.#lacksRight()) return;
    if (this.#lines) this.#lines.take(chunk);
    else this.#forward(chunk);
  }

  protected inputEnd(): void {
    if (this.#lines) this.#lines.end();
    else this.host.target.eof();
  }

  protected output(chunk: Buffer): void {
    const { client, exec, recorder } = this.host;
    if (this.#lacksRight()) return;
    exec?.output(chunk);
    if (exec?.carriesFiles) recorder.passed(chunk);
    else if (!recorder.output(chunk)) this.targetHolds.hold(HOLD.recorder);
    if (!client.write(chunk)) this.targetHolds.hold(HOLD.slowReader);
  }

  /** A right that the files under way need is gone: then nothing passes any more. */
  #lacksRight(): boolean {
    const missing = this.host.exec?.missing();
    if (missing) this.host.over(withoutRight(missing));
    return missing !== undefined;
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
}
