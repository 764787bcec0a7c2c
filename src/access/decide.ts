import type { ErrorCode } from '../kernel/errors.ts';
import { printable } from '../kernel/printable.ts';
import { type Place, placeText } from '../kernel/program.ts';
import type { Account, Asset, Protocol, User } from '../store/model.ts';
import type { AccountChoice } from './access.ts';
import type { Ask, Facts } from './facts.ts';
import {
  allowsPlace,
  forwardPatterns,
  isOwnSshPort,
  keyAllowsPlace,
  notPermitted,
  ownSshPort,
  patternText,
  plainPlace,
} from './forward.ts';
import {
  allowsProtocol,
  coverage,
  inForce,
  isLogin,
  neededAction,
  pick,
  prepare,
  type Rule,
  serves,
  type Usable,
  usableAccounts,
} from './rules.ts';
import { judgeRule, list, names, noAccount, notOpen, personProblem, until, wrongProtocol } from './sentences.ts';
import { type Terms, termsOf } from './terms.ts';

interface Judged {
  readonly asset: Asset;
  readonly protocol: Protocol;
  readonly trace: readonly string[];
}
export type Allowed = Judged & {
  readonly kind: 'allow';
  readonly entry:
    | { readonly kind: 'stored'; readonly account: Account }
    | { readonly kind: 'input'; readonly login: string };
  /** Of use forward: where to, as it is dialled. */
  readonly to: Place | null;
  readonly terms: Terms;
  readonly permissions: readonly string[];
};
export interface Denied {
  readonly kind: 'deny';
  readonly code: ErrorCode;
  readonly message: string;
  readonly trace: readonly string[];
  /** The asset that was meant, when there is one: for the audit. */
  readonly asset: Asset | undefined;
}
interface Route {
  readonly protocol: Protocol;
  readonly open: readonly Usable[];
  readonly picked: readonly Usable[];
}
export type Verdict =
  | Allowed
  | (Judged & { readonly kind: 'choose'; readonly accounts: readonly AccountChoice[]; readonly rules: readonly Rule[] })
  | (Judged & { readonly kind: 'input'; readonly login: string | null; readonly rules: readonly Rule[] })
  | Denied;

/**
 * Judges one request by the facts. Pure; deny unless a permission allows it. Permissions are a union: what one of them
 * allows is allowed, whatever the others leave out, and being an administrator changes nothing.
 */
