import { isWide } from '../kernel/wide.ts';
import { EditedLine, LINE_COLUMNS, type LineSink } from './edited-line.ts';

/** How often REP repeats a character at most: a few bytes must not make long lines. */
const REPEATED = 256;
const SPACE = 0x20;
const ESC = 0x1b;

type State = 'ground' | 'escape' | 'charset' | 'sequence' | 'string' | 'string-escape';

/**
 * Turns terminal output into lines of text. It knows one line, not a screen: carriage returns, backspaces and the
 * sequences that line editors use change the line as they do on a terminal (ECMA-48, and xterm where that is silent);
 * a move to another row ends it. Bounded in memory and time per character, whatever the output holds; how the output is
 * cut into calls of `write` makes no difference.
 */
export class TerminalText {
  readonly #line: EditedLine;
  #state: State = 'ground';
  #parameters = '';
  #private = false;
  /** Which of the two character sets draw lines instead of letters, and which one is in use. */
  readonly #drawing = [false, false];
  #set = 0;
  #designates = 0;
  #high = 0;
  #last = SPACE;

  /** @param width columns of the terminal; Infinity without one */
  constructor(sink: LineSink, width: number) {
    this.#line = new EditedLine(sink, width);
  }

  resize(width: number): void {
    this.#line.resize(width);
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
    this.#line.break(false);
  }

  #put(code: number, width: number, ms: number): void {
    this.#last = this.#drawing[this.#set] && code >= 0x60 && code < 0x7f ? SPACE : code;
    this.#line.put(this.#last, width, ms);
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
        this.#line.moveBy(-1);
        break;
      case 0x09:
        this.#line.tab();
        break;
      case 0x0a:
      case 0x0b:
      case 0x0c:
        this.#line.break(false);
        break;
      case 0x0d:
        this.#line.moveToColumn(0);
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
    else if (code === 0x84 || code === 0x85) this.#line.break(false);
    else if (code === 0x8d) this.#line.break(true);
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
    else if (char === 'D' || char === 'E') this.#line.break(false);
    else if (char === 'M' || char === '8') this.#line.break(true);
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
        this.#line.moveBy(count);
        break;
      case 'D':
        this.#line.moveBy(-count);
        break;
      case 'G':
      case '`':
        this.#line.moveToColumn(count - 1);
        break;
      case 'A':
        this.#line.moveRows(-count);
        break;
      case 'B':
      case 'e':
        this.#line.moveRows(count);
        break;
      case 'H':
      case 'f':
      case 'd':
      case 'E':
      case 'F':
      case 'L':
      case 'M':
        this.#line.break(true);
        break;
      case 'J':
        if (first >= 2) this.#line.break(true);
        else if (first === 0) this.#line.eraseToEnd();
        break;
      case 'K':
        if (!this.#private) this.#eraseLine(first);
        break;
      case 'X':
        this.#line.eraseNext(count);
        break;
      case 'P':
        this.#line.closeGap(count);
        break;
      case '@':
        this.#line.openGap(count);
        break;
      case 'b':
        this.#line.repeat(this.#last, Math.min(count, REPEATED));
        return;
      case 'h':
      case 'l':
        if (this.#private && /^(47|1047|1049)$/.test(this.#parameters)) this.#line.break(true);
        else if (!this.#private && first === 4) this.#line.insert = final === 'h';
    }
  }

  #eraseLine(which: number): void {
    if (which === 0) this.#line.eraseToEnd();
    else if (which === 1) this.#line.eraseToCursor();
    else this.#line.eraseFromRowStart();
  }

  #reset(): void {
    this.#line.break(true);
    this.#line.insert = false;
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
