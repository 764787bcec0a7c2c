import { RE2JS } from 're2js';
import { AppError } from '../../kernel/errors.ts';
import type { MatchWork } from './match-work.ts';

const LONGEST_PATTERN = 2000;
const LARGEST_PROGRAM = 1000;

/** Throws AppError `invalid`, with what to do, for an expression that is not understood or too large. */
export function checkPattern(text: string, matchCase: boolean): void {
  if (text === '' || text.length > LONGEST_PATTERN) {
    throw new AppError('invalid', `A regular expression has 1 to ${LONGEST_PATTERN} characters.`);
  }
  let size: number;
  try {
    size = compiled(text, matchCase).programSize();
  } catch (cause) {
    const reason = cause instanceof Error ? shown(cause.message, matchCase) : 'unknown';
    throw new AppError(
      'invalid',
      `The regular expression is not understood: ${reason}. The syntax is that of RE2, which has neither look-ahead and look-behind nor references to groups.`,
      { cause },
    );
  }
  if (size > LARGEST_PROGRAM) {
    throw new AppError('invalid', 'The regular expression is too large: use smaller repetitions, or several filters.');
  }
}

/** RE2's reason, without the flag that we put before what was given. */
function shown(message: string, matchCase: boolean): string {
  const reason = message.replace(/^error parsing regexp: /, '');
  return matchCase ? reason : reason.replace('`(?i)', '`');
}

function compiled(text: string, matchCase: boolean): RE2JS {
  return RE2JS.compile(text, matchCase ? 0 : RE2JS.CASE_INSENSITIVE);
}

/** The expression of a rule, made ready when it is first asked. */
export class Pattern {
  readonly #text: string;
  readonly #matchCase: boolean;
  #ready: { readonly expression: RE2JS; readonly size: number } | null | undefined;

  constructor(text: string, matchCase: boolean) {
    this.#text = text;
    this.#matchCase = matchCase;
  }

  /** Null when that cannot be told: the expression is broken, or the work is used up. */
  matches(text: string, work: MatchWork): boolean | null {
    if (this.#ready === undefined) this.#ready = this.#compile();
    if (this.#ready === null || !work.take(this.#ready.size * (text.length + 1))) return null;
    return this.#ready.expression.test(text);
  }

  #compile() {
    try {
      const expression = compiled(this.#text, this.#matchCase);
      return { expression, size: expression.programSize() };
    } catch {
      return null;
    }
  }
}
