import { AppError } from '../kernel/errors.ts';

const MAX_LENGTH = 64;
/** `ticket@…` stands for a one-time ticket, so nobody can be called that. */
export const TICKET_NAME = 'ticket';
const RESERVED = [TICKET_NAME];

/**
 * Refuses names that could not be written in `user@account@asset` or would disturb a terminal: AppError `invalid`.
 * Letters of every script are fine.
 */
export function checkUserName(name: string): void {
  if (name === '') throw invalid('A user needs a name.');
  if (name.length > MAX_LENGTH) throw invalid(`A user name has at most ${MAX_LENGTH} characters.`);
  if (/[@#:/\s]/.test(name)) throw invalid('A user name holds no @ # : / and no spaces.');
  if (/\p{C}/u.test(name)) throw invalid('A user name holds only visible characters.');
  if (name.startsWith('-')) throw invalid('A user name does not begin with a dash.');
  if (RESERVED.includes(name.toLowerCase())) throw invalid(`The name "${name}" is reserved; choose another one.`);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
