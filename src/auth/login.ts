import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Secret } from '../kernel/secret.ts';
import type { AuditDraft, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { claimant } from './actor.ts';
import { networkOf } from './address-patterns.ts';
import { type Factors, Identity } from './identity.ts';
import type { Lockout } from './lockout.ts';
import * as dialogue from './login-dialogue.ts';
import type { KeyProof, Login, Method, Step } from './login-types.ts';
import type { Passwords } from './password.ts';
import type { Totp } from './totp.ts';
import { judgeKey, keyStands, type UsableKey } from './user-key.ts';
import { refuseUser } from './user-state.ts';

/** Failed steps of one connection, as sshd's MaxAuthTries. */
const MAX_FAILURES = 6;
/** Keys a client may ask about in vain: an agent may hold many. */
const MAX_QUERIES = 20;

export interface LoginDeps {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly totp: Totp;
  readonly lockout: Lockout;
  readonly clock: Clock;
  readonly config: Config['auth'];
  readonly log: Log;
}

type FirstFactor =
  | { readonly kind: 'password'; readonly hash: string | null }
  | { readonly kind: 'key'; readonly key: UsableKey };
type SecondFactor = 'code' | 'enrol' | Extract<Factors['totp'], 'remembered' | 'exempt' | 'none'>;
/** What the open keyboard-interactive prompt is about. */
type Asked = 'password' | 'code' | 'enrolment' | 'recovery codes';

/** One connection's login: first factor (key or password), then a second one where the user or the policy wants it. */
export class ConnectionLogin implements Login {
  readonly #deps: LoginDeps;
  readonly #from: Identity['from'];
  #name: string | undefined;
  #first: FirstFactor | undefined;
  #asked: Asked | undefined;
  #enrolment: { uri: string; secretText: string } | undefined;
  #failures = 0;
  #queries = 0;
  #done = false;

  constructor(deps: LoginDeps, from: Identity['from']) {
    this.#deps = deps;
    this.#from = from;
  }

  /** Empty once the connection has used up its tries. */
  get methods(): readonly Method[] {
    if (this.#over) return [];
    if (this.#first) return ['keyboard-interactive'];
    const { public_key, password } = this.#deps.config;
    return [
      ...(public_key ? ['publickey' as const] : []),
      ...(password ? (['password', 'keyboard-interactive'] as const) : []),
    ];
  }

  /** Asks which methods there are; no try. */
  async none(_userName: string): Promise<Step> {
    return { kind: 'no', methods: this.methods };
  }

  async keyAcceptable(userName: string, algorithm: string, key: Buffer): Promise<boolean> {
    this.#address(userName);
    if (this.#over || this.#first || !this.#deps.config.public_key) return false;
    const user = await this.#deps.store.users.byName(userName);
    const judged = await judgeKey(
      this.#deps.store,
      user,
      { algorithm, hashAlgorithm: hashOf(algorithm), key },
      this.#place(),
    );
    const acceptable = 'key' in judged && refuseUser(user, this.#deps.clock.now()) === null;
    if (!acceptable) this.#queries++;
    return acceptable;
  }

  async publicKey(userName: string, proof: KeyProof): Promise<Step> {
    this.#address(userName);
    if (this.#over || this.#first || !this.#deps.config.public_key) return this.#refuse();
    const user = await this.#deps.store.users.byName(userName);
    const judged = await judgeKey(this.#deps.store, user, proof, this.#place());
    if ('refused' in judged) return this.#failed(user, judged.refused, { counts: false });
    if (judged.key.verify(proof) !== true)
      return this.#failed(user, 'signature is wrong', { counts: false, key: judged.key });
    const why = refuseUser(user, this.#deps.clock.now());
    if (!user || why) return this.#failed(user, why ?? 'no such user', { counts: false, key: judged.key });
    this.#first = { kind: 'key', key: judged.key };
    return this.#advance(user);
  }

  async password(userName: string, password: Secret): Promise<Step> {
    this.#address(userName);
    if (this.#over || this.#first || !this.#deps.config.password) return this.#refuse();
    const checked = await this.#checkPassword(password);
    return 'user' in checked ? this.#advance(checked.user) : checked;
  }

  async keyboardStart(userName: string): Promise<Step> {
    this.#address(userName);
    if (this.#over) return this.#refuse();
    if (this.#first) return this.#askSecond();
    if (!this.#deps.config.password) return this.#refuse();
    this.#asked = 'password';
    return dialogue.askPassword();
  }

  async keyboardAnswer(answers: readonly Secret[]): Promise<Step> {
    const asked = this.#asked;
    this.#asked = undefined;
    const answer = answers[0];
    if (this.#over || asked === undefined || answer === undefined || answers.length !== 1) return this.#refuse();
    if (asked === 'password') {
      const checked = await this.#checkPassword(answer);
      if (!('user' in checked)) return checked;
      const step = await this.#advance(checked.user);
      return step.kind === 'more' ? this.#askSecond() : step;
    }
    const user = await this.#deps.store.users.byName(this.#name!);
    if (!user || !this.#first) return this.#refuse();
    if (asked === 'recovery codes') return this.#complete(user, 'code');
    return asked === 'enrolment' ? this.#checkEnrolment(user, answer) : this.#checkCode(user, answer);
  }

  get #over(): boolean {
    return this.#done || this.#failures >= MAX_FAILURES || this.#queries >= MAX_QUERIES;
  }

  /** Factors belong to one user name: another name begins anew. Any new request ends an open prompt. */
  #address(userName: string): void {
    this.#asked = undefined;
    if (this.#name === userName) return;
    this.#name = userName;
    this.#first = undefined;
    this.#enrolment = undefined;
  }

  #place(): { ip: string; now: number } {
    return { ip: this.#from.ip, now: this.#deps.clock.now() };
  }

  /**
   * Every name costs one derivation: unknown ones, locked accounts and users without a password too. Only who is
   * locked out is turned away before it.
   */
  async #checkPassword(password: Secret): Promise<Step | { user: User }> {
    const { store, passwords, lockout, clock } = this.#deps;
    const name = this.#name!;
    const { ip } = this.#from;
    const user = await store.users.byName(name);
    if (await lockout.isLocked(name, user, ip))
      return this.#failed(user, 'locked out', { counts: false, unjudged: 'locked' });
    const hash = user ? ((await store.users.credentials(user.id))?.passwordHash ?? null) : null;
    let right: boolean;
    try {
      right = await passwords.verify(password, hash, networkOf(ip));
    } catch (error) {
      if (error instanceof AppError && error.code === 'rate_limited')
        return this.#failed(user, 'too many at once', { counts: false, unjudged: 'busy' });
      throw error;
    }
    // Others may have failed from the same address meanwhile: guesses made at once count like guesses in turn
    if (await lockout.isLocked(name, user, ip))
      return this.#failed(user, 'locked out', { counts: false, unjudged: 'locked' });
    const why =
      refuseUser(user, clock.now()) ?? (hash === null ? 'no password set' : right === true ? null : 'wrong password');
    if (!user || why) return this.#failed(user, why ?? 'no such user', { counts: true });
    this.#first = { kind: 'password', hash };
    return { user };
  }

  async #advance(user: User): Promise<Step> {
    const second = await this.#secondFactor(user);
    if (second === 'code' || second === 'enrol') return { kind: 'more', methods: this.methods };
    return this.#complete(user, second);
  }

  async #secondFactor(user: User): Promise<SecondFactor> {
    const { config, store, clock } = this.#deps;
    const demanded = config.totp === 'required' || (config.totp === 'admins' && user.role === 'admin');
    if (!user.totpEnabled && !demanded) return 'none';
    const key = this.#first?.kind === 'key' ? this.#first.key : undefined;
    if (key?.totpExempt) return 'exempt';
    if (!user.totpEnabled) return 'enrol';
    if (key && (await store.mfa.remembered(user.id, key.fingerprint, clock.now())) === true) return 'remembered';
    return 'code';
  }

  async #askSecond(): Promise<Step> {
    const user = await this.#deps.store.users.byName(this.#name!);
    if (!user) return this.#refuse();
    const second = await this.#secondFactor(user);
    if (second === 'code') {
      this.#asked = 'code';
      return dialogue.askCode();
    }
    if (second !== 'enrol') return this.#complete(user, second);
    // The same secret as before when a code was mistyped: it may be in the person's app already
    this.#enrolment ??= await this.#deps.totp.begin(user, claimant(user.name, user, this.#from));
    this.#asked = 'enrolment';
    return dialogue.askEnrolment(this.#enrolment);
  }

  #checkCode(user: User, answer: Secret): Promise<Step> {
    const { lockout, totp } = this.#deps;
    return lockout.oneAtATime(user, async () => {
      if (await lockout.codesLocked(user, this.#from.ip))
        return this.#failed(user, 'locked out', { counts: false, unjudged: 'locked' });
      const result = await totp.check(user, answer, claimant(user.name, user, this.#from));
      if (result === 'code' || result === 'recovery') return this.#complete(user, result);
      return this.#failed(user, result === 'replayed' ? 'code used before' : 'wrong code', { counts: 'code' });
    });
  }

  async #checkEnrolment(user: User, answer: Secret): Promise<Step> {
    // Enrolled meanwhile on another connection: this one must not replace that secret
    if (user.totpEnabled || !this.#enrolment)
      return this.#failed(user, 'enrolled elsewhere meanwhile', { counts: false });
    const codes = await this.#deps.totp.confirm(user, answer, claimant(user.name, user, this.#from));
    if (codes) {
      this.#asked = 'recovery codes';
      return dialogue.showRecoveryCodes(codes);
    }
    this.#failures++;
    if (this.#over) return this.#refuse();
    this.#asked = 'enrolment';
    return dialogue.askEnrolmentAgain(this.#enrolment);
  }

  /** The only place where a login succeeds. The user is read once more: much may have changed since the first factor. */
  async #complete(user: User, totp: Factors['totp']): Promise<Step> {
    const { store, clock, config } = this.#deps;
    const now = clock.now();
    const today = await store.users.byId(user.id);
    const why = refuseUser(today, now);
    if (!today || why || !this.#first || !(await this.#firstStands(today, this.#first))) {
      this.#first = undefined;
      return this.#failed(today, why ?? 'first factor taken away meanwhile', { counts: false });
    }
    const key = this.#first.kind === 'key' ? this.#first.key : undefined;
    const factors = this.#factors(totp);
    const byCode = totp === 'code' || totp === 'recovery';
    if (key && byCode && config.mfa_remember > 0) {
      await store.mfa.remember(user.id, key.fingerprint, now + config.mfa_remember);
    }
    const login = { at: now, ip: networkOf(this.#from.ip), keyId: key?.id ?? null, byCode };
    await store.users.recordLogin(user.id, login, this.#draft(today, 'ok', null, factors));
    this.#done = true;
    return { kind: 'done', identity: Identity.bind(today, factors, this.#from, key?.restrictions ?? null, now) };
  }

  /** A key removed or a password changed while the second factor was awaited counts no more. */
  async #firstStands(user: User, first: FirstFactor): Promise<boolean> {
    if (first.kind === 'key') return keyStands(this.#deps.store, user, first.key);
    return (await this.#deps.store.users.credentials(user.id))?.passwordHash === first.hash;
  }

  #factors(totp: Factors['totp']): Factors {
    const key = this.#first?.kind === 'key' ? this.#first.key : undefined;
    return {
      password: this.#first?.kind === 'password',
      publicKey: key?.fingerprint ?? null,
      certificate: key?.certificate ?? null,
      authority: key?.authority ?? null,
      totp,
      token: false,
    };
  }

  /** A step that is turned away without being judged. */
  #refuse(): Step {
    this.#failures++;
    return { kind: 'no', methods: this.methods };
  }

  async #failed(
    user: User | undefined,
    reason: string,
    how: { counts: boolean | 'code'; key?: UsableKey; unjudged?: 'locked' | 'busy' },
  ): Promise<Step> {
    this.#failures++;
    const factors = this.#factors('none');
    const draft = this.#draft(
      user,
      'failed',
      reason,
      how.key ? { ...factors, publicKey: how.key.fingerprint } : factors,
    );
    this.#deps.log.info({ user: draft.actor.name, ip: this.#from.ip, reason }, 'login failed');
    if (how.counts === 'code' && user) await this.#deps.lockout.codeFailed(user, this.#from.ip, draft);
    else if (how.counts) await this.#deps.lockout.fail(this.#name!, user, this.#from.ip, draft);
    else await this.#deps.store.audit.append(draft);
    return { kind: 'no', methods: this.methods, unjudged: how.unjudged };
  }

  #draft(user: User | undefined, outcome: 'ok' | 'failed', reason: string | null, factors: Factors): AuditDraft {
    const actor = claimant(this.#name!, user, this.#from);
    const target = { kind: 'user', id: user?.id ?? null, name: actor.name };
    return { actor, action: 'login', outcome, target, reason, details: { ...factors } };
  }
}

function hashOf(algorithm: string): string | undefined {
  return /^rsa-sha2-(256|512)$/.test(algorithm) ? `sha${algorithm.slice(-3)}` : undefined;
}
