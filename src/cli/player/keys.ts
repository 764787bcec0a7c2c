/** A key as the players know it: a character, or the name of a special key. */
export type Key = string;

const FINAL: Readonly<Record<string, Key>> = { A: 'up', B: 'down', C: 'right', D: 'left' };

type State = 'ground' | 'escape' | 'sequence' | 'string';

/**
 * Turns what a terminal sends in raw mode into keys. Answers a terminal may send by itself (device attributes,
 * cursor reports, strings) are swallowed, so that a `q` inside one does not quit.
 */
export class KeyReader {
  #state: State = 'ground';
  #escapeInString = false;

  push(chunk: Buffer | string): Key[] {
    const keys: Key[] = [];
    for (const letter of chunk.toString()) {
      switch (this.#state) {
        case 'ground':
          if (letter === '\x1b') this.#state = 'escape';
          else if (letter === '\x03') keys.push('ctrl-c');
          else if (letter === ' ') keys.push('space');
          else keys.push(letter);
          break;
        case 'escape':
          if (letter === '[' || letter === 'O') this.#state = 'sequence';
          else if (letter === ']' || letter === 'P' || letter === '_' || letter === '^' || letter === 'X') {
            this.#state = 'string';
            this.#escapeInString = false;
          } else if (letter !== '\x1b') this.#state = 'ground';
          break;
        case 'sequence':
          if (letter >= '@' && letter <= '~') {
            const key = FINAL[letter];
            if (key) keys.push(key);
            this.#state = 'ground';
          }
          break;
        case 'string':
          if (letter === '\x07' || (this.#escapeInString && letter === '\\')) this.#state = 'ground';
          this.#escapeInString = letter === '\x1b';
      }
    }
    return keys;
  }
}
