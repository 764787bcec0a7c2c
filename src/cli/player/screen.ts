import serializeAddon from '@xterm/addon-serialize';
import headless, { type IBufferCell } from '@xterm/headless';
import { boundTerminal } from '../../kernel/terminal-bounds.ts';
import { clean } from '../output/text.ts';

/** Hostile output can make each byte expensive. */
const SLICE = 1024;

type Terminal = InstanceType<typeof headless.Terminal>;

/**
 * A terminal in memory. It takes a session's output and says what its screen shows, row by row, as text with colours
 * only: whatever else the session sent (queries, titles, clipboard, palette, keyboard modes) ends here and never
 * reaches the person who looks on.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #serializer = new serializeAddon.SerializeAddon();
  #cursorHidden = false;

  constructor(cols: number, rows: number) {
    this.#terminal = new headless.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true });
    this.#terminal.loadAddon(this.#serializer);
    boundTerminal(this.#terminal);
    const cursor = (hidden: boolean) => (params: (number | number[])[]) => {
      if (params.includes(25)) this.#cursorHidden = hidden;
      return false;
    };
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, cursor(false));
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, cursor(true));
    this.#terminal.parser.registerEscHandler({ final: 'c' }, () => {
      this.#cursorHidden = false;
      return false;
    });
  }

  /** Resolves when the bytes have been taken in. In slices, between which the library lets keys and signals through. */
  write(data: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(data as string);
    for (let at = 0; at + SLICE < bytes.length; at += SLICE) this.#terminal.write(bytes.subarray(at, at + SLICE));
    const last = bytes.length === 0 ? 0 : Math.floor((bytes.length - 1) / SLICE) * SLICE;
    return new Promise((resolve) => this.#terminal.write(bytes.subarray(last), resolve));
  }

  resize(cols: number, rows: number): void {
    if (cols > 0 && rows > 0) this.#terminal.resize(cols, rows);
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Where the cursor stands, from 0. */
  get cursor(): { readonly x: number; readonly y: number; readonly hidden: boolean } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: Math.min(cursorX, this.cols - 1), y: cursorY, hidden: this.#cursorHidden };
  }

  /** One row of the screen, at most `width` columns, as text and SGR sequences that end in a reset. */
  row(y: number, width: number): string {
    const buffer = this.#terminal.buffer.active;
    // beyond its last row the emulator begins again with the first
    const line = y < this.rows ? buffer.getLine(buffer.baseY + y) : undefined;
    if (!line) return '';
    let out = '';
    let style = '';
    let blanks = 0;
    const cell = buffer.getNullCell();
    for (let x = 0; x < Math.min(width, this.cols); x++) {
      line.getCell(x, cell);
      const columns = cell.getWidth();
      // the second half of a wide character has no width of its own
      if (columns === 0) continue;
      if (x + columns > width) break;
      const chars = cell.getChars();
      const now = styleOf(cell);
      if (now === '' && style === '' && (chars === '' || chars === ' ')) {
        blanks++;
        continue;
      }
      out += ' '.repeat(blanks);
      blanks = 0;
      if (now !== style) out += `\x1b[0${now}m`;
      style = now;
      out += clean(chars) || ' '.repeat(columns);
    }
    return style === '' ? out : `${out}\x1b[0m`;
  }

  /** The rows as plain text, without the empty ones at the end. */
  text(): string[] {
    const buffer = this.#terminal.buffer.active;
    const rows = Array.from(
      { length: this.rows },
      (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? '',
    );
    return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1).map(clean);
  }

  /** What brings a new screen of the same size into this state. */
  serialize(): string {
    return this.#serializer.serialize({ scrollback: 0 }) + (this.#cursorHidden ? '\x1b[?25l' : '');
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

/** The SGR parameters of a cell (ECMA-48 §8.3.117), each with a `;` before it; empty for plain text. */
function styleOf(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return '';
  let style = '';
  if (cell.isBold()) style += ';1';
  if (cell.isDim()) style += ';2';
  if (cell.isItalic()) style += ';3';
  if (cell.isUnderline()) style += ';4';
  if (cell.isBlink()) style += ';5';
  if (cell.isInverse()) style += ';7';
  if (cell.isInvisible()) style += ';8';
  if (cell.isStrikethrough()) style += ';9';
  if (cell.isOverline()) style += ';53';
  if (cell.isFgRGB()) style += `;38;${rgb(cell.getFgColor())}`;
  else if (cell.isFgPalette()) style += `;38;5;${cell.getFgColor()}`;
  if (cell.isBgRGB()) style += `;48;${rgb(cell.getBgColor())}`;
  else if (cell.isBgPalette()) style += `;48;5;${cell.getBgColor()}`;
  return style;
}

const rgb = (colour: number) => `2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`;
