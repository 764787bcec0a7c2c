import { userKeyFrom } from '../../auth/links.ts';
import { parsePublicKeyLine } from '../../auth/public-key-line.ts';
import type { PublicAuthorities } from '../../auth/signing-authority.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { type CaId, newId } from '../../kernel/id.ts';
import type { Actor, CertificateAuthority, User, UserKey } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import type { UserKeyView } from '../contract/users.ts';
import { done } from './audit-draft.ts';
import { findAuthority, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { iso, isoOrNull } from './time.ts';

export function keyHandlers(store: Pick<Store, 'users' | 'keys'>, clock: Clock): Handlers<'keys'> {
  return {
    async list({ params }) {
      const user = await findUser(store, params.name);
      return (await store.keys.listOf(user.id)).map(keyView);
    },

    async add({ params, body, actor }) {
      const user = await findUser(store, params.name);
      const key = userKeyFrom(parsePublicKeyLine(body.key), user.id, body.totpExempt, clock.now());
      return keyView(await store.keys.add(key, keyAudit(actor, 'key.add', user, key)));
    },

    async remove({ params, actor }) {
      const user = await findUser(store, params.name);
      const key = await store.keys.byFingerprint(user.id, params.fingerprint);
      if (!key) {
        throw new AppError('not_found', `${user.name} has no such key. See: bastion user key list ${user.name}`);
      }
      await store.keys.remove(user.id, key.fingerprint, keyAudit(actor, 'key.remove', user, key));
      return {};
    },
  };
}

export function authorityHandlers(deps: {
  readonly store: Pick<Store, 'authorities'>;
  readonly signing: PublicAuthorities;
  readonly clock: Clock;
}): Handlers<'authorities'> {
  const { store, signing, clock } = deps;
  return {
    async own() {
      return [signing.host, signing.user].map(({ kind, fingerprint, publicLine }) => ({
        kind,
        fingerprint,
        publicKey: publicLine,
      }));
    },

    async list() {
      return (await store.authorities.list()).map(authorityView);
    },

    async add({ body, actor }) {
      const line = parsePublicKeyLine(body.key);
      if (line.options !== '') {
        throw new AppError('invalid', 'Give the public key of the authority alone, without options before it.');
      }
      const { type, fingerprint, blob } = line;
      const ca = { id: newId<CaId>(clock.now()), name: body.name, type, fingerprint, blob, createdAt: clock.now() };
      return authorityView(await store.authorities.add(ca, authorityAudit(actor, 'ca.add', ca)));
    },

    async remove({ params, actor }) {
      const ca = await findAuthority(store, params.name);
      await store.authorities.remove(ca.id, authorityAudit(actor, 'ca.remove', ca));
      return {};
    },
  };
}

export function keyView(key: UserKey): UserKeyView {
  return {
    id: key.id,
    type: key.type,
    fingerprint: key.fingerprint,
    comment: key.comment,
    options: key.options,
    totpExempt: key.totpExempt,
    createdAt: iso(key.createdAt),
    lastUsedAt: isoOrNull(key.lastUsedAt),
  };
}

/** The audit row of a key that came or went. */
export function keyAudit(actor: Actor, action: string, user: User, key: UserKey) {
  const { type, fingerprint, options, totpExempt } = key;
  return done(
    actor,
    action,
    { kind: 'user', id: user.id, name: user.name },
    { type, fingerprint, options, totpExempt },
  );
}

function authorityView({ id, name, type, fingerprint, createdAt }: CertificateAuthority) {
  return { id, name, type, fingerprint, createdAt: iso(createdAt) };
}

function authorityAudit(actor: Actor, action: string, ca: CertificateAuthority) {
  return done(actor, action, { kind: 'ca', id: ca.id, name: ca.name }, { type: ca.type, fingerprint: ca.fingerprint });
}
