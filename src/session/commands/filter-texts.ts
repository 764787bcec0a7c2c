import { plain } from '../../kernel/printable.ts';
import type { Action } from '../../store/model.ts';
import { doingOn, missingText } from '../missing-right.ts';
import type { ReviewOutcome } from '../reviews.ts';

/** Longer commands are cut where they are quoted. */
const QUOTED = 80;

/** What people are told about their commands; JumpServer's users know the first one. */
export const FILTER_TEXTS = {
  forbidden: (command: string, filter: string) =>
    `Command ${quoted(command)} is forbidden by the filter "${plain(filter)}".`,
  warned: (command: string, filter: string) =>
    `Careful: the filter "${plain(filter)}" warns about ${quoted(command)}. It runs all the same, and is noted.`,
  waits: (command: string, reviewers: readonly string[]) =>
    `Command ${quoted(command)} needs approval by ${reviewers.length === 0 ? 'an administrator' : anyOf(reviewers)}. Waiting; Ctrl-C gives up.`,
  approved: (by: string) => `Approved by ${plain(by)}.`,
  notApproved: (outcome: Exclude<ReviewOutcome, { kind: 'approved' }>) =>
    outcome.kind === 'refused' ? `Refused by ${plain(outcome.by)}; it does not run.` : 'Given up; it does not run.',
  cannotAsk: (command: string) =>
    `Command ${quoted(command)} needs approval, and nobody can be asked just now. Try again, or ask an administrator.`,
  mayNot: (action: Action, asset: string) =>
    `You may not ${doingOn(action, plain(asset))}, and this command does: ${missingText(action)}; ask an administrator for it.`,
} as const;

function quoted(command: string): string {
  const text = plain(command.replaceAll(/\s+/g, ' ').trim());
  return `\`${text.length > QUOTED ? `${text.slice(0, QUOTED - 1)}…` : text}\``;
}

function anyOf(names: readonly string[]): string {
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} others`] : names;
  return shown.length === 1
    ? plain(shown[0]!)
    : `${shown.slice(0, -1).map(plain).join(', ')} or ${plain(shown.at(-1)!)}`;
}
