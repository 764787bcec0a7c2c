import { InvalidArgumentError } from 'commander';
import { protocol } from '../api/contract/common.ts';
import { parseDuration } from '../config/schema.ts';
import { AppError } from '../kernel/errors.ts';

/**
 * A DATE as commands take it: `2026-12-31` (a whole day, this machine's time zone), an ISO date and time,
 * `+8h`, `+30d`, or `none`. A whole day counts from its start for `from` and to its end for `until`.
 * Returns milliseconds since 1970, null for `none`.
 */
export function parseDate(text: string, edge: 'from' | 'until', now: number): number | null {
  const value = text.trim();
  if (value.toLowerCase() === 'none') return null;
  if (value.startsWith('+')) {
    const ms = parseDuration(value.slice(1));
    if (ms !== undefined) return now + ms;
  }
  const at = readDate(value, edge);
  if (at === undefined)
    throw new InvalidArgumentError(`"${value}" is not a date. Use 2026-12-31, 2026-12-31T18:00, +8h, +30d or none.`);
  return at;
}

/** Milliseconds since 1970 of a date, or of a date and time; undefined for what is neither. */
function readDate(value: string, edge: 'from' | 'until'): number | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (day) {
    const [y, m, d] = [Number(day[1]), Number(day[2]) - 1, Number(day[3])];
    const start = new Date(y, m, d);
    // 2026-02-31 would quietly become a day in March
    if (start.getFullYear() === y && start.getMonth() === m && start.getDate() === d) {
      return edge === 'from' ? start.getTime() : new Date(y, m, d + 1).getTime() - 1;
    }
  } else if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i.test(value)) {
    const at = Date.parse(value.replace(' ', 'T'));
    if (!Number.isNaN(at)) return at;
  }
  return undefined;
}

/** The value of an option that takes a DATE. */
export interface DateOption {
  /** ISO 8601; null for `none`. */
  readonly at: string | null;
}

/** An option that takes a DATE. An object, as commander turns a bare null into an empty text. */
export function date(edge: 'from' | 'until', io: { now(): number }): (value: string) => DateOption {
  return (value) => {
    const at = parseDate(value, edge, io.now());
    return { at: at === null ? null : new Date(at).toISOString() };
  };
}

/**
 * An option that takes a time gone by: a DATE, or a span back from now such as `7d` or `12h`. ISO 8601. A whole day counts
 * from its start for `from` and to its end for `until`.
 */
export function past(edge: 'from' | 'until', io: { now(): number }): (value: string) => string {
  return (value) => {
    const back = parseDuration(value.trim().replace(/^-/, ''));
    const at = back === undefined ? readDate(value.trim(), edge) : io.now() - back;
    if (at === undefined)
      throw new InvalidArgumentError(`"${value}" is not a time. Use 2026-12-31, 2026-12-31T18:00, or 7d, 12h back.`);
    return new Date(at).toISOString();
  };
}

/** Collects an option that may be repeated and may hold a comma list: `--user a --user b,c`. */
export function list(value: string, previous: readonly string[] | undefined): string[] {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) throw new InvalidArgumentError('There is an empty name in the list.');
  return [...(previous ?? []), ...parts];
}

/** A label `key=value`, repeated or in a comma list, as a list of `key=value`. */
export function labels(value: string, previous: readonly string[] | undefined): string[] {
  const all = list(value, previous);
  for (const label of all) {
    if (!/^[^=\s]+=.*$/.test(label)) throw new InvalidArgumentError(`"${label}" is not a label. Write key=value.`);
  }
  return all;
}

/** `['env=prod']` → `{ env: 'prod' }`. */
export function labelRecord(all: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    all.map((label) => {
      const at = label.indexOf('=');
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}

/** A whole number of at least `min`, and at most `max`. */
export function wholeNumber(min: number, max = Number.POSITIVE_INFINITY): (value: string) => number {
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max)
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    return number;
  };
}

/** The words an option knows, on its parser, for whoever completes a command line. */
export interface Choices {
  readonly words: readonly string[];
}

/** One of the given words. */
export function oneOf<T extends string>(words: readonly T[]): ((value: string) => T) & Choices {
  const parse = (value: string) => {
    const word = words.find((w) => w === value);
    if (word === undefined) throw new InvalidArgumentError(`Choose one of: ${words.join(', ')}.`);
    return word;
  };
  return Object.assign(parse, { words });
}

/** Several of the given words, repeated or in a comma list. */
export function someOf<T extends string>(
  words: readonly T[],
): ((value: string, previous: readonly T[] | undefined) => T[]) & Choices {
  const one = oneOf(words);
  const parse = (value: string, previous: readonly T[] | undefined) => [
    ...(previous ?? []),
    ...list(value, undefined).map(one),
  ];
  return Object.assign(parse, { words });
}

/** A number of at least 0; `words` are texts that stand for one. */
export function numberOption(what: string, words: Readonly<Record<string, number>> = {}): (value: string) => number {
  return (value) => {
    const number = words[value] ?? Number(value);
    if (value.trim() === '' || !Number.isFinite(number) || number < 0) {
      throw new InvalidArgumentError(
        `The ${what} must be a number of at least 0${Object.keys(words)
          .map((word) => `, or ${word}`)
          .join('')}.`,
      );
    }
    return number;
  };
}

export interface ProtocolPort {
  readonly name: (typeof protocol.options)[number];
  readonly port?: number;
}

/** `ssh`, `ssh:2222`; the port of the protocol holds where none is given. */
export function parseProtocol(text: string): ProtocolPort {
  const [name, port, ...rest] = text.trim().split(':');
  const known = protocol.options.find((one) => one === name);
  if (!known)
    throw new InvalidArgumentError(`"${text}" is no protocol. Choose one of: ${protocol.options.join(', ')}.`);
  if (port === undefined) return { name: known };
  const number = Number(port);
  if (rest.length > 0 || !/^\d{1,5}$/.test(port) || number < 1 || number > 65535) {
    throw new InvalidArgumentError(`"${text}" has no port from 1 to 65535. Write ${known} or ${known}:PORT.`);
  }
  return { name: known, port: number };
}

/** Refuses a `set` command that says nothing to set. */
export function requireChange(options: object): void {
  if (Object.values(options).every((value) => value === undefined)) {
    throw new AppError('usage', 'Say what to change; --help lists the options.');
  }
}
