import * as headless from '@xterm/headless';
import type { Size } from '../../kernel/channel.ts';
import { FRESH, type ModeTracker, transition } from '../../kernel/term-modes.ts';
import { boundTerminal } from '../../kernel/terminal-bounds.ts';
import { boundedSize, sliceFor } from '../../kernel/terminal-picture.ts';

const { Terminal } = (headless as { default?: typeof headless }).default ?? headless;
type Xterm = InstanceType<typeof Terminal>;
type Cell = NonNullable<ReturnType<NonNullable<ReturnType<Xterm['buffer']['active']['getLine']>>['getCell']>>;

/** Rows kept above the screen, so that a line that scrolls while it is typed can still be read. */
const SCROLLBACK = 60;
/** Of an input line no more rows are read. */
const MOST_ROWS = 40;
/** A cell nobody ever wrote to. */
export const UNWRITTEN = '\0';

/** What is used of the library beyond its declared interface; the version is pinned. */
interface Core {
  writeSync(data: Uint8Array): void;
}

/** Rows that belong together because the terminal wrapped them. */
export interface LogicalRow {
  readonly first: number;
  readonly last: number;
  /** Cells nobody wrote to are `UNWRITTEN`. */
  readonly text: string;
  /** Where in the text the cursor is, -1 when it is on another row. */
  readonly cursor: number;
  /** The last cell of the last row is written. */
  readonly full: boolean;
}

export interface ScreenEvents {
  readonly osc: (id: number, data: string) => void;
  /** The program does not ask for brackets around pastes any more. Told while the output is drawn. */
  readonly pasteOff: () => void;
}

/** Columns in which a line may stand: all of them, or a pane's. */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** The terminal on which a session's command lines are read. Rows are counted from the top of what is kept. */
export class CommandScreen {
  readonly #terminal: Xterm;
  readonly #core: Core;
  readonly #modes: ModeTracker;
  #cell: Cell | undefined;
  #alternations = 0;

