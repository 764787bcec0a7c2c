import headless from '@xterm/headless';
import { type IPty, spawn } from 'node-pty';

const PATIENCE_MS = 20_000;

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A program on a real pty, seen through a terminal emulator as a person would see it. */
export class Terminal implements Disposable {
  readonly #pty: IPty;
  readonly #emulator: InstanceType<typeof headless.Terminal>;
  readonly #waiting = new Set<() => void>();
  readonly exit: Promise<{ exitCode: number; signal?: number | undefined }>;
  /** Everything it wrote. */
  raw = '';
  #ended = false;

  constructor(file: string, args: readonly string[], size: TerminalSize = { cols: 100, rows: 30 }) {
    this.#emulator = new headless.Terminal({ ...size, allowProposedApi: true });
    this.#pty = spawn(file, [...args], { ...size, name: 'xterm-256color', env: { ...process.env, LANG: 'C.UTF-8' } });
    // as a real terminal does: programs ask for the cursor, colours and attributes
    this.#emulator.onData((answer) => {
      if (!this.#ended) this.#pty.write(answer);
    });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#emulator.write(data, () => {
        for (const check of [...this.#waiting]) check();
      });
    });
    // ended, and all it wrote is on the screen
    this.exit = new Promise((resolve) => {
      this.#pty.onExit((how) => {
        this.#ended = true;
        this.#emulator.write('', () => resolve(how));
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The rows of the screen, without blanks at their ends. */
  rows(): string[] {
    const buffer = this.#emulator.buffer.active;
    return Array.from(
      { length: this.#emulator.rows },
      (_, y) =>
        buffer
          .getLine(buffer.baseY + y)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  }

  /** The whole screen as one text, without the empty rows at its end. */
  screen(): string {
    return this.rows().join('\n').trimEnd();
  }

  get onAlternateScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Types a line and its Enter. */
  enter(line: string): void {
    this.#pty.write(`${line}\r`);
  }

  resize(cols: number, rows: number): void {
    this.#emulator.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (!this.#ended) this.#pty.kill(signal);
  }

  /** Resolves when the screen matches; a function judges the whole screen. */
  shows(wanted: RegExp | ((screen: string) => boolean), timeoutMs = PATIENCE_MS): Promise<void> {
    const matches = typeof wanted === 'function' ? wanted : (screen: string) => wanted.test(screen);
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle();
      };
      const check = () => {
        if (matches(this.screen())) done(resolve);
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`never saw ${wanted}; the screen is:\n${this.screen()}`))),
        timeoutMs,
      );
      this.#waiting.add(check);
      check();
    });
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}
