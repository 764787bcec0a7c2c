import { actorOf } from '../auth/actor.ts';
import type { Identity } from '../auth/identity.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { DenialPace } from '../kernel/denial-pace.ts';
import { AppError } from '../kernel/errors.ts';
import { type GrantId, newId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import { printable } from '../kernel/printable.ts';
import { placeText } from '../kernel/program.ts';
import type { Asset, AuditDraft, CommandRule } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Access, AccessRequest, Decision, Prospect } from './access.ts';
import { commandRules, filtersOf } from './commands.ts';
import { type Allowed, type Denied, decide, type Verdict } from './decide.ts';
import { explain } from './explain.ts';
import { assetsMeant, personFacts } from './facts.ts';
import { Grant, type Limits } from './grant.ts';
import { keepingFacts } from './kept-facts.ts';
import { reach } from './reach.ts';
import { entries, logins, reachable, reachableAs, reachableInDetail } from './reachable.ts';
import { recheckCapability, recheckGrant, recheckIdentity } from './recheck.ts';
import { isCovered } from './rules.ts';
import type { Terms } from './terms.ts';

export interface AccessDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

export function createAccess({ store, config, clock, log }: AccessDeps): Access {
  const filters = filtersOf(store);
  const facts = keepingFacts(store);
  const pace = new DenialPace(clock);
  const limitsOf = (terms: Terms, commands: readonly CommandRule[]): Limits => ({
    ...terms,
    commands,
    idleMs: config.session.idle_timeout,
    maxMs: config.session.max_time,
    // the configuration can loosen the rule for the whole house
    record: config.session.recording === 'best-effort' ? 'best-effort' : terms.record,
  });

  /** THE choke point: nothing else in the house makes a `Grant`, and a grant is audited before it is handed out. */
  async function authorize(request: AccessRequest): Promise<Decision> {
    const verdict = await weigh(request);
    if (verdict.kind !== 'allow') return decisionOf(verdict);
    const entry =
      verdict.entry.kind === 'stored'
        ? verdict.entry
        : { kind: 'input' as const, login: verdict.entry.login, secret: request.input!.secret };
    const commands = await rulesFor(
      request.who,
      verdict.asset,
      entry.kind === 'stored' ? entry.account.login : entry.login,
    );
    const grant = Grant.mint({
      id: newId<GrantId>(clock.now()),
      who: request.who,
      asset: verdict.asset,
      entry,
      protocol: verdict.protocol,
      use: request.use,
      to: verdict.to,
      limits: limitsOf(verdict.terms, commands),
      permissions: verdict.permissions,
    });
    await store.audit.append(permission(request, verdict, grant));
    return { kind: 'allow', grant };
  }

  /** The verdict; where it is a denial, that is written down, in the turn of this person. */
  async function weigh(request: AccessRequest): Promise<Verdict> {
    if ((request.use === 'forward') !== (request.to !== undefined)) {
      throw new AppError('internal', 'A forwarded connection has a destination, and nothing else has one.');
    }
    const verdict = await verdictOn(request);
    if (verdict.kind !== 'deny') return verdict;
    await pace.turn(request.who.user.id);
    await store.audit.append(denial(request, verdict));
    log.info({ user: request.who.user.name, asset: printable(request.asset, 80), use: request.use }, 'access denied');
    return verdict;
  }

  async function rulesFor(who: Identity, asset: Asset, login: string): Promise<readonly CommandRule[]> {
    const rules = await filters();
    if (rules.length === 0) return [];
    // the row in the identity is only as it was at login
    const { id } = who.user;
    const [user, groups] = await Promise.all([facts.users.byId(id), facts.users.groupsOf(id)]);
    return commandRules(rules, { user: user ?? who.user, groups, asset, login });
  }

  async function verdictOn(request: AccessRequest): Promise<Verdict> {
    const [person, meant] = await Promise.all([personFacts(facts, request.who), assetsMeant(facts, request.asset)]);
    const now = clock.now();
    const open = meant.length < 2 ? meant : meant.filter((asset) => isCovered(asset, person, now));
    if (open.length > 1) return ambiguous(request.asset, open);
    const asset = open[0] ?? meant[0];
    const accounts = asset ? await facts.accounts.list(asset.id) : [];
    return decide(
      { ...person, asset, accounts, now },
      {
        userName: request.who.user.name,
        asset: request.asset,
        account: request.account,
        protocol: request.protocol,
        use: request.use,
        to: request.to,
        typedLogin: request.input?.login,
      },
    );
  }

  return {
    authorize,
    async judge(request) {
      const verdict = await weigh(request);
      return verdict.kind === 'allow' || verdict.kind === 'input' ? prospectOf(verdict) : decisionOf(verdict);
    },
    async recheck(grant) {
      const verdict = await recheckGrant(facts, grant, clock.now());
      if (!verdict.ok) return verdict;
      const commands = await rulesFor(grant.who, verdict.asset, grant.login);
      return { ok: true, limits: limitsOf(verdict.terms, commands) };
    },
    recheckIdentity: (who) => recheckIdentity(facts, who, clock.now()),
    may: (who, capability) => recheckCapability(facts, who, capability, clock.now()),
    reachable: (who) => reachable(store, who, clock.now()),
    reachableInDetail: (who) => reachableInDetail(store, who, clock.now()),
    reachableAs: (who, text) => reachableAs(facts, who, text, clock.now()),
    logins: (who, use) => logins(store, who, use, clock.now()),
    entries: (user, protocol) => entries(store, user, protocol, clock.now()),
    reach: (about) => reach(store, about, clock.now()),
    explain: async (query) => explain(store, await filters(), query, clock.now()),
  };
}

