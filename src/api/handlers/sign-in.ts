import type { Authenticator } from '../../auth/authenticator.ts';
import type { Identity } from '../../auth/identity.ts';
import type { SignInStep } from '../../auth/sign-in.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { WebSessionId } from '../../kernel/id.ts';
import { Secret } from '../../kernel/secret.ts';
import type { WebSession } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import type { Browser } from '../browser.ts';
import type { Caller } from '../caller.ts';
import type { SignInState, WebSessionView } from '../contract/sign-in.ts';
import { CSRF_HEADER } from '../contract/ws-limits.ts';
import type { Handlers } from './handler.ts';
import { personOf } from './person.ts';
import { iso } from './time.ts';

export interface SignInDeps {
  readonly store: Pick<Store, 'users'>;
  readonly authenticator: Pick<Authenticator, 'signIns' | 'webSessions'>;
  readonly config: Config['auth'];
  readonly clock: Clock;
  /** The demo's user, where this is one. */
  readonly demoUser: string | null;
}

export function signInHandlers({ store, authenticator, config, clock, demoUser }: SignInDeps): Handlers<'signIn'> {
  const { signIns, webSessions } = authenticator;

  /** Whoever had the browser before is signed out: its cookie is replaced. */
  const keep = async (who: Identity, browser: Browser, caller: Caller): Promise<SignInState> => {
    await leave(caller);
    const { token, expiresAt } = await webSessions.open(who, browser.userAgent);
    browser.keep(token, expiresAt);
    return { state: 'signed-in', name: who.user.name, role: who.user.role };
  };
  const leave = async (caller: Caller) => {
    const session = caller.kind === 'person' ? caller.identity.factors.webSession : undefined;
    if (caller.kind !== 'person' || session === undefined) return false;
    const { user, from } = caller.identity;
    const actor = { kind: 'user', userId: user.id, name: user.name, ip: from.ip, via: from.via } as const;
    await webSessions.end(user, session, actor).catch(ignoreGone);
    return true;
  };
  const state = (step: SignInStep, browser: Browser, caller: Caller): SignInState | Promise<SignInState> => {
    switch (step.kind) {
      case 'done':
        return keep(step.identity, browser, caller);
      case 'code':
        return { state: 'code', challenge: step.challenge.exposeText() };
      case 'enrolment': {
        const { uri, secretText } = step;
        return { state: 'enrol', challenge: step.challenge.exposeText(), uri, secretText };
      }
      case 'recovery-codes':
        return { state: 'recovery-codes', challenge: step.challenge.exposeText(), codes: [...step.codes] };
    }
  };

  return {
    async options() {
      const needsSetup = (await store.users.countAdmins(clock.now())) === 0;
      return { password: config.password, needsSetup, demoUser };
    },

    async begin({ body, caller, browser }) {
      if (!browser) throw notABrowser();
      if (!config.password) {
        throw new AppError(
          'unsupported',
          'Passwords are switched off here (auth.password): log in over SSH with your key, and use the API with a token.',
        );
      }
      return state(await signIns.begin(body.name, Secret.of(body.password), browser), browser, caller);
    },

    async answer({ body, caller, browser }) {
      if (!browser) throw notABrowser();
      const step = await signIns.answer(Secret.of(body.challenge), Secret.of(body.answer), browser);
      return state(step, browser, caller);
    },

    async end({ caller, browser }) {
      if (!(await leave(caller)))
        throw new AppError('invalid', 'Only a browser signs out. An API token ends when it is removed.');
      browser?.forget();
      return {};
    },
  };
}

export function signedInHandlers(authenticator: Pick<Authenticator, 'webSessions'>): Handlers<'signIns'> {
  const { webSessions } = authenticator;
  return {
    async list({ caller }) {
      const { user, factors } = personOf(caller);
      return (await webSessions.list(user)).map((session) => webSessionView(session, factors.webSession));
    },

    async end({ params, caller, actor }) {
      await webSessions.end(personOf(caller).user, params.id as WebSessionId, actor);
      return {};
    },

    async endOthers({ caller, actor }) {
      const { user, factors } = personOf(caller);
      return { ended: await webSessions.endOthers(user, factors.webSession ?? null, actor) };
    },
  };
}

function webSessionView(session: WebSession, current: WebSessionId | undefined): WebSessionView {
  const { id, createdAt, lastSeenAt, expiresAt, ip, userAgent } = session;
  return {
    id,
    createdAt: iso(createdAt),
    lastSeenAt: iso(lastSeenAt),
    expiresAt: iso(expiresAt),
    ip,
    userAgent,
    current: id === current,
  };
}

/** Signed out elsewhere a moment ago: what was wanted is so. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}

function notABrowser(): AppError {
  return new AppError(
    'invalid',
    `Signing in is for browsers, which send "${CSRF_HEADER}: 1". Programs use an API token (bastion token add USER); the owner of the machine needs neither.`,
  );
}
