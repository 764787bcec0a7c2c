import type { Authenticator } from '../../auth/authenticator.ts';
import { userKeyFrom } from '../../auth/links.ts';
import { parsePublicKeyLine } from '../../auth/public-key-line.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { User } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { difference, done } from './audit-draft.ts';
import { quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { tokenView, wrongCode } from './logins.ts';
import { personOf, signedInPerson } from './person.ts';
import { millisOrNull } from './time.ts';
import { keyAudit, keyView } from './user-keys.ts';

/** What pages may remember for one person. */
const MAX_PREFERENCES = 64 * 1024;

export interface OwnDeps {
  readonly store: Pick<Store, 'users' | 'keys' | 'tokens' | 'preferences'>;
  readonly authenticator: Pick<
    Authenticator,
    'proveOwnPassword' | 'setPassword' | 'beginTotp' | 'confirmTotp' | 'resetTotp' | 'createApiToken'
  >;
  readonly config: Config['auth'];
  readonly clock: Clock;
}

type Own = Omit<Handlers<'me'>, 'assets' | 'clientLines' | 'sessions'>;

/** What people change about themselves. */
export function ownHandlers({ store, authenticator, config, clock }: OwnDeps): Own {
  const values = async (user: User) => ({ values: JSON.parse((await store.preferences.get(user.id)) ?? '{}') });

  return {
    async set({ body, caller, actor }) {
      const { user } = personOf(caller);
      await store.users.update(user.id, body, done(actor, 'user.update', target(user), difference(user, body)));
      return {};
    },

    async setPassword({ body, caller, actor }) {
      const who = signedInPerson(caller, 'change the password');
      await authenticator.proveOwnPassword(who, Secret.of(body.current));
      await authenticator.setPassword(who.user, Secret.of(body.password), actor, who.factors.webSession);
      return {};
    },

    async keys({ caller }) {
      return (await store.keys.listOf(personOf(caller).user.id)).map(keyView);
    },

    async addKey({ body, caller, actor }) {
      const who = signedInPerson(caller, 'add a key');
      const { user } = who;
      const key = userKeyFrom(parsePublicKeyLine(body.key), user.id, false, clock.now());
      await authenticator.proveOwnPassword(who, Secret.of(body.password));
      return keyView(await store.keys.add(key, keyAudit(actor, 'key.add', user, key)));
    },

    async removeKey({ params, caller, actor }) {
      const { user } = personOf(caller);
      const key = await store.keys.byFingerprint(user.id, params.fingerprint);
      if (!key) throw new AppError('not_found', 'You have no such key (any more).');
      await store.keys.remove(user.id, key.fingerprint, keyAudit(actor, 'key.remove', user, key));
      return {};
    },

    async beginTotp({ body, caller, actor }) {
      const who = signedInPerson(caller, 'set up verification codes');
      await authenticator.proveOwnPassword(who, Secret.of(body.password));
      return authenticator.beginTotp(who.user, actor);
    },

    async confirmTotp({ body, caller, actor }) {
      const { user } = signedInPerson(caller, 'set up verification codes');
      const recoveryCodes = await authenticator.confirmTotp(user, Secret.of(body.code), actor);
      if (!recoveryCodes) throw wrongCode();
      return { recoveryCodes };
    },

    async removeTotp({ body, caller, actor }) {
      const who = signedInPerson(caller, 'remove verification codes');
      if (wantsCodes(config, who.user)) {
        throw new AppError(
          'forbidden',
          'Verification codes are required here. To move to another device, set them up anew; that replaces the old ones.',
        );
      }
      await authenticator.proveOwnPassword(who, Secret.of(body.password));
      await authenticator.resetTotp(who.user, actor);
      return {};
    },

    async tokens({ caller }) {
      const { user } = personOf(caller);
      return (await store.tokens.list()).filter(({ userId }) => userId === user.id).map(tokenView);
    },

    async addToken({ body, caller, actor }) {
      const who = signedInPerson(caller, 'make another one');
      await authenticator.proveOwnPassword(who, Secret.of(body.password));
      const made = await authenticator.createApiToken(who.user, body.name, millisOrNull(body.expiresAt), actor);
      return { token: tokenView(made.row), secret: made.token.exposeText() };
    },

    async removeToken({ params, caller, actor }) {
      const { user } = personOf(caller);
      const token = (await store.tokens.list()).find(({ id, userId }) => id === params.id && userId === user.id);
      if (!token) throw new AppError('not_found', `You have no token ${quoted(params.id)} (any more).`);
      const audit = done(actor, 'token.remove', { kind: 'token', id: token.id, name: token.name }, { user: user.name });
      await store.tokens.remove(token.id, audit);
      return {};
    },

    async preferences({ caller }) {
      return values(personOf(caller).user);
    },

    async setPreferences({ body, caller }) {
      const { user } = personOf(caller);
      return {
        values: JSON.parse(await store.preferences.merge(user.id, JSON.stringify(body.values), MAX_PREFERENCES)),
      };
    },
  };
}

/** Whether the house wants verification codes of this person. */
export function wantsCodes(config: Config['auth'], user: User): boolean {
  return config.totp === 'required' || (config.totp === 'admins' && user.role === 'admin');
}

function target(user: User) {
  return { kind: 'user', id: user.id, name: user.name };
}
