import { isWide } from '../kernel/wide.ts';

/** A longer line goes on as another one, which begins with the last `OVERLAP` columns so that a text across the cut is found. */
const LINE_COLUMNS = 4096;
const OVERLAP = 256;
/** The right half of a wide character. */
const FILLER = 0;
/** How often REP repeats a character at most: a few bytes must not make long lines. */
const REPEATED = 256;
const SPACE = 0x20;
const ESC = 0x1b;

type State = 'ground' | 'escape' | 'charset' | 'sequence' | 'string' | 'string-escape';

/** Takes each line of text that stood on a terminal, as code points, one column each, `FILLER` after wide ones. */
export interface LineSink {
  /**
   * @param cells valid during the call
   * @param ms when the last character of the line came
   * @param piece a piece of a drawn screen rather than a line that was ended: what is redrawn comes again and again
   */
  line(cells: Uint32Array, length: number, ms: number, piece: boolean): void;
}

/**
 * Turns terminal output into lines of text. It knows one line, not a screen: carriage returns, backspaces and the
 * sequences that line editors use change the line as they do on a terminal (ECMA-48, and xterm where that is silent);
 * a move to another row ends it. Bounded in memory and time per character, whatever the output holds; how the output is
 * cut into calls of `write` makes no difference.
 */
export class TerminalText {
  readonly #sink: LineSink;
  readonly #cells = new Uint32Array(LINE_COLUMNS + 2);
  /** Columns of a row, to find the row's beginning in a line that was wrapped. */
  #width: number;
  #length = 0;
  #column = 0;
  #ms = 0;
  #state: State = 'ground';
  #parameters = '';
  #private = false;
  #insert = false;
  /** Which of the two character sets draw lines instead of letters, and which one is in use. */
  readonly #drawing = [false, false];
  #set = 0;
  #designates = 0;
  #high = 0;
  #last = SPACE;

  /** @param width columns of the terminal; Infinity without one */
  constructor(sink: LineSink, width: number) {
    this.#sink = sink;
    this.#width = width;
  }

  resize(width: number): void {
    this.#width = Math.max(1, width);
  }

