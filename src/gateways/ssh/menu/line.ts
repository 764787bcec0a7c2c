import type { Key } from './keys.ts';
import { tail, textWidth } from './width.ts';

/** More is no name, search or password anybody types. */
const MAX_LENGTH = 1024;

/** One line being typed, by whole characters, with the editing keys of a shell. */
export class Line {
  #chars: string[] = [];
  #cursor = 0;

  get text(): string {
    return this.#chars.join('');
  }

  set text(text: string) {
    this.#chars = [...text].slice(0, MAX_LENGTH);
    this.#cursor = this.#chars.length;
  }

  /** Applies a key; false when it is none of this line's. */
  apply(key: Key): boolean {
    if ('text' in key) {
      const typed = [...key.text].slice(0, MAX_LENGTH - this.#chars.length);
      this.#chars.splice(this.#cursor, 0, ...typed);
      this.#cursor += typed.length;
      return true;
    }
    switch (key.name) {
      case 'backspace':
        if (this.#cursor > 0) this.#chars.splice(--this.#cursor, 1);
        return true;
      case 'delete':
        this.#chars.splice(this.#cursor, 1);
        return true;
      case 'left':
        this.#cursor = Math.max(0, this.#cursor - 1);
        return true;
      case 'right':
        this.#cursor = Math.min(this.#chars.length, this.#cursor + 1);
        return true;
      case 'home':
        this.#cursor = 0;
        return true;
      case 'end':
        this.#cursor = this.#chars.length;
        return true;
      case 'ctrl-u':
        this.#chars.splice(0, this.#cursor);
        this.#cursor = 0;
        return true;
      case 'ctrl-k':
        this.#chars.length = this.#cursor;
        return true;
      case 'ctrl-w': {
        const kept = this.#chars.slice(0, this.#cursor).join('').trimEnd();
        const from = [...kept.slice(0, kept.lastIndexOf(' ') + 1)].length;
        this.#chars.splice(from, this.#cursor - from);
        this.#cursor = from;
        return true;
      }
      default:
        return false;
    }
  }

  /** What shows of it in `width` columns, scrolled so that the cursor is in sight, and the cursor's column. */
  view(width: number): { readonly text: string; readonly cursor: number } {
    const before = tail(this.#chars.slice(0, this.#cursor).join(''), width - 1);
    let text = before;
    let used = textWidth(before);
    for (const char of this.#chars.slice(this.#cursor)) {
      used += textWidth(char);
      if (used > width) break;
      text += char;
    }
    return { text, cursor: textWidth(before) };
  }
}