export function decide(facts: Facts, ask: Ask): Verdict {
  const trace: string[] = [];
  const say = (sentence: string) => trace.push(printable(sentence));
  const deny = (code: ErrorCode, message: string, why = message): Denied => {
    say(`Denied: ${why}`);
    return { kind: 'deny', code, message: printable(message), trace, asset: facts.asset };
  };

  const unfit = personProblem(facts, ask);
  say(unfit?.trace ?? `User ${ask.userName} is enabled${until(facts.user?.validUntil ?? null)}.`);
  if (unfit || !facts.user) return deny('forbidden', unfit?.message ?? 'You may not log in; ask an administrator.');
  const user = facts.user;

  const { asset } = facts;
  // the same answer for an asset that is not there and one that is not theirs
  const closed = (why: string) => deny('no_permission', notOpen(ask.asset), why);
  if (!asset) return closed(`there is no asset "${ask.asset}".`);
  say(asset.active ? `Asset ${asset.name} exists and is active.` : `Asset ${asset.name} is switched off.`);

  const offered = asset.protocols.map(({ name }) => name);
  const fitting = offered.filter((name) => serves(name, ask.use) && (ask.protocol ?? name) === name);
  const fits = fitting.length > 0;
  say(
    `Protocol: ${asset.name} offers ${list(offered)}${fits ? `; ${list(fitting)} serves ${ask.use}` : `, but not ${ask.protocol ?? 'one'} for ${ask.use}`}.`,
  );

  const action = neededAction(ask.use);
  const rules = facts.permissions.map((permission) => prepare(permission, user, facts.groups));
  if (rules.length === 0) say(`No permission names ${user.name}.`);
  for (const rule of rules)
    say(`Permission "${rule.permission.name}" ${judgeRule(rule, facts, ask, user, asset, fitting)}`);

  const covering = rules.filter(
    (rule) => rule.namesUser !== null && inForce(rule.permission, facts.now) && coverage(rule, asset) !== null,
  );
  if (covering.length === 0) return closed(`no permission in force lets ${user.name} reach ${asset.name}.`);
  if (!asset.active)
    return deny('no_permission', `${asset.name} is switched off at the moment; ask an administrator to activate it.`);
  if (!fits) return deny('unsupported', wrongProtocol(asset, ask));

  const permitted = fitting.filter((name) => covering.some((rule) => allowsProtocol(rule.permission, name)));
  if (permitted.length === 0) {
    const message = `You may not use ${list(fitting)} on ${asset.name}; ask an administrator for a permission for it.`;
    return deny('no_permission', message);
  }
  const acting = covering.filter((rule) => rule.actions.has(action));
  if (!acting.some((rule) => permitted.some((name) => allowsProtocol(rule.permission, name)))) {
    const message = `None of your permissions for ${asset.name} allows "${action}"; ask an administrator for one that does.`;
    return deny('no_permission', message);
  }

  const { protocol, open, picked } = route(permitted, covering, facts.accounts, ask, user);
  if (picked.length === 0) {
    say(
      ask.account === undefined
        ? 'Accounts: none is usable.'
        : `Accounts: ${ask.account} is not among the usable ones (${names(open)}).`,
    );
    return deny('no_account', noAccount(asset, ask, open));
  }
  if (picked.length > 1) {
    say(`Accounts: several are usable (${names(picked)}) and none was named.`);
    return {
      kind: 'choose',
      asset,
      protocol,
      accounts: picked.map(({ choice }) => choice),
      rules: picked.flatMap((one) => one.rules),
      trace,
    };
  }

  const { entry, choice } = picked[0]!;
  const forward = ask.use === 'forward' ? destination(picked[0]!.rules, facts, asset, ask) : undefined;
  if (forward && 'problem' in forward) return deny('no_permission', forward.problem);
  const giving = forward?.rules ?? picked[0]!.rules;
  const terms = termsOf(giving, facts, user, action);
  const fixed =
    entry.kind === 'stored' || entry.login !== null ? choice.name : isLogin(ask.account) ? ask.account : null;
  const login = fixed ?? ask.typedLogin;
  if (entry.kind === 'ask' && (ask.typedLogin === undefined || !login)) {
    say(`Account ${choice.name}: the user types the ${fixed === null ? 'login and the ' : ''}secret.`);
    return { kind: 'input', asset, protocol, login: fixed, rules: giving, trace };
  }
  say(
    entry.kind === 'ask'
      ? `Account ${login}: with the secret the user typed.`
      : `Account ${login}: stored in the vault.`,
  );
  const permissions = giving.filter((rule) => rule.actions.has(action)).map((rule) => rule.permission.name);
  const by = list(permissions.map((name) => `"${name}"`));
  if (forward) say(`Forwarding to ${placeText(forward.place)} is permitted.`);
  else if (terms.actions.has('forward')) say(`Forwarding may go to ${list(terms.forwardTo.map(patternText))}.`);
  say(`Allowed by ${by}: ${list([...terms.actions])}${until(terms.until)}; recording ${terms.record}.`);
  return {
    kind: 'allow',
    asset,
    protocol,
    entry: entry.kind === 'ask' ? { kind: 'input', login: login! } : entry,
    to: forward?.place ?? null,
    terms,
    permissions,
    trace,
  };
}

/** The place of a forwarded connection, with the rules of which those that forward allow it; or why none does. */
function destination(
  rules: readonly Rule[],
  { key }: Facts,
  asset: Asset,
  ask: Ask,
): { readonly place: Place; readonly rules: readonly Rule[] } | { readonly problem: string } {
  if (!ask.to) throw new Error('a forwarded connection is judged by where it goes');
  if (key?.portForwarding === false) {
    return { problem: 'The key or certificate you logged in with permits no forwarding; log in with another one.' };
  }
  const place = plainPlace(ask.to, asset);
  if (isOwnSshPort(place, asset)) return { problem: ownSshPort(asset) };
  const forwards = (rule: Rule) => rule.actions.has('forward');
  const allowing = rules.filter(
    (rule) => !forwards(rule) || allowsPlace(forwardPatterns(rule.permission), place, asset),
  );
  if (!allowing.some(forwards)) {
    const patterns = rules.filter(forwards).flatMap(({ permission }) => forwardPatterns(permission));
    return { problem: notPermitted(place, asset, patterns) };
  }
  if (key && !keyAllowsPlace(key.permitOpen, place, asset)) {
    return {
      problem: `The key you logged in with does not permit forwarding to ${placeText(place)} (permitopen=); log in with another one.`,
    };
  }
  return { place, rules: allowing };
}

/** The first protocol of the asset over which the account that was asked for is usable, else the first at all. */
function route(
  protocols: readonly Protocol[],
  covering: readonly Rule[],
  accounts: readonly Account[],
  ask: Ask,
  user: User,
): Route {
  const action = neededAction(ask.use);
  const routes = protocols.map((protocol) => {
    const rules = covering.filter((rule) => allowsProtocol(rule.permission, protocol));
    const open = usableAccounts(rules, user, accounts, protocol).filter((usable) =>
      usable.rules.some((rule) => rule.actions.has(action)),
    );
    return { protocol, open, picked: pick(open, ask, user) };
  });
  return routes.find(({ picked }) => picked.length > 0) ?? routes[0]!;
}
