import type { MenuTerminal } from './types.ts';

/** What stands on the screen: styled lines, each narrower than the terminal, and the cursor's column in the first one. */
export interface Frame {
  readonly lines: readonly string[];
  readonly cursor: number;
}

/** Undoes what a session that broke off may have left: alternate screen, scroll region, mouse, paste and key modes, colours. */
const RESTORE =
  '\x1b7\x1b[?1049l\x1b7\x1b[r\x1b8\x1b[?7h\x1b[?1l\x1b>\x1b[4l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b(B\x0f\x1b[m\x1b[?25h';

/**
 * Draws a region of a few lines where the cursor is, and keeps it there: no alternate screen, so everything else
 * scrolls as usual. The cursor always rests in the region's first line, with the rest below it; so whatever a resize
 * does to the lines, erasing from the cursor on removes the region. Each drawing is one write of what has changed.
 */
export class Screen {
  readonly #terminal: MenuTerminal;
  #lines: readonly string[] = [];
  #cursor = 0;
  #source: { frame(): Frame } | undefined;

  constructor(terminal: MenuTerminal) {
    this.#terminal = terminal;
  }

  /** Columns a line may take: the last one stays free, or the terminal would wrap. */
  get width(): number {
    return Math.max(8, (this.#terminal.size.cols || 80) - 1);
  }

  get rows(): number {
    return this.#terminal.size.rows || 24;
  }

  /** Sets what `refresh` draws. */
  show(source: { frame(): Frame } | undefined): void {
    this.#source = source;
  }

  refresh(): void {
    if (this.#source) this.draw(this.#source.frame());
  }

  /** The terminal has another size: its lines may lie differently now, so all of the region is drawn anew. */
  resized(): void {
    if (!this.#source) return;
    this.erase();
    this.refresh();
  }

  draw(frame: Frame): void {
    let out = this.#lines.length === 0 ? '\r' : '';
    let row = 0;
    const goTo = (target: number) => {
      if (target > row) out += `\x1b[${target - row}B`;
      if (target < row) out += `\x1b[${row - target}A`;
      out += '\r';
      row = target;
    };
    const lines = frame.lines.slice(0, Math.max(1, this.rows - 1));
    for (const [i, line] of lines.entries()) {
      if (i < this.#lines.length) {
        if (line === this.#lines[i]) continue;
        goTo(i);
      } else if (i > 0) {
        // a line the region does not have yet: the terminal scrolls if it must
        goTo(i - 1);
        out += '\n';
        row = i;
      }
      out += `${line}\x1b[K`;
    }
    if (lines.length < this.#lines.length) {
      goTo(lines.length);
      out += '\x1b[J';
    }
    if (out === '' && frame.cursor === this.#cursor) return;
    goTo(0);
    if (frame.cursor > 0) out += `\x1b[${frame.cursor}C`;
    this.#lines = lines;
    this.#cursor = frame.cursor;
    // one visible jump of the cursor instead of many
    this.#terminal.write(lines.length > 1 ? `\x1b[?25l${out}\x1b[?25h` : out);
  }

  /** Forgets what was drawn and takes it away: after a resize, and before somebody else writes. */
  erase(): void {
    if (this.#lines.length > 0) this.#terminal.write('\r\x1b[J');
    this.#lines = [];
    this.#cursor = 0;
  }

  /** Puts lines above the region, where they stay and scroll away. */
  print(lines: readonly string[]): void {
    this.erase();
    this.#terminal.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Takes the last printed line back. */
  unprint(): void {
    this.#terminal.write('\x1b[1A\r\x1b[J');
  }

  /** Makes the terminal fit for the menu after somebody else had it. */
  restore(): void {
    this.#terminal.write(`${RESTORE}\r\n`);
  }

  /** Empties the visible screen. */
  clear(): void {
    this.erase();
    this.#terminal.write('\x1b[H\x1b[2J');
  }
}
