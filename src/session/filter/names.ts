import type { Group } from './syntax.ts';

/** What a variable holds: one text, several for a list, null when it was set to something unknown. */
export type Value = readonly string[] | null;

const MOST_VALUES = 64;

/** What the line itself has given names to. */
export class Names {
  readonly functions = new Map<string, Group>();
  /** `$1`, `$2`, …; null inside a function whose call is not known. A login shell has none. */
  positional: readonly string[] | null = [];
  /** `$0` of `sh -c`. */
  zero: string | null = null;
  readonly #variables = new Map<string, Value[]>();

  /** The values it may have, empty when the line says nothing of it. */
  of(name: string): readonly Value[] {
    return this.#variables.get(name) ?? [];
  }

  /** `certain`: whatever it held before is gone. Otherwise it may hold either. */
  assign(name: string, value: Value, certain: boolean): void {
    const values = this.#variables.get(name);
    if (!values || certain) {
      this.#variables.set(name, [value]);
      return;
    }
    const text = value?.join('\0');
    if (values.some((known) => known?.join('\0') === text)) return;
    if (values.length < MOST_VALUES) values.push(value);
    else if (!values.includes(null)) values.push(null);
  }

  /** `x+=more`: one text grows longer, a list gets more words. */
  append(name: string, more: Value, certain: boolean): void {
    const before = this.of(name).length > 0 ? [...this.of(name)] : [['']];
    before.forEach((value, n) => {
      const joined =
        value === null || more === null
          ? null
          : value.length === 1 && more.length === 1
            ? [value[0]! + more[0]!]
            : [...value, ...more];
      this.assign(name, joined, certain && n === 0);
    });
  }

  /** One value after the other, as a loop gives them. */
  loop(name: string, values: readonly Value[]): void {
    this.#variables.set(name, []);
    for (const value of values) this.assign(name, value, false);
  }
}

const MOST_ROUNDS = 64;

/** Goes through the values of variables that may hold several: every mixture of them, within bounds. */
export class Picks {
  readonly #digits = new Map<string, { at: number; readonly count: number }>();
  #rounds = 1;

  choose(name: string, values: readonly Value[]): Value {
    if (values.length < 2) return values[0] ?? null;
    let digit = this.#digits.get(name);
    if (!digit) {
      digit = { at: 0, count: values.length };
      this.#digits.set(name, digit);
    }
    return values[digit.at] ?? null;
  }

  /** False when all have been seen. */
  next(): boolean {
    if (this.#rounds++ >= MOST_ROUNDS) return false;
    for (const digit of this.#digits.values()) {
      if (++digit.at < digit.count) return true;
      digit.at = 0;
    }
    return false;
  }
}
