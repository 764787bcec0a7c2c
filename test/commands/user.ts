import headless from '@xterm/headless';
import type { ClientChannel, ClientSink, Size } from '../../src/kernel/channel.ts';
import { presses } from './keys.ts';

const PATIENCE_MS = 15_000;
/** A person's next key comes when the last one is seen; what shows nothing is not waited for longer than this. */
const UNSEEN_CHARACTER_MS = 400;
const UNSEEN_KEY_MS = 60;
/** A screen that was still for so long is finished, as far as a person can tell. */
const STILL_MS = 4;

/** One person at one terminal, in the place of a gateway. */
export class User implements ClientChannel {
  readonly #emulator: InstanceType<typeof headless.Terminal>;
  readonly #changed = new Set<() => void>();
  readonly #began = performance.now();
  #sink!: ClientSink;
  #heard = 0;
  #heardBeforeInput = 0;
  #closed = false;
  /** What went each way, for a person who looks for the reason of a failure. */
  readonly trace: string[] = [];

  constructor(size: Size) {
    this.#emulator = new headless.Terminal({ cols: size.cols, rows: size.rows, allowProposedApi: true });
    // as a real terminal does: programs ask for the cursor, colours and attributes
    this.#emulator.onData((answer) => this.#send(answer));
  }

  attach(sink: ClientSink): void {
    this.#sink = sink;
  }

  write(chunk: Buffer): boolean {
    this.#note('<', chunk.toString());
    this.#emulator.write(chunk, () => {
      this.#heard++;
      for (const check of [...this.#changed]) check();
    });
    return true;
  }

  writeError(chunk: Buffer): boolean {
    return this.write(chunk);
  }

  close(): void {
    this.#closed = true;
    for (const check of [...this.#changed]) check();
  }

  eof(): void {}
  exit(): void {}
  pause(): void {}
  resume(): void {}

  /** Types at the pace of somebody who looks at the screen. */
  async type(text: string): Promise<void> {
    for (const press of this.#presses(text)) {
      const { bytes, printable } = press();
      const heard = this.#heard;
      this.#input(bytes);
      await this.#seen(heard, printable ? UNSEEN_CHARACTER_MS : UNSEEN_KEY_MS);
    }
  }

  /** All at once, as a script or a raw paste does. */
  fast(text: string): void {
    this.#input(
      this.#presses(text)
        .map((press) => press().bytes)
        .join(''),
    );
  }

  /** As a terminal pastes: line breaks become Enter, in brackets when the program asked for them. */
  paste(text: string): void {
    const keys = text.replaceAll('\n', '\r');
    this.#input(this.#emulator.modes.bracketedPasteMode ? `\x1b[200~${keys}\x1b[201~` : keys);
  }

  resize(size: Size): void {
    this.#note('resize', `${size.cols}x${size.rows}`);
    this.#emulator.resize(size.cols, size.rows);
    this.#heardBeforeInput = this.#heard;
    this.#sink.resize(size);
  }

  /** Resolves when the screen shows this text; between slashes it is a regular expression. */
  async expect(wanted: string): Promise<void> {
    const pattern = /^\/(.*)\/$/s.exec(wanted);
    const regex = pattern && new RegExp(pattern[1]!, 'm');
    await this.#until(`"${wanted}"`, () => (regex ? regex.test(this.screen()) : this.screen().includes(wanted)));
  }

  /** Resolves when something came since the last input and the cursor stands right behind this text. */
  async at(text: string): Promise<void> {
    await this.#until(`the cursor behind "${text}"`, () => {
      const { baseY, cursorX, cursorY } = this.#emulator.buffer.active;
      const row = this.#emulator.buffer.active.getLine(baseY + cursorY)?.translateToString(false, 0, cursorX) ?? '';
      return this.#heard > this.#heardBeforeInput && row.endsWith(text);
    });
  }

  screen(): string {
    const buffer = this.#emulator.buffer.active;
    const rows = Array.from({ length: this.#emulator.rows }, (_, y) =>
      (buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? '').trimEnd(),
    );
    return rows.join('\n').trimEnd();
  }

  dispose(): void {
    this.#emulator.dispose();
  }

  #presses(text: string) {
    return presses(text, () => this.#emulator.modes.applicationCursorKeysMode);
  }

  #input(keys: string): void {
    this.#heardBeforeInput = this.#heard;
    this.#send(keys);
  }

  #send(keys: string): void {
    if (this.#closed) return;
    this.#note('>', keys);
    this.#sink.data(Buffer.from(keys));
  }

  #note(direction: string, what: string): void {
    const at = (performance.now() - this.#began).toFixed(0).padStart(6);
    this.trace.push(`${at} ${direction} ${JSON.stringify(what)}`);
  }

  /** Resolves when output followed and the screen is still, or nothing came in time. */
  #seen(heard: number, patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      let timer = setTimeout(done, patienceMs);
      const check = () => {
        if (this.#heard === heard) return;
        clearTimeout(timer);
        timer = setTimeout(done, STILL_MS);
      };
      const changed = this.#changed;
      changed.add(check);
      function done() {
        changed.delete(check);
        resolve();
      }
    });
  }

  #until(what: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer);
        this.#changed.delete(check);
        done();
      };
      const check = () => {
        if (holds()) settle(resolve);
        else if (this.#closed) settle(() => reject(new Error(`ended before it saw ${what}:\n${this.screen()}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`never saw ${what}; the screen is:\n${this.screen()}`))),
        PATIENCE_MS,
      );
      this.#changed.add(check);
      check();
    });
  }
}