  /** `modes`: in force where the output begins that it will be given. */
  constructor(size: Size, modes: ModeTracker, events: ScreenEvents) {
    this.#terminal = new Terminal({
      ...boundedSize(size),
      scrollback: SCROLLBACK,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#core = (this.#terminal as unknown as { _core: Core })._core;
    boundTerminal(this.#terminal);
    this.#modes = modes;
    for (const id of [7, 133, 633]) {
      this.#terminal.parser.registerOscHandler(id, (data) => {
        events.osc(id, data);
        return true;
      });
    }
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => {
      if (parameters.some((one) => one === 1049 || one === 1047 || one === 47)) this.#alternations++;
      return false;
    });
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, (parameters) => {
      if (parameters.includes(2004)) events.pasteOff();
      return false;
    });
    // what was drawn before is not known: most likely enough to fill the screen
    this.#core.writeSync(Buffer.from(`\x1b[${this.#terminal.rows};1H${transition(FRESH, modes.state)}`));
    if (modes.partial.length > 0) this.#core.writeSync(modes.partial);
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get alternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** How often a program switched to the alternate screen. */
  get alternations(): number {
    return this.#alternations;
  }

  get bracketedPaste(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  get top(): number {
    return this.#terminal.buffer.active.baseY;
  }

  get cursorRow(): number {
    const { baseY, cursorY } = this.#terminal.buffer.active;
    return baseY + cursorY;
  }

  get cursorCol(): number {
    return this.#terminal.buffer.active.cursorX;
  }

  /** How many bytes can be drawn in one step without keeping the thread for long. */
  get slice(): number {
    return sliceFor(this.#terminal);
  }

  write(bytes: Buffer): void {
    this.#modes.scan(bytes);
    this.#core.writeSync(bytes);
  }

  resize(size: Size): void {
    const { cols, rows } = boundedSize(size);
    this.#terminal.resize(cols, rows);
  }

  /** Something that moves along with the cursor's row. Undefined on the alternate screen. */
  mark(): Mark | undefined {
    return this.#terminal.registerMarker(0);
  }

  /** The text of a row; `from` and `to` are columns. */
  row(at: number, from = 0, to = this.#terminal.cols): string {
    const line = this.#terminal.buffer.active.getLine(at);
    if (!line) return '';
    let text = '';
    for (let col = from; col < to; col++) {
      this.#cell = line.getCell(col, this.#cell);
      if (!this.#cell) break;
      if (this.#cell.getWidth() === 0) continue;
      text += this.#cell.getChars() || UNWRITTEN;
    }
    return text;
  }

  #written(at: number, col: number): boolean {
    const cell = this.#at(at, col);
    return cell !== undefined && (cell.getWidth() === 0 || cell.getCode() !== 0);
  }

  #at(row: number, col: number): Cell | undefined {
    this.#cell = this.#terminal.buffer.active.getLine(row)?.getCell(col, this.#cell);
    return this.#cell;
  }

  /** The character of one cell. */
  char(row: number, col: number): string {
    return this.#at(row, col)?.getChars() ?? '';
  }

  /** Whether what stands at the cursor and behind it looks faint all along, and what stands before it does not. */
  faintFromCursor(length: number, bounds?: Bounds): boolean {
    const { cursorRow, cursorCol } = this;
    const to = bounds?.to ?? this.cols;
    let seen = 0;
    for (let row = cursorRow, col = cursorCol; seen < length && row < cursorRow + MOST_ROWS; col++) {
      if (col >= to) {
        row++;
        col = (bounds?.from ?? 0) - 1;
        continue;
      }
      const cell = this.#at(row, col);
      if (!cell) return false;
      if (cell.getWidth() === 0) continue;
      seen += Math.max(1, cell.getChars().length);
      if (cell.getChars().trim() !== '' && !isFaint(cell)) return false;
    }
    const before = cursorCol > 0 ? this.#at(cursorRow, cursorCol - 1) : undefined;
    return !before || before.getChars().trim() === '' || !isFaint(before);
  }

  /** The row at this place with those the terminal wrapped before and behind it. */
  logical(at: number, bounds?: Bounds): LogicalRow {
    const joined = (row: number) => row > 0 && !bounds && this.#isWrapped(row);
    let first = at;
    while (at - first < MOST_ROWS && joined(first)) first--;
    let last = at;
    while (last - first < MOST_ROWS && joined(last + 1)) last++;
    let text = '';
    let cursor = -1;
    const { cursorRow } = this;
    const from = bounds?.from ?? 0;
    const to = bounds?.to ?? this.cols;
    for (let row = first; row <= last; row++) {
      if (row === cursorRow) cursor = text.length + this.row(row, from, Math.max(from, this.cursorCol)).length;
      let cells = this.row(row, from, to);
      // a wide character that did not fit any more went to the next row
      if (row < last && cells.endsWith(UNWRITTEN)) cells = cells.slice(0, -1);
      text += cells;
    }
    return { first, last, text, cursor, full: this.#written(last, to - 1) };
  }

  sameBounds(one: Bounds, other: Bounds): boolean {
    return one.from === other.from && one.to === other.to;
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  /** Told by the terminal, unless the row above ends before the edge: then it is left over from a longer line. */
  #isWrapped(row: number): boolean {
    const { active } = this.#terminal.buffer;
    if (!active.getLine(row)?.isWrapped) return false;
    return this.#written(row - 1, this.cols - 1) || (this.#written(row - 1, this.cols - 2) && this.#isWide(row, 0));
  }

  #isWide(row: number, col: number): boolean {
    return this.#at(row, col)?.getWidth() === 2;
  }
}

export interface Mark {
  /** The row, counted as the screen does; -1 once it is gone. */
  readonly line: number;
  dispose(): void;
}

function isFaint(cell: Cell): boolean {
  if (cell.isDim()) return true;
  const color = cell.getFgColor();
  // bright black, and of the 256 colours the greys and the cube's own
  if (cell.isFgPalette()) return color === 8 || (color >= 236 && color <= 248) || color === 59 || color === 102;
  if (!cell.isFgRGB()) return false;
  const [red, green, blue] = [color >> 16, (color >> 8) & 255, color & 255];
  const most = Math.max(red, green, blue);
  return most - Math.min(red, green, blue) <= 40 && most >= 48 && most <= 180;
}
