import { StringDecoder } from 'node:string_decoder';

/** What the user did, as far as the bytes tell. */
export type Key =
  /** Characters that stand for themselves. */
  | { readonly kind: 'text'; readonly text: string }
  /** What may end a line. Inside a paste it may be a part of it. `bytes`: how many it came as in this chunk. */
  | { readonly kind: 'enter'; readonly by: 'enter' | 'ctrl-o'; readonly bytes: number }
  /** Backspace. */
  | { readonly kind: 'erase' }
  /** Ctrl-U. */
  | { readonly kind: 'kill' }
  /** Ctrl-C, Ctrl-D, Ctrl-Z, Ctrl-\: what stood there is most likely given up. */
  | { readonly kind: 'interrupt'; readonly by: 'c' | 'd' | 'z' | '\\' }
  /** Escape: what was typed before belongs to another mode of an editor. */
  | { readonly kind: 'escape' }
  /** Anything else that changes the line in a way only the program knows. */
  | { readonly kind: 'edit'; readonly erases?: boolean }
  | { readonly kind: 'paste'; readonly on: boolean };

const ESC = 0x1b;
const BEL = 0x07;
const CR = 0x0d;
const LF = 0x0a;
const CTRL_O = 0x0f;
const DEL = 0x7f;
const INTERRUPTS: Readonly<Record<number, 'c' | 'd' | 'z' | '\\'>> = { 3: 'c', 4: 'd', 26: 'z', 28: '\\' };
/** Ctrl-L draws the line anew and changes nothing of it. */
const REDRAW = 0x0c;
/** Ctrl-W. */
const ERASE_WORD = 0x17;
const NO_BYTES = Buffer.alloc(0);

/**
 * Takes apart what a terminal sends: characters, keys, pastes; mouse, focus and the answers to a program's questions
 * are none of the user's doing and are left out. A line break ends whatever had begun, so that nothing can be hidden
 * in a sequence no program waits for.
 */
export class KeyReader {
  #state: 'ground' | 'esc' | 'csi' | 'ss3' | 'string' | 'string-esc' | 'mouse' = 'ground';
  #parameters = '';
  #mouse = 0;
  #pasting = false;
  #decoder = new StringDecoder('utf8');

