import type { CliIo } from '../io.ts';
import { clean, pad, truncate } from '../output/text.ts';
import type { Screen } from './screen.ts';

const FRAME_MS = 30;
const MESSAGE_MS = 4000;

/**
 * Shows a screen on the viewer's terminal, whatever its size: only rows that changed are written, at most every
 * 30 ms, and none while the terminal is still busy with the last ones. A larger screen than the terminal is cut; the
 * part with the cursor stays in view. Below the screen, where there is room, stands a status line; where there is
 * none, messages cover the last row for four seconds.
 */
export class Viewer {
  readonly #io: CliIo;
  #screen: Screen;
  #shown: string[] = [];
  #status = '';
  #message = '';
  #frame: NodeJS.Timeout | undefined;
  #messageEnd: NodeJS.Timeout | undefined;
  #lastFrame = 0;
  #closed = false;

  constructor(io: CliIo, screen: Screen) {
    this.#io = io;
    this.#screen = screen;
  }

  /** Shows another screen from now on. */
  use(screen: Screen): void {
    this.#screen = screen;
    this.changed();
  }

  /** The screen has changed: it is drawn soon. */
  changed(): void {
    if (this.#closed || this.#frame) return;
    const wait = Math.max(0, this.#lastFrame + FRAME_MS - performance.now());
    this.#frame = setTimeout(() => this.#onFrame(), wait);
  }

  /** The viewer's terminal changed its size: everything is drawn anew. */
  resized(): void {
    this.#shown = [];
    if (!this.#closed) this.#io.stdout.write('\x1b[0m\x1b[2J');
    this.changed();
  }

  /** What the status line says while there is room for one. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.changed();
  }

  /** Tells something once. */
  say(text: string): void {
    this.#message = text;
    clearTimeout(this.#messageEnd);
    this.#messageEnd = setTimeout(() => {
      this.#message = '';
      this.changed();
    }, MESSAGE_MS);
    this.changed();
  }

  /** Whether the screen is larger than the terminal, so that part of it is not seen. */
  get cut(): boolean {
    return this.#screen.cols > this.#size().cols || this.#screen.rows > this.#size().rows;
  }

  /** Draws what is there at once. */
  draw(): void {
    const { stdout } = this.#io;
    const { cols, rows } = this.#size();
    const cursor = this.#screen.cursor;
    const top = Math.max(0, Math.min(cursor.y - rows + 1, this.#screen.rows - rows));
    const visible = Array.from({ length: rows }, (_, y) => this.#screen.row(top + y, cols));
    const line = this.#message || (rows > this.#screen.rows ? this.#status : '');
    if (line !== '') visible[rows - 1] = `\x1b[7m${pad(truncate(` ${clean(line)}`, cols), cols)}\x1b[0m`;

    let out = '';
    for (let y = 0; y < rows; y++) {
      if (visible[y] === this.#shown[y]) continue;
      // cleared first: clearing after a full row would take its last character
      out += `\x1b[${y + 1};1H\x1b[2K${visible[y]}`;
    }
    this.#shown = visible;
    const inView = !cursor.hidden && cursor.x < cols && !(line !== '' && cursor.y - top === rows - 1);
    out += inView ? `\x1b[${cursor.y - top + 1};${cursor.x + 1}H\x1b[?25h` : '\x1b[?25l';
    stdout.write(`\x1b[?25l${out}`);
    this.#lastFrame = performance.now();
  }

  /** Nothing is drawn any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#frame);
    clearTimeout(this.#messageEnd);
  }

  #onFrame(): void {
    this.#frame = undefined;
    if (this.#closed) return;
    const out = this.#io.stdout as NodeJS.WritableStream & { writableNeedDrain?: boolean };
    if (out.writableNeedDrain) out.once('drain', () => this.changed());
    else this.draw();
  }

  #size(): { cols: number; rows: number } {
    return { cols: this.#io.stdout.columns ?? 80, rows: this.#io.stdout.rows ?? 24 };
  }
}
