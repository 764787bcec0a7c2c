import { printable } from '../kernel/printable.ts';
import type { Asset, Millis, Protocol, User } from '../store/model.ts';
import type { Ask, Facts } from './facts.ts';
import { allowsProtocol, coverage, neededAction, pick, type Rule, type Usable, usableAccounts } from './rules.ts';

/** Why the person may do nothing at all; undefined when they may. */
export function personProblem(
  facts: Pick<Facts, 'user' | 'key' | 'now'>,
  ask: { userName: string },
): { trace: string; message: string } | undefined {
  const { user, key, now } = facts;
  if (!user)
    return { trace: `There is no user ${ask.userName}.`, message: 'Your user no longer exists; ask an administrator.' };
  if (user.disabled)
    return {
      trace: `User ${user.name} is disabled.`,
      message: 'Your user is disabled; ask an administrator to enable it.',
    };
  if (user.validUntil !== null && user.validUntil <= now) {
    return {
      trace: `User ${user.name} expired on ${date(user.validUntil)}.`,
      message: 'Your user has expired; ask an administrator to extend it.',
    };
  }
  if (key && key.expiresAt !== null && key.expiresAt <= now) {
    return {
      trace: `The key ${user.name} logged in with expired on ${date(key.expiresAt)}.`,
      message: 'The key you logged in with has expired; log in with another one.',
    };
  }
  return undefined;
}

/** What the user sees of an asset that is unknown or not open to them: the same sentence for both. */
export function notOpen(asset: string): string {
  return `No asset named "${printable(asset, 80)}" is open to you; log in without an asset name for the list of those that are.`;
}

/** One sentence on one permission: how it matches, or the first thing that keeps it from matching. */
export function judgeRule(
  rule: Rule,
  facts: Facts,
  ask: Ask,
  user: User,
  asset: Asset,
  fitting: readonly Protocol[],
): string {
  const { permission } = rule;
  const no = (why: string) => `does not apply: ${why}.`;
  if (!permission.active) return no('it is switched off');
  if (rule.namesUser === null) return no(`it does not name ${user.name}`);
  if (permission.from !== null && permission.from > facts.now) return no(`it begins on ${date(permission.from)}`);
  if (permission.until !== null && permission.until <= facts.now) return no(`it ended on ${date(permission.until)}`);
  const how = coverage(rule, asset);
  if (how === null) return no(`it does not cover ${asset.name} in ${asset.folder}`);
  const protocols = fitting.filter((name) => allowsProtocol(permission, name));
  const given = usableAccounts([rule], user, facts.accounts, protocols[0] ?? 'ssh');
  if (given.length === 0) return no(`${asset.name} has no active account among ${list(permission.accounts)}`);
  if (pick(given, ask, user).length === 0) return no(`it gives ${names(given)}, not account ${ask.account}`);
  if (fitting.length > 0 && protocols.length === 0)
    return no(`it allows ${list(permission.protocols)}, not ${list(fitting)}`);
  const action = neededAction(ask.use);
  if (!rule.actions.has(action))
    return `does not allow "${action}"; together with one that does it adds ${list(permission.actions)}.`;
  return `applies: it names ${rule.namesUser}, covers ${asset.name} ${how}, gives ${names(given)} and allows ${list(permission.actions)}${until(permission.until)}.`;
}

export function wrongProtocol(asset: Asset, ask: Ask): string {
  const offered = asset.protocols.map(({ name }) => name);
  if (ask.protocol !== undefined && !offered.includes(ask.protocol))
    return `${asset.name} does not offer ${ask.protocol}; it offers ${list(offered)}.`;
  return `${asset.name} offers ${list(ask.protocol === undefined ? offered : [ask.protocol])}, which cannot serve ${ask.use}; open it another way.`;
}

export function noAccount(asset: Asset, ask: Ask, open: readonly Usable[]): string {
  if (open.length === 0)
    return `No account of ${asset.name} is open to you; ask an administrator to add one or to permit it.`;
  return `Account "${printable(ask.account ?? '', 80)}" of ${asset.name} is not open to you; choose from: ${names(open)}.`;
}

export const names = (usable: readonly Usable[]) => list(usable.map(({ choice }) => choice.name));
export const list = (items: readonly string[]) => (items.length === 0 ? 'nothing' : items.join(', '));
export const until = (end: Millis | null) => (end === null ? '' : ` until ${date(end)}`);
export const date = (at: Millis) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