  write(text: string, ms: number): void {
    const end = text.length;
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at);
      if (this.#state !== 'ground') this.#continue(code);
      else if (code >= SPACE && code < 0x7f) this.#put(code, 1, ms);
      else if (code < SPACE) this.#control(code);
      else if (code >= 0x80) this.#beyondAscii(code, ms);
    }
  }

  /** Hands out the line that was not ended. */
  end(): void {
    this.#break(false);
  }

  #put(code: number, width: number, ms: number): void {
    if (this.#column + width > LINE_COLUMNS) this.#cut();
    const cells = this.#cells;
    if (this.#column > this.#length) cells.fill(SPACE, this.#length, this.#column);
    if (this.#insert && this.#column < this.#length) this.#openGap(width);
    const shown = this.#drawing[this.#set] && code >= 0x60 && code < 0x7f ? SPACE : code;
    cells[this.#column++] = shown;
    if (width === 2) cells[this.#column++] = FILLER;
    if (this.#column > this.#length) this.#length = this.#column;
    this.#last = shown;
    this.#ms = ms;
  }

  #beyondAscii(code: number, ms: number): void {
    if (code < 0xa0) {
      this.#c1(code);
      return;
    }
    if (code >= 0xd800 && code < 0xdc00) {
      this.#high = code;
      return;
    }
    let point = code;
    if (code >= 0xdc00 && code < 0xe000) {
      if (this.#high === 0) return;
      point = 0x10000 + ((this.#high - 0xd800) << 10) + (code - 0xdc00);
    }
    this.#high = 0;
    if (isInvisible(point)) return;
    this.#put(point, point >= 0x1100 && isWide(String.fromCodePoint(point)) ? 2 : 1, ms);
  }

  #control(code: number): void {
    switch (code) {
      case 0x08:
        this.#moveTo(this.#column - 1);
        break;
      case 0x09:
        this.#moveTo((this.#column | 7) + 1);
        break;
      case 0x0a:
      case 0x0b:
      case 0x0c:
        this.#break(false);
        break;
      case 0x0d:
        this.#column = this.#rowStart();
        break;
      case 0x0e:
        this.#set = 1;
        break;
      case 0x0f:
        this.#set = 0;
        break;
      case ESC:
        this.#state = 'escape';
        break;
    }
  }

  #c1(code: number): void {
    if (code === 0x9b) this.#beginSequence();
    else if (code === 0x90 || code === 0x98 || code >= 0x9d) this.#state = 'string';
    else if (code === 0x84 || code === 0x85) this.#break(false);
    else if (code === 0x8d) this.#break(true);
  }

  /** Inside an escape sequence. */
  #continue(code: number): void {
    if (code === 0x18 || code === 0x1a) {
      this.#state = 'ground';
      return;
    }
    switch (this.#state) {
      case 'escape':
        this.#escape(code);
        break;
      case 'charset':
        if (this.#designates < 2) this.#drawing[this.#designates] = code === 0x30;
        this.#state = 'ground';
        break;
      case 'sequence':
        this.#sequenceByte(code);
        break;
      case 'string':
        if (code === 0x07 || code === 0x9c) this.#state = 'ground';
        else if (code === ESC) this.#state = 'string-escape';
        break;
      case 'string-escape':
        if (code === 0x5c) this.#state = 'ground';
        else this.#escape(code);
        break;
    }
  }

  #escape(code: number): void {
    this.#state = 'ground';
    const char = String.fromCharCode(code);
    if (char === '[') this.#beginSequence();
    else if (char === ']' || char === 'P' || char === 'X' || char === '^' || char === '_') this.#state = 'string';
    else if (code >= 0x20 && code < 0x30) {
      this.#designates = char === '(' ? 0 : char === ')' ? 1 : 2;
      this.#state = 'charset';
    } else if (code === ESC) this.#state = 'escape';
    else if (char === 'D' || char === 'E') this.#break(false);
    else if (char === 'M' || char === '8') this.#break(true);
    else if (char === 'c') this.#reset();
    else if (code < SPACE) this.#control(code);
  }

  #beginSequence(): void {
    this.#state = 'sequence';
    this.#parameters = '';
    this.#private = false;
  }

  #sequenceByte(code: number): void {
    if (code === ESC) this.#state = 'escape';
    else if (code < SPACE) this.#control(code);
    else if (code >= 0x3c && code < 0x40) this.#private = true;
    else if (code < 0x40) {
      if (this.#parameters.length < 32) this.#parameters += String.fromCharCode(code);
    } else {
      this.#state = 'ground';
      if (code < 0x7f) this.#sequence(String.fromCharCode(code));
    }
  }

  #sequence(final: string): void {
    const first = Number.parseInt(this.#parameters, 10) || 0;
    const count = Math.min(Math.max(1, first), LINE_COLUMNS);
    switch (final) {
      case 'C':
      case 'a':
        this.#moveTo(this.#column + count);
        break;
      case 'D':
        this.#moveTo(this.#column - count);
        break;
      case 'G':
      case '`':
        this.#moveTo(this.#rowStart() + count - 1);
        break;
      case 'A':
        this.#moveRows(-count);
        break;
      case 'B':
      case 'e':
        this.#moveRows(count);
        break;
      case 'H':
      case 'f':
      case 'd':
      case 'E':
      case 'F':
      case 'L':
      case 'M':
        this.#break(true);
        break;
      case 'J':
        if (first >= 2) this.#break(true);
        else if (first === 0) this.#erase(this.#column, this.#length);
        break;
      case 'K':
        if (!this.#private)
          this.#erase(first === 0 ? this.#column : this.#rowStart(), first === 1 ? this.#column + 1 : this.#length);
        break;
      case 'X':
        this.#erase(this.#column, this.#column + count);
        break;
      case 'P':
        this.#closeGap(count);
        break;
      case '@':
        this.#openGap(count);
        break;
      case 'b':
        for (let i = 0; i < Math.min(count, REPEATED); i++) this.#put(this.#last, 1, this.#ms);
        return;
      case 'h':
      case 'l':
        if (this.#private && /^(47|1047|1049)$/.test(this.#parameters)) this.#break(true);
        else if (!this.#private && first === 4) this.#insert = final === 'h';
    }
  }

  #moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, LINE_COLUMNS));
  }

  /** Within a wrapped line the row above or below is a part of the same line. */
  #moveRows(rows: number): void {
    const to = this.#column + rows * this.#width;
    if (to >= 0 && to <= this.#length) this.#column = to;
    else this.#break(true);
  }

  /** Where the row of the cursor begins; behind the last column it still stands in that row. */
  #rowStart(): number {
    if (this.#column < this.#width) return 0;
    const column = this.#column === this.#length ? this.#column - 1 : this.#column;
    return column - (column % this.#width);
  }

  #erase(from: number, to: number): void {
    if (from >= this.#length) return;
    if (to >= this.#length) this.#length = from;
    else this.#cells.fill(SPACE, from, to);
  }

  #closeGap(count: number): void {
    if (this.#column >= this.#length) return;
    this.#cells.copyWithin(this.#column, this.#column + count, this.#length);
    this.#length = Math.max(this.#column, this.#length - count);
  }

  #openGap(count: number): void {
    if (this.#column >= this.#length) return;
    const length = Math.min(LINE_COLUMNS, this.#length + count);
    this.#cells.copyWithin(this.#column + count, this.#column, Math.max(this.#column, length - count));
    this.#cells.fill(SPACE, this.#column, Math.min(length, this.#column + count));
    this.#length = length;
  }

  #break(piece: boolean): void {
    if (this.#length > 0) this.#sink.line(this.#cells, this.#length, this.#ms, piece);
    this.#length = 0;
    this.#column = 0;
  }

  #cut(): void {
    const keep = Math.min(OVERLAP, this.#length);
    if (this.#length > 0) this.#sink.line(this.#cells, this.#length, this.#ms, false);
    this.#cells.copyWithin(0, this.#length - keep, this.#length);
    this.#length = keep;
    this.#column = keep;
  }

  #reset(): void {
    this.#break(true);
    this.#insert = false;
    this.#drawing.fill(false);
    this.#set = 0;
  }
}

/** What takes no place on the screen, or stands for bytes that were no text: it would only part what belongs together. */
function isInvisible(point: number): boolean {
  if (point < 0x200b) return point === 0xad;
  return (
    point <= 0x200f ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x2069) ||
    point === 0xfeff ||
    (point >= 0xfff9 && point <= 0xfffd)
  );
}
