import { may } from '../../access/roles.ts';
import { AppError } from '../../kernel/errors.ts';
import type { SessionId, ShareId, UserId } from '../../kernel/id.ts';
import { Secret } from '../../kernel/secret.ts';
import { MOST_SHARES, type Share } from '../../session/shares.ts';
import type { LiveSession, Registry } from '../../session/types.ts';
import type { AuditDraft } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import type { ShareView } from '../contract/connections.ts';
import { done } from './audit-draft.ts';
import { findUser, quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { iso } from './time.ts';

export interface ShareDeps {
  readonly store: Pick<Store, 'users' | 'audit'>;
  /** Absent where no daemon runs: then nothing is live. */
  readonly registry: Registry | undefined;
  /** Where people reach the pages, without a slash at the end; null when that is not known. */
  readonly webAddress: () => string | null;
  readonly clock: { now(): number };
}

const MINUTE_MS = 60_000;

export function shareHandlers({ store, registry, webAddress, clock }: ShareDeps): Handlers<'shares'> {
  const live = (): Registry => {
    if (registry) return registry;
    throw new AppError('needs_daemon', 'No session is live: the daemon is not running. Start it with "bastion serve".');
  };
  /** A live session that is the caller's own, or that they may control. Whatever else there is does not exist for them. */
  const find = (id: string, caller: Caller): LiveSession => {
    const session = live().get(id as SessionId);
    if (session && (isOwn(session, caller) || maySeeAll(caller))) return session;
    throw new AppError('not_found', `No live session of yours is ${quoted(id)}.`);
  };

  return {
    async list({ params, caller }) {
      return live().shares.of(find(params.id, caller).id).map(view);
    },

    async add({ params, body, caller, actor }) {
      const session = find(params.id, caller);
      if (!isOwn(session, caller)) throw new AppError('forbidden', 'Only the person whose session it is may share it.');
      if (!session.may('share')) {
        throw new AppError(
          'forbidden',
          'Your permission does not allow sharing this session: it needs the action share. Ask an administrator.',
        );
      }
      const users = await Promise.all(body.users.map((name) => findUser(store, name)));
      const made = live().shares.add({
        session: session.id,
        write: body.write,
        users: users.map(({ id, name }) => ({ id, name })),
        createdBy: actor.name,
        expiresAt: clock.now() + body.minutes * MINUTE_MS,
      });
      if (!made) throw new AppError('conflict', `A session has ${MOST_SHARES} links at most. Take one back first.`);
      const { share, token } = made;
      try {
        await store.audit.append(done(actor, 'share.create', target(session), details(share)));
      } catch (error) {
        live().shares.remove(share.id);
        throw error;
      }
      const text = token.exposeText();
      const address = webAddress();
      return { share: view(share), token: text, url: address === null ? null : `${address}/share#${text}` };
    },

    async remove({ params, caller, actor }) {
      const share = live().shares.byId(params.id);
      const session = share && live().get(share.session);
      if (!share || !session || !(isOwn(session, caller) || maySeeAll(caller)))
        throw new AppError('not_found', `There is no link ${quoted(params.id)} to a live session of yours.`);
      live().shares.remove(share.id as ShareId);
      await store.audit.append(done(actor, 'share.remove', target(session), details(share)));
      return {};
    },

    async show({ body, caller }) {
      const user = userOf(caller);
      const share = user && live().shares.find(Secret.of(body.token), user);
      const session = share && live().get(share.session);
      if (!session?.may('share')) throw noSuchShare();
      const row = session.row();
      return {
        session: session.id,
        user: row.userName,
        asset: row.assetName,
        account: row.account,
        write: share!.write,
        expiresAt: iso(share!.expiresAt),
      };
    },
  };
}

/** One answer for what never was, was taken back, has expired, or is for others. */
function noSuchShare(): AppError {
  return new AppError(
    'not_found',
    'This link leads nowhere: it has expired, was taken back, is meant for others, or its session is over. Ask who gave it to you.',
  );
}

function userOf(caller: Caller): UserId | undefined {
  return caller.kind === 'person' ? caller.identity.user.id : undefined;
}

function isOwn(session: LiveSession, caller: Caller): boolean {
  return session.grant.who.user.id === userOf(caller);
}

function maySeeAll(caller: Caller): boolean {
  return caller.kind === 'machine' || (caller.kind === 'person' && may(caller.identity.user.role, 'sessions.control'));
}

function target(session: LiveSession): AuditDraft['target'] & object {
  const { id, account, assetName } = session.row();
  return { kind: 'session', id, name: `${account}@${assetName}` };
}

function details({ id, write, users, expiresAt }: Share) {
  return { share: id, write, users: users.map(({ name }) => name), expiresAt: iso(expiresAt) };
}

function view({ id, session, write, users, createdBy, createdAt, expiresAt }: Share): ShareView {
  return {
    id,
    session,
    write,
    users: users.map(({ name }) => name),
    createdBy,
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
  };
}
