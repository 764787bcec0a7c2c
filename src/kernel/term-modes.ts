const EMPTY = Buffer.alloc(0);
const ESC = 0x1b;
const SO = 0x0e;
const SI = 0x0f;
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;

/** Private modes that are on in a fresh terminal: wrap around, cursor visible. */
const ON_BY_DEFAULT: ReadonlySet<number> = new Set([7, 25]);
const ALTERNATE = [47, 1047, 1049] as const;
const MOUSE = [9, 1000, 1002, 1003] as const;
const MOUSE_ENCODING = [1005, 1006, 1015, 1016] as const;
/** Modes of which one is on at most. */
const GROUPS: readonly (readonly number[])[] = [ALTERNATE, MOUSE, MOUSE_ENCODING];
/** Others that are followed: cursor keys, origin, wrap, cursor, reverse wrap, keypad, focus, bracketed paste. */
const SINGLE: ReadonlySet<number> = new Set([1, 6, 7, 25, 45, 66, 1004, 2004]);
const DEFAULT_REGION = '';
/** Final bytes of the control sequences that are looked at: `h l p r`. */
const SWITCHES: ReadonlySet<number> = new Set(Buffer.from('hlpr'));
/** Of an unfinished sequence so much is kept; of a longer one (an image, a clipboard) only how it begins. */
const PARTIAL_LIMIT = 4096;

/** The modes of a terminal that differ from those of a fresh one. */
export interface ModeState {
  /** Private modes (DECSET numbers) that are not as by default. */
  readonly changed: ReadonlySet<number>;
  readonly insert: boolean;
  /** `top;bottom` of the scroll region, '' for the whole screen. */
  readonly region: string;
  /** Designations of G0 and G1; `B` is ASCII. */
  readonly charsets: readonly [string, string];
  readonly shifted: boolean;
}

export const FRESH: ModeState = {
  changed: new Set(),
  insert: false,
  region: DEFAULT_REGION,
  charsets: ['B', 'B'],
  shifted: false,
};

/**
 * Follows the mode switches in a terminal's output without drawing it: what must be kept when output is skipped,
 * and what must be undone so that the user's own terminal is not left broken. Plain text costs three `memchr`.
 */
export class ModeTracker {
  #changed = new Set<number>();
  #insert = false;
  #region = DEFAULT_REGION;
  #charsets: [string, string] = ['B', 'B'];
  #shifted = false;
  #state: 'ground' | 'esc' | 'charset' | 'csi' | 'string' | 'string-esc' = 'ground';
  #parameters = '';
  #designates = 0;
  /** The unfinished sequence or character at the end of what was scanned. */
  #partial: Buffer = EMPTY;

  get state(): ModeState {
    return {
      changed: new Set(this.#changed),
      insert: this.#insert,
      region: this.#region,
      charsets: [...this.#charsets],
      shifted: this.#shifted,
    };
  }

  /** A tracker that stands where this one stands and goes on by itself. */
  clone(): ModeTracker {
    const copy = new ModeTracker();
    copy.#changed = new Set(this.#changed);
    copy.#insert = this.#insert;
    copy.#region = this.#region;
    copy.#charsets = [...this.#charsets];
    copy.#shifted = this.#shifted;
    copy.#state = this.#state;
    copy.#parameters = this.#parameters;
    copy.#designates = this.#designates;
    copy.#partial = this.#partial;
    return copy;
  }

  /** The bytes of a sequence or character that has begun and not ended. */
  get partial(): Buffer {
    return this.#partial;
  }

  scan(chunk: Buffer): void {
    let at = 0;
    let begin = this.#state === 'ground' ? -1 : 0;
    const find = new Finder(chunk);
    while (at < chunk.length) {
      if (this.#state === 'ground') {
        const shift = Math.min(find.next(SO, at), find.next(SI, at));
        const begun = find.next(ESC, at);
        if (shift < begun) {
          this.#shifted = chunk[shift] === SO;
          at = shift + 1;
          continue;
        }
        if (begun === chunk.length) break;
        const behind = behindHarmless(chunk, begun);
        if (behind > 0) {
          at = behind;
          continue;
        }
        begin = begun;
        this.#state = 'esc';
        at = begun + 1;
        continue;
      }
      this.#step(chunk[at]!);
      at++;
      // inside a long string nothing but its end matters
      if (this.#state === 'string') at = Math.min(find.next(ESC, at), find.next(BEL, at), find.next(CAN, at));
    }
    this.#keepPartial(chunk, begin);
  }

  #step(byte: number): void {
    if (byte === CAN || byte === SUB) {
      this.#state = 'ground';
      return;
    }
    switch (this.#state) {
      case 'esc':
        this.#escape(byte);
        return;
      case 'charset':
        if (this.#designates < 2) this.#charsets[this.#designates] = String.fromCharCode(byte);
        this.#state = 'ground';
        return;
      case 'csi':
        if (byte === ESC) this.#state = 'esc';
        else if (byte >= 0x40 && byte <= 0x7e) {
          this.#state = 'ground';
          this.#control(String.fromCharCode(byte));
        } else if (this.#parameters.length < 128) this.#parameters += String.fromCharCode(byte);
        return;
      case 'string':
        if (byte === BEL) this.#state = 'ground';
        else if (byte === ESC) this.#state = 'string-esc';
        return;
      case 'string-esc':
        // ESC \ ends the string; any other byte begins a new sequence
        if (byte === 0x5c) this.#state = 'ground';
        else this.#escape(byte);
        return;
    }
  }

  #escape(byte: number): void {
    this.#state = 'ground';
    switch (String.fromCharCode(byte)) {
      case '[':
        this.#parameters = '';
        this.#state = 'csi';
        return;
      case ']':
      case 'P':
      case '_':
      case '^':
      case 'X':
        this.#state = 'string';
        return;
      case '(':
      case ')':
      case '*':
      case '+':
        this.#designates = '()*+'.indexOf(String.fromCharCode(byte));
        this.#state = 'charset';
        return;
      case ' ':
      case '#':
      case '%':
        this.#designates = 9;
        this.#state = 'charset';
        return;
      case '=':
        this.#changed.add(66);
        return;
      case '>':
        this.#changed.delete(66);
        return;
      case 'c':
        this.#reset();
        return;
      case '\x1b':
        this.#state = 'esc';
    }
  }

  #control(final: string): void {
    const parameters = this.#parameters;
    if (final === 'h' || final === 'l') {
      if (parameters.startsWith('?')) {
        for (const mode of parameters.slice(1).split(';')) this.#setPrivate(Number(mode), final === 'h');
      } else if (parameters.split(';').includes('4')) this.#insert = final === 'h';
    } else if (final === 'r' && /^[\d;]*$/.test(parameters)) {
      this.#region = parameters;
    } else if (final === 'p' && parameters === '!') {
      this.#softReset();
    }
  }

  #setPrivate(mode: number, on: boolean): void {
    const group = GROUPS.find((members) => members.includes(mode));
    if (group) {
      for (const member of group) this.#changed.delete(member);
      if (on) this.#changed.add(mode);
      if (group === ALTERNATE) this.#region = DEFAULT_REGION;
    } else if (SINGLE.has(mode)) {
      if (on === ON_BY_DEFAULT.has(mode)) this.#changed.delete(mode);
      else this.#changed.add(mode);
    }
  }

  #reset(): void {
    this.#changed.clear();
    this.#softReset();
  }

