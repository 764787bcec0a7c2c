import type { Clock } from '../kernel/clock.ts';
import { DenialPace } from '../kernel/denial-pace.ts';
import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import { networkOf } from './address-patterns.ts';
import type { Identity } from './identity.ts';
import type { Login, Step } from './login-types.ts';
import { newToken, tokenHash } from './one-time.ts';

/** How long an unfinished sign-in waits for its code. */
const WAIT_MS = 5 * 60_000;
/** Unfinished ones at once, in all and from one address; the oldest gives way. Only who knows a password gets there. */
const MAX_WAITING = 2000;
const MAX_WAITING_FROM_ONE = 50;

export interface SignInFrom {
  readonly ip: string;
}

/** Where a sign-in stands. `challenge` (`bsc_…`) names it in the next step. */
export type SignInStep =
  | { readonly kind: 'done'; readonly identity: Identity }
  | { readonly kind: 'code'; readonly challenge: Secret }
  | { readonly kind: 'enrolment'; readonly challenge: Secret; readonly uri: string; readonly secretText: string }
  | { readonly kind: 'recovery-codes'; readonly challenge: Secret; readonly codes: readonly string[] };

interface Waiting {
  readonly login: Login;
  readonly userName: string;
  /** Whose answer counts: the network the password came from. */
  readonly network: string;
  readonly since: number;
  /** Answers are taken one after the other. */
  turn: Promise<unknown>;
}

/** Sign-ins over single requests: each is a login like that of an SSH connection, kept between its steps. */
export class SignIns {
  readonly #begin: (from: SignInFrom) => Login;
  readonly #clock: Clock;
  /** Each try may become a row of the audit, a locked-out one too: beyond a hundred a network gets ten a second. */
  readonly #pace: DenialPace;
  /** By hash of the challenge, oldest first. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(deps: { begin: (from: SignInFrom) => Login; clock: Clock }) {
    this.#begin = deps.begin;
    this.#clock = deps.clock;
    this.#pace = new DenialPace(deps.clock);
  }

  /** AppError `unauthenticated` when name and password are not right, `rate_limited` when they were not even looked at. */
  async begin(userName: string, password: Secret, from: SignInFrom): Promise<SignInStep> {
    await this.#pace.turn(networkOf(from.ip));
    const login = this.#begin(from);
    const step = await login.password(userName, password);
    if (step.kind === 'done') return step;
    if (step.kind === 'no') {
      throw (
        refusal(step) ??
        new AppError(
          'unauthenticated',
          'Name or password is not right. Check both, capital letters too, and try again.',
        )
      );
    }
    const asked = await login.keyboardStart(userName);
    const challenge = newToken('bsc');
    return this.#next(asked, challenge, {
      login,
      userName,
      network: networkOf(from.ip),
      since: this.#clock.now(),
      turn: Promise.resolve(),
    });
  }

  /** AppError `expired` when there is no such sign-in (any more), `invalid` when the answer is wrong and may be tried again. */
  async answer(challenge: Secret, answer: Secret, from: SignInFrom): Promise<SignInStep> {
    this.#forgetOld();
    const key = tokenHash('bsc', challenge);
    const waiting = key === undefined ? undefined : this.#waiting.get(key);
    if (key === undefined || !waiting || waiting.network !== networkOf(from.ip)) throw gone();
    const mine = waiting.turn.then(() => {
      // An answer before this one may have ended it
      if (this.#waiting.get(key) !== waiting) throw gone();
      return this.#answer(waiting, challenge, answer);
    });
    waiting.turn = mine.catch(() => {});
    return mine;
  }

  async #answer(waiting: Waiting, challenge: Secret, answer: Secret): Promise<SignInStep> {
    const step = await waiting.login.keyboardAnswer([answer]);
    if (step.kind !== 'no') return this.#next(step, challenge, waiting);
    const asked = step.methods.length === 0 ? step : await waiting.login.keyboardStart(waiting.userName);
    if (asked.kind === 'done') return this.#next(asked, challenge, waiting);
    // asked for the password again: it was taken away meanwhile
    const goesOn = asked.kind === 'prompt' && asked.about.kind !== 'password';
    if (!goesOn) this.#waiting.delete(tokenHash('bsc', challenge)!);
    throw refusal(step) ?? (goesOn ? wrongCode() : gone());
  }

  #next(step: Step, challenge: Secret, waiting: Waiting): SignInStep {
    const key = tokenHash('bsc', challenge)!;
    if (step.kind === 'done') {
      this.#waiting.delete(key);
      return step;
    }
    if (step.kind !== 'prompt') {
      this.#waiting.delete(key);
      throw refusal(step) ?? gone();
    }
    if (!this.#waiting.has(key)) this.#keep(key, waiting);
    const { about } = step;
    switch (about.kind) {
      case 'enrolment':
        if (about.again) throw wrongCode();
        return { kind: 'enrolment', challenge, uri: about.uri, secretText: about.secretText };
      case 'recovery-codes':
        return { kind: 'recovery-codes', challenge, codes: about.codes };
      default:
        return { kind: 'code', challenge };
    }
  }

  #keep(key: string, waiting: Waiting): void {
    this.#forgetOld();
    const same = [...this.#waiting].filter(([, { network }]) => network === waiting.network);
    if (same.length >= MAX_WAITING_FROM_ONE) this.#waiting.delete(same[0]![0]);
    else if (this.#waiting.size >= MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value!);
    this.#waiting.set(key, waiting);
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { since }] of this.#waiting) {
      if (now - since < WAIT_MS) return;
      this.#waiting.delete(key);
    }
  }
}

function refusal(step: Step): AppError | undefined {
  if (step.kind !== 'no' || step.unjudged === undefined) return undefined;
  return step.unjudged === 'locked' ? lockedOut() : busy();
}

/** Too many failures from there. Said of names that nobody has as well, so it tells nothing of who exists. */
export function lockedOut(): AppError {
  return new AppError(
    'rate_limited',
    'Too many wrong passwords or codes for this name from your address. Wait a while, or ask an administrator to clear it (bastion lockout clear NAME).',
  );
}

function busy(): AppError {
  return new AppError('rate_limited', 'Too many sign-ins from your network at once. Try again in a few seconds.');
}

function wrongCode(): AppError {
  return new AppError(
    'invalid',
    'That code is not right. Check the clock of your device and give the code it shows now.',
  );
}

function gone(): AppError {
  return new AppError('expired', 'This sign-in is over: begin again with your name and password.');
}
