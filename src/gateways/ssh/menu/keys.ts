export type KeyName =
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-k'
  | 'ctrl-l'
  | 'ctrl-u'
  | 'ctrl-w';

/** A key, or a run of text that was typed or pasted (printable characters only). */
export type Key = { readonly name: KeyName } | { readonly text: string };

const ESC = 0x1b;
const CONTROLS: Readonly<Record<number, KeyName>> = {
  1: 'home',
  2: 'left',
  3: 'ctrl-c',
  4: 'ctrl-d',
  5: 'end',
  6: 'right',
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  11: 'ctrl-k',
  12: 'ctrl-l',
  13: 'enter',
  14: 'down',
  16: 'up',
  21: 'ctrl-u',
  23: 'ctrl-w',
  127: 'backspace',
};
const FINALS: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  M: 'enter',
};
const TILDES: Readonly<Record<string, KeyName>> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'page-up',
  '6': 'page-down',
  '7': 'home',
  '8': 'end',
};
const PASTE_END = Buffer.from('\x1b[201~');
const STRING_STARTS = new Set([...'PX]^_'].map((char) => char.charCodeAt(0)));
/** Kept while waiting for the rest of a sequence, or while nobody reads; what comes beyond it is dropped. */
const MAX_PENDING = 64 * 1024;
const MAX_SEQUENCE = 4096;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\ufffd]/gu;

/**
 * Turns the bytes of a keyboard into keys (ECMA-48 sequences as xterm sends them, UTF-8 text), one at a time and
 * however the bytes were cut into chunks. Unknown sequences and answers of the terminal are swallowed whole.
 */
export class KeyDecoder {
  #pending: Buffer = Buffer.alloc(0);
  #afterCr = false;
  #inPaste = false;

  push(chunk: Buffer): void {
    const room = MAX_PENDING - this.#pending.length;
    const taken = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#pending = this.#pending.length === 0 ? taken : Buffer.concat([this.#pending, taken]);
  }

  /** True while a lone Escape, or the beginning of a sequence, waits for what follows. */
  get waiting(): boolean {
    return this.#pending[0] === ESC && !this.#inPaste;
  }

  /** The next key, undefined when more bytes are needed. */
  next(): Key | undefined {
    while (this.#pending.length > 0) {
      const key = this.#inPaste ? this.#paste() : this.#pending[0] === ESC ? this.#sequence() : this.#plain();
      if (key === 'more') return undefined;
      if (key !== 'nothing') return key;
    }
    return undefined;
  }

  /** Nothing follows the Escape: it was the key itself; the beginning of a longer sequence is dropped. */
  flush(): Key | undefined {
    if (!this.waiting) return undefined;
    const alone = this.#pending.length === 1;
    this.#pending = Buffer.alloc(0);
    return alone ? { name: 'escape' } : undefined;
  }

  /** Takes the bytes that were not read yet, for somebody else. */
  takeRest(): Buffer {
    const rest = this.#afterCr && this.#pending[0] === 10 ? this.#pending.subarray(1) : this.#pending;
    this.#pending = Buffer.alloc(0);
    this.#afterCr = false;
    this.#inPaste = false;
    return rest;
  }

  #drop(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes);
  }

  #plain(): Key | 'more' | 'nothing' {
    const byte = this.#pending[0]!;
    const secondHalf = byte === 10 && this.#afterCr;
    this.#afterCr = byte === 13;
    if (byte < 0x20 || byte === 0x7f) {
      this.#drop(1);
      const name = CONTROLS[byte];
      return name === undefined || secondHalf ? 'nothing' : { name };
    }
    const end = this.#pending.findIndex((b) => b < 0x20 || b === 0x7f);
    const whole = end < 0 ? completeLength(this.#pending) : end;
    if (whole === 0) return 'more';
    return this.#text(whole);
  }

  #text(bytes: number): Key | 'nothing' {
    const text = this.#pending.toString('utf8', 0, bytes).replace(UNPRINTABLE, '');
    this.#drop(bytes);
    return text === '' ? 'nothing' : { text };
  }

  #sequence(): Key | 'more' | 'nothing' {
    const second = this.#pending[1];
    this.#afterCr = false;
    if (second === undefined) return 'more';
    if (second === ESC) {
      this.#drop(1);
      return { name: 'escape' };
    }
    if (second === 0x5b) return this.#csi();
    if (second === 0x4f) {
      const final = this.#pending[2];
      if (final === undefined) return 'more';
      this.#drop(3);
      return named(FINALS[String.fromCharCode(final)]);
    }
    if (STRING_STARTS.has(second)) return this.#string();
    // Alt with a key means nothing here
    this.#drop(2);
    return 'nothing';
  }

  #csi(): Key | 'more' | 'nothing' {
    let i = 2;
    while (i < this.#pending.length && this.#pending[i]! >= 0x20 && this.#pending[i]! <= 0x3f) i++;
    const final = this.#pending[i];
    if (final === undefined) {
      if (i < MAX_SEQUENCE) return 'more';
      this.#drop(i);
      return 'nothing';
    }
    const parameters = this.#pending.toString('latin1', 2, i).split(';');
    // a control character in the middle belongs to what follows
    this.#drop(final < 0x40 ? i : i + 1);
    if (final === 0x7e && parameters[0] === '200') {
      this.#inPaste = true;
      return 'nothing';
    }
    return named(final === 0x7e ? TILDES[parameters[0]!] : FINALS[String.fromCharCode(final)]);
  }

  /** OSC, DCS and their like: up to BEL or ESC \. */
  #string(): 'more' | 'nothing' {
    for (let i = 2; i < this.#pending.length; i++) {
      const byte = this.#pending[i];
      if (byte === 7 || (byte === 0x5c && this.#pending[i - 1] === ESC)) {
        this.#drop(i + 1);
        return 'nothing';
      }
    }
    if (this.#pending.length < MAX_SEQUENCE) return 'more';
    this.#pending = Buffer.alloc(0);
    return 'nothing';
  }

  /** Pasted line ends must not act as Enter: only the text is taken. Ctrl-C gets out of a paste that never ends. */
  #paste(): Key | 'more' | 'nothing' {
    const bytes = this.#pending;
    if (bytes[0] === ESC && bytes.length < PASTE_END.length && PASTE_END.subarray(0, bytes.length).equals(bytes))
      return 'more';
    if (bytes[0] === ESC && bytes.subarray(0, PASTE_END.length).equals(PASTE_END)) {
      this.#drop(PASTE_END.length);
      this.#inPaste = false;
      return 'nothing';
    }
    if (bytes[0]! < 0x20 || bytes[0] === 0x7f) {
      this.#inPaste = bytes[0] !== 3;
      this.#drop(1);
      return 'nothing';
    }
    const end = bytes.findIndex((b) => b < 0x20 || b === 0x7f);
    const whole = end < 0 ? completeLength(bytes) : end;
    return whole === 0 ? 'more' : this.#text(whole);
  }
}

function named(name: KeyName | undefined): Key | 'nothing' {
  return name === undefined ? 'nothing' : { name };
}

/** Bytes up to the last whole UTF-8 character. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    const needed = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (needed > 0) return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
