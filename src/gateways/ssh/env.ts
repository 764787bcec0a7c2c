const MAX_VARIABLES = 64;
const MAX_VALUE_BYTES = 4096;

/** The environment a client may send: names by the configured patterns (`LC_*`), few, and small. */
export class ClientEnvironment {
  readonly #allowed: readonly RegExp[];
  readonly #variables = new Map<string, string>();

  constructor(patterns: readonly string[]) {
    this.#allowed = patterns.map(
      (pattern) => new RegExp(`^${pattern.replace(/[^A-Za-z0-9_*]/g, '\\$&').replaceAll('*', '.*')}$`, 's'),
    );
  }

  /** False: refused, which OpenSSH's client ignores as it does with sshd. */
  set(name: string, value: string): boolean {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) || !this.#allowed.some((pattern) => pattern.test(name)))
      return false;
    if (value.includes('\0') || Buffer.byteLength(value) > MAX_VALUE_BYTES) return false;
    if (!this.#variables.has(name) && this.#variables.size >= MAX_VARIABLES) return false;
    this.#variables.set(name, value);
    return true;
  }

  entries(): (readonly [name: string, value: string])[] {
    return [...this.#variables];
  }
}