  /** DECSTR. */
  #softReset(): void {
    for (const mode of [1, 6, 25, 66]) this.#changed.delete(mode);
    this.#insert = false;
    this.#region = DEFAULT_REGION;
    this.#charsets = ['B', 'B'];
    this.#shifted = false;
  }

  #keepPartial(chunk: Buffer, begin: number): void {
    if (this.#state !== 'ground') {
      const now = begin > 0 || this.#partial.length === 0 ? chunk.subarray(Math.max(0, begin)) : chunk;
      const joined = begin > 0 ? now : Buffer.concat([this.#partial, now]);
      // copied: a slice would keep the whole chunk alive
      this.#partial = Buffer.from(joined.length > PARTIAL_LIMIT ? joined.subarray(0, 2) : joined);
      return;
    }
    const carried = begin < 0 ? this.#partial : EMPTY;
    const tail = carried.length > 0 ? Buffer.concat([carried, chunk.subarray(-4)]) : chunk.subarray(-4);
    const open = openCharacter(tail);
    this.#partial = open === 0 ? EMPTY : Buffer.from(tail.subarray(tail.length - open));
  }
}

/** The sequences that take a terminal from one state to another. The cursor may move. */
export function transition(from: ModeState, to: ModeState): string {
  let out = '';
  for (const mode of from.changed) {
    if (!to.changed.has(mode)) out += `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'h' : 'l'}`;
  }
  for (const mode of to.changed) {
    if (!from.changed.has(mode)) out += `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? 'l' : 'h'}`;
  }
  if (from.insert !== to.insert) out += to.insert ? '\x1b[4h' : '\x1b[4l';
  if (from.charsets[0] !== to.charsets[0]) out += `\x1b(${to.charsets[0]}`;
  if (from.charsets[1] !== to.charsets[1]) out += `\x1b)${to.charsets[1]}`;
  if (from.shifted !== to.shifted) out += to.shifted ? '\x0e' : '\x0f';
  if (from.region !== to.region) out += `\x1b[${to.region}r`;
  return out;
}

/** Finds bytes going forward and remembers where, so that no output, however made, is searched over and over. */
class Finder {
  readonly #chunk: Buffer;
  /** By byte, all of them control characters; -1 where nothing was looked for yet. */
  readonly #found = new Int32Array(32).fill(-1);

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
  }

  /** The first place of this byte from here on, the chunk's length when there is none. */
  next(byte: number, from: number): number {
    const known = this.#found[byte]!;
    if (known >= from) return known;
    const at = this.#chunk.indexOf(byte, from);
    const place = at < 0 ? this.#chunk.length : at;
    this.#found[byte] = place;
    return place;
  }
}

/** The place behind a whole control sequence that switches nothing (colours, mostly), 0 when it is none. */
function behindHarmless(chunk: Buffer, at: number): number {
  if (chunk[at + 1] !== 0x5b) return 0;
  let end = at + 2;
  while (chunk[end]! >= 0x20 && chunk[end]! < 0x40) end++;
  const final = chunk[end];
  return final === undefined || final < 0x40 || final > 0x7e || SWITCHES.has(final) ? 0 : end + 1;
}

/** How many bytes at the end are a UTF-8 character that is not complete. */
function openCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needs > back ? back : 0;
  }
  return 0;
}
