import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';

const MAX_BYTES = 1024;

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly name: string;
  readonly email: string;
}

/** What is wrong with a password, for a page that says it in another language. */
export type PasswordFault = 'encoding' | 'short' | 'long' | 'repeats' | 'common' | 'name';

/**
 * Refuses passwords that are guessed first: too short, well known, or the person's own name. There are no rules of
 * composition, as NIST SP 800-63B advises. AppError `invalid` says what to change, and names it in `details.password`.
 */
export function checkPassword(password: Secret, owner: PasswordOwner, minLength: number): void {
  const text = password.exposeText().normalize('NFC');
  if (text.includes('\ufffd'))
    throw invalid('encoding', 'The password is not valid UTF-8 text; check the keyboard or terminal settings.');
  if ([...text].length < minLength)
    throw invalid(
      'short',
      `The password needs at least ${minLength} characters; a few words in a row make a good one.`,
    );
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw invalid('long', `The password is longer than ${MAX_BYTES} bytes; choose a shorter one.`);
  const folded = text.toLowerCase();
  if (new Set(folded).size < 3)
    throw invalid('repeats', 'The password repeats the same characters; choose one that is harder to guess.');
  if (isCommon(folded))
    throw invalid('common', 'This password is one of the first that are tried; choose another one.');
  if (namesOf(owner).some((name) => withoutEnds(folded) === withoutEnds(name))) {
    throw invalid('name', 'The password is the name or e-mail address itself; choose another one.');
  }
}

function isCommon(folded: string): boolean {
  const stem = withoutEnds(folded);
  return (
    COMMON_PASSWORDS.has(folded) ||
    COMMON_PASSWORDS.has(stem) ||
    COMMON_PASSWORDS.has(unleet(stem)) ||
    isSequence(folded)
  );
}

/** `12345678…`, `abcdefgh…` and the same backwards. */
function isSequence(text: string): boolean {
  const steps = new Set<number>();
  for (let i = 1; i < text.length; i++) steps.add(text.charCodeAt(i) - text.charCodeAt(i - 1));
  const onlyDigits = /^\d+$/.test(text);
  if (onlyDigits) for (const wrap of [-9, 9]) steps.delete(wrap);
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}

/** What people add to reach a length: digits and signs at either end. */
function withoutEnds(text: string): string {
  return text.replace(/^[\d\W_]+|[\d\W_]+$/g, '') || text;
}

function unleet(text: string): string {
  const letters: Record<string, string> = {
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
    '@': 'a',
    $: 's',
    '!': 'i',
  };
  return text.replace(/[013457@$!]/g, (c) => letters[c]!);
}

function namesOf(owner: PasswordOwner): string[] {
  const email = owner.email.toLowerCase();
  return [owner.name.toLowerCase(), email, email.split('@')[0]!].filter((name) => name !== '');
}

function invalid(fault: PasswordFault, message: string): AppError {
  return new AppError('invalid', message, { details: { password: fault } });
}