  /** Calls back for each key with the place in the chunk behind it. */
  read(chunk: Buffer, each: (key: Key, end: number) => boolean | undefined): void {
    let at = 0;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (this.#state === 'ground' && isCharacter(byte)) {
        let end = at + 1;
        while (end < chunk.length && isCharacter(chunk[end]!)) end++;
        const text = this.#decoder.write(chunk.subarray(at, end));
        at = end;
        if (text !== '' && each({ kind: 'text', text }, at) === false) return;
        continue;
      }
      at++;
      const key = this.#step(byte);
      if (key && each(key, at) === false) return;
      // an Alt key, or Escape and a key in one go
      if (
        key?.kind === 'escape' &&
        isCharacter(byte) &&
        each({ kind: 'text', text: String.fromCharCode(byte) }, at) === false
      )
        return;
    }
    if (this.#state === 'esc' && !this.#pasting) each({ kind: 'escape' }, at);
    // a terminal sends its answers in one piece: what follows a string that did not end is typed
    if (this.#state === 'string' || this.#state === 'string-esc' || this.#state === 'mouse') this.#state = 'ground';
  }

  /** Forgets what had begun: what comes next stands for itself. */
  reset(): void {
    this.#state = 'ground';
    this.#pasting = false;
    this.#decoder.end();
  }

  #step(byte: number): Key | undefined {
    // 0x0f cannot be part of any sequence or answer either
    if (byte === CR || byte === LF || (byte === CTRL_O && !this.#pasting)) {
      this.#state = 'ground';
      this.#flush();
      return { kind: 'enter', by: byte === CTRL_O ? 'ctrl-o' : 'enter', bytes: 1 };
    }
    switch (this.#state) {
      case 'ground':
        return this.#ground(byte);
      case 'esc':
        return this.#escape(byte);
      case 'ss3':
        this.#state = 'ground';
        // the Enter of an application keypad
        return byte === 0x4d ? { kind: 'enter', by: 'enter', bytes: 1 } : { kind: 'edit' };
      case 'csi':
        return this.#csi(byte);
      case 'mouse':
        if (++this.#mouse < 3) return undefined;
        this.#state = 'ground';
        // to a program that did not ask for a mouse these were characters
        return { kind: 'edit' };
      case 'string':
        if (byte === BEL) this.#state = 'ground';
        else if (byte === ESC) this.#state = 'string-esc';
        return undefined;
      case 'string-esc':
        this.#state = byte === 0x5c ? 'ground' : 'string';
        return undefined;
    }
  }

  #ground(byte: number): Key | undefined {
    this.#flush();
    if (byte === ESC) {
      this.#state = 'esc';
      return undefined;
    }
    // puts nothing into a line; shells without an editor drop it
    if (byte === 0) return undefined;
    if (this.#pasting) return byte === 0x09 ? { kind: 'text', text: '\t' } : { kind: 'edit' };
    if (byte === DEL || byte === 0x08) return { kind: 'erase' };
    if (byte === 0x15) return { kind: 'kill' };
    const by = INTERRUPTS[byte];
    if (by) return { kind: 'interrupt', by };
    if (byte === REDRAW) return undefined;
    return byte === ERASE_WORD ? { kind: 'edit', erases: true } : { kind: 'edit' };
  }

  #escape(byte: number): Key | undefined {
    this.#state = 'ground';
    switch (byte) {
      case 0x5b:
        this.#parameters = '';
        this.#state = 'csi';
        return undefined;
      case 0x4f:
        this.#state = 'ss3';
        return undefined;
      case 0x5d:
      case 0x50:
      case 0x5f:
        this.#state = 'string';
        return { kind: 'edit' };
      case ESC:
        this.#state = 'esc';
        return undefined;
      default:
        return byte < 0x7f ? { kind: 'escape' } : { kind: 'edit' };
    }
  }

  #csi(byte: number): Key | undefined {
    if (byte === ESC) {
      this.#state = 'esc';
      return undefined;
    }
    if (byte < 0x40 || byte > 0x7e) {
      if (this.#parameters.length < 64) this.#parameters += String.fromCharCode(byte);
      return undefined;
    }
    this.#state = 'ground';
    const parameters = this.#parameters;
    const final = String.fromCharCode(byte);
    if (final === '~' && (parameters === '200' || parameters === '201')) {
      this.#pasting = parameters === '200';
      return { kind: 'paste', on: this.#pasting };
    }
    if (final === 'M' && parameters === '') {
      this.#state = 'mouse';
      this.#mouse = 0;
      return undefined;
    }
    // mouse, focus, cursor position, device attributes, modes, sizes: answers, not keys
    if (parameters.startsWith('<') || 'IOcRnyt'.includes(final)) return undefined;
    if ((final === 'u' && /^13(;|:|$)/.test(parameters)) || (final === '~' && /^27;\d+;13$/.test(parameters))) {
      return { kind: 'enter', by: 'enter', bytes: 1 };
    }
    return { kind: 'edit' };
  }

  /** A character cut off by a control is none. */
  #flush(): void {
    this.#decoder.end(NO_BYTES);
  }
}

function isCharacter(byte: number): boolean {
  return byte >= 0x20 && byte !== DEL;
}

/** A longer line is not kept from the keys alone. */
const LONGEST = 64 * 1024;

/** The line as the keys alone make it. */
export class TypedLine {
  #text = '';
  #exact = true;
  /** How many characters were typed in all. */
  #count = 0;
  #breaks = false;
  #erased = false;
  #handedOn = false;

  get text(): string {
    return this.#text;
  }

  /** Only keys were used of which we know what they do. */
  get exact(): boolean {
    return this.#exact;
  }

  /** Characters were typed, whatever became of them. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** Line breaks were pasted into it. */
  get breaks(): boolean {
    return this.#breaks;
  }

  /** Keys took something away. */
  get erased(): boolean {
    return this.#erased;
  }

  add(text: string): void {
    this.#count += text.length;
    if (this.#text.length < LONGEST) this.#text += text;
    else this.#exact = false;
  }

  breakLine(): void {
    this.#breaks = true;
    this.add('\n');
  }

  erase(): void {
    this.#takeAway(this.#text.replace(/[\s\S]$/u, ''));
  }

  kill(): void {
    this.#takeAway('');
  }

  #takeAway(rest: string): void {
    this.#erased = true;
    if (this.#handedOn) this.#exact = false;
    else this.#text = rest;
  }

  /** A program may have read it already: what stands there cannot be erased for sure any more. */
  handOn(): void {
    this.#handedOn = true;
  }

  /** Something was done to it that only the program knows. */
  blur(erases = false): void {
    this.#exact = false;
    this.#erased ||= erases;
  }
}
