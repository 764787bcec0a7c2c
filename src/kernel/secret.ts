import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/** A value that must not be printed: every usual way to turn it into text gives `[secret]`. */
export class Secret {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static of(value: string | Uint8Array): Secret {
    return new Secret(typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value));
  }

  /** The bytes themselves. Call as late as possible and do not keep the result. */
  expose(): Buffer {
    return this.#bytes;
  }

  /** The bytes as UTF-8 text. */
  exposeText(): string {
    return this.#bytes.toString('utf8');
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Overwrites the bytes; the secret is empty zeros afterwards. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
