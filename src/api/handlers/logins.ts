import type { Authenticator } from '../../auth/authenticator.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { ApiToken } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { done } from './audit-draft.ts';
import { findToken, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { iso, isoOrNull, millisOrNull } from './time.ts';

export function totpHandlers(
  store: Pick<Store, 'users'>,
  authenticator: Pick<Authenticator, 'beginTotp' | 'confirmTotp' | 'resetTotp'>,
): Handlers<'totp'> {
  return {
    async begin({ params, actor }) {
      return authenticator.beginTotp(await findUser(store, params.name), actor);
    },

    async confirm({ params, body, actor }) {
      const user = await findUser(store, params.name);
      const recoveryCodes = await authenticator.confirmTotp(user, Secret.of(body.code), actor);
      if (!recoveryCodes) throw wrongCode();
      return { recoveryCodes };
    },

    async reset({ params, actor }) {
      await authenticator.resetTotp(await findUser(store, params.name), actor);
      return {};
    },
  };
}

export function wrongCode(): AppError {
  return new AppError(
    'invalid',
    'This code is not right: check the clock of the device and give the code it shows now.',
  );
}

export function linkHandlers(
  authenticator: Pick<Authenticator, 'redeemLink' | 'showLink'>,
  config: Config['auth'],
): Handlers<'links'> {
  const secretOf = (text: string | undefined) => (text === undefined ? undefined : Secret.of(text));
  return {
    async show({ body }) {
      const { link, user } = await authenticator.showLink(Secret.of(body.token));
      return {
        kind: link.kind,
        name: user?.name ?? null,
        expiresAt: iso(link.expiresAt),
        password: config.password,
        publicKey: config.public_key,
        passwordMinLength: config.password_min_length,
      };
    },

    async acceptInvite({ body, actor }) {
      const credentials = { password: secretOf(body.password), keys: body.keys };
      const { name } = await authenticator.redeemLink(Secret.of(body.token), 'invite', credentials, actor);
      return { name };
    },

    async setup({ body, actor }) {
      const credentials = { userName: body.name, password: secretOf(body.password), keys: body.keys };
      const { name } = await authenticator.redeemLink(Secret.of(body.token), 'setup', credentials, actor);
      return { name };
    },
  };
}

export function lockoutHandlers(store: Pick<Store, 'lockouts'>, clock: Clock): Handlers<'lockouts'> {
  return {
    async list() {
      return (await store.lockouts.list(clock.now())).map((row) => ({
        user: row.userName,
        ip: row.ip,
        failures: row.failures,
        lastAt: iso(row.lastAt),
        until: isoOrNull(row.until),
      }));
    },

    async clear({ params, actor }) {
      const audit = done(actor, 'lockout.clear', { kind: 'user', id: null, name: params.user });
      return { cleared: await store.lockouts.clear(params.user, audit) };
    },
  };
}

const TOKENS: Listing<ApiToken, 'user' | 'name' | 'createdAt' | 'lastUsedAt'> = {
  id: (token) => token.id,
  texts: (token) => [token.userName, token.name],
  order: {
    user: (token) => [token.userName, token.name],
    name: (token) => [token.name, token.userName],
    createdAt: (token) => [token.createdAt],
    lastUsedAt: (token) => [token.lastUsedAt ?? 0],
  },
};

export function tokenHandlers(
  store: Pick<Store, 'users' | 'tokens'>,
  authenticator: Pick<Authenticator, 'createApiToken'>,
): Handlers<'tokens'> {
  return {
    async list({ query }) {
      const user = query.user === undefined ? undefined : await findUser(store, query.user);
      const tokens = await store.tokens.list();
      const wanted = user === undefined ? tokens : tokens.filter(({ userId }) => userId === user.id);
      const { items, ...page } = countedPage(wanted, query, TOKENS);
      return { ...page, items: items.map(tokenView) };
    },

    async add({ body, actor }) {
      const user = await findUser(store, body.user);
      const made = await authenticator.createApiToken(user, body.name, millisOrNull(body.expiresAt), actor);
      return { token: tokenView(made.row), secret: made.token.exposeText() };
    },

    async remove({ params, actor }) {
      const token = await findToken(store, params.id);
      const target = { kind: 'token', id: token.id, name: token.name };
      await store.tokens.remove(token.id, done(actor, 'token.remove', target, { user: token.userName }));
      return {};
    },
  };
}

export function tokenView(token: ApiToken) {
  return {
    id: token.id,
    user: token.userName,
    name: token.name,
    createdAt: iso(token.createdAt),
    expiresAt: isoOrNull(token.expiresAt),
    lastUsedAt: isoOrNull(token.lastUsedAt),
  };
}