type Open = Extract<Verdict, { readonly kind: 'choose' | 'input' }>;

function decisionOf<V extends Open | Denied>(verdict: V): Extract<Decision, { readonly kind: V['kind'] }>;
function decisionOf(verdict: Open | Denied): Decision {
  if (verdict.kind === 'deny')
    return { kind: 'deny', code: verdict.code, message: verdict.message, trace: verdict.trace };
  const { asset, protocol } = verdict;
  return verdict.kind === 'choose'
    ? { kind: 'choose', asset, protocol, accounts: verdict.accounts }
    : { kind: 'input', asset, protocol, login: verdict.login };
}

function prospectOf(verdict: Allowed | Extract<Verdict, { readonly kind: 'input' }>): Prospect {
  const { asset, protocol } = verdict;
  if (verdict.kind === 'input')
    return { kind: 'allow', asset, protocol, account: verdict.login ?? '@input', input: { login: verdict.login } };
  const { entry } = verdict;
  const account = entry.kind === 'stored' ? entry.account.login : entry.login;
  return { kind: 'allow', asset, protocol, account, input: null };
}

function ambiguous(text: string, assets: readonly Asset[]): Denied {
  const names = assets.map((asset) => asset.name).join(', ');
  const message = printable(`Several assets open to you have the address ${text}: ${names}; use the name of one.`);
  return { kind: 'deny', code: 'conflict', message, trace: [message], asset: undefined };
}

function audit(request: AccessRequest, asset: Asset | undefined): Pick<AuditDraft, 'actor' | 'target'> {
  return {
    actor: actorOf(request.who),
    target: { kind: 'asset', id: asset?.id ?? null, name: asset?.name ?? printable(request.asset, 255) },
  };
}

function permission(request: AccessRequest, verdict: Allowed, grant: Grant): AuditDraft {
  const { protocol, permissions } = verdict;
  const { record } = grant.limits;
  const details = {
    grant: grant.id,
    account: grant.login,
    entry: grant.entry.kind,
    protocol,
    use: request.use,
    ...(grant.to && { to: printable(placeText(grant.to)) }),
    permissions,
    record,
  };
  return { ...audit(request, verdict.asset), action: 'access.allow', outcome: 'ok', reason: null, details };
}

function denial(request: AccessRequest, verdict: Denied): AuditDraft {
  const details = {
    asked: printable(request.asset, 255),
    account: request.account === undefined ? null : printable(request.account, 255),
    protocol: request.protocol ?? null,
    use: request.use,
    ...(request.to && { to: printable(placeText(request.to), 300) }),
    code: verdict.code,
    trace: verdict.trace,
  };
  return {
    ...audit(request, verdict.asset),
    action: 'access.deny',
    outcome: 'denied',
    reason: verdict.trace.at(-1) ?? verdict.message,
    details,
  };
}
