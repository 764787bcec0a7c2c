import { join } from 'node:path';
import { type Clock, systemClock } from '../kernel/clock.ts';
import type { AppError } from '../kernel/errors.ts';
import { Emitter } from '../kernel/lifecycle.ts';
import type { Log } from '../kernel/log.ts';
import { CATALOG, type MethodKind, type RepositoryName } from './catalog.ts';
import type { Upgrade } from './migrate.ts';
import { Searches } from './searches.ts';
import type { Store } from './store.ts';
import { createOutputs } from './text/outputs.ts';
import { StoreThread } from './thread.ts';

export interface StoreOptions {
  /** An existing directory; the database in it is made when it is missing. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** The release that this is; noted in the database, for one that cannot work on it any more. */
  readonly program?: string | undefined;
  /** The database was of an earlier release and has been upgraded. */
  readonly onUpgrade?: ((upgrade: Upgrade) => void) | undefined;
  /** The database thread died. Nothing can be stored any more: the process should stop. */
  readonly onFailure?: ((error: AppError) => void) | undefined;
}

/**
 * Opens the store. Take the data directory's lock first: two processes would serve each other stale rights.
 * AppError `config` when the database is newer than this program, `internal` when it cannot be read.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, log, clock = systemClock, program, onUpgrade, onFailure } = options;
  const file = join(dataDir, 'bastion.db');
  const accessChanged = new Emitter<void>();

  const writer = new StoreThread(
    { file, role: 'writer', now: clock.now(), program },
    {
      accessChanged: () => {
        try {
          accessChanged.emit();
        } catch (error) {
          // the answers to those who made the change must still go out
          log.error({ err: error }, 'a listener failed after a change of rights');
        }
      },
      failed: (error) => {
        log.fatal({ err: error.cause }, error.message);
        onFailure?.(error);
      },
    },
  );
  await writer.opened();
  if (writer.upgrade) onUpgrade?.(writer.upgrade);

  const searches = new Searches({ file, role: 'reader', now: clock.now() }, clock, log);
  const outputs = createOutputs(dataDir, clock, log);
  let calls = 0;
  const send = (repository: string, method: string, kind: MethodKind, args: readonly unknown[]) => {
    const thread = (kind === 'search' && searches.thread()) || writer;
    return thread.call({ id: ++calls, repository, method, args, now: clock.now() });
  };

  return {
    users: proxy('users', send),
    keys: proxy('keys', send),
    mfa: proxy('mfa', send),
    lockouts: proxy('lockouts', send),
    links: proxy('links', send),
    tokens: proxy('tokens', send),
    webSessions: proxy('webSessions', send),
    tickets: proxy('tickets', send),
    preferences: proxy('preferences', send),
    authorities: proxy('authorities', send),
    groups: proxy('groups', send),
    platforms: proxy('platforms', send),
    folders: proxy('folders', send),
    assets: proxy('assets', send),
    accounts: proxy('accounts', send),
    permissions: proxy('permissions', send),
    hostKeys: proxy('hostKeys', send),
    sessions: proxy('sessions', send),
    filters: proxy('filters', send),
    commands: proxy('commands', send),
    reviews: proxy('reviews', send),
    transfers: proxy('transfers', send),
    statistics: proxy('statistics', send),
    audit: proxy('audit', send),
    vaultRows: proxy('vaultRows', send),
    outputs: outputs.repository,
    onAccessChanged: (listener) => accessChanged.on(listener),
    close: async () => {
      await outputs.close();
      await searches.close();
      // last, so that it is the one who folds the write-ahead log into the database
      await writer.close();
    },
  };
}

type Send = (repository: string, method: string, kind: MethodKind, args: readonly unknown[]) => Promise<unknown>;

/** A repository whose every method is one message. */
function proxy<R extends RepositoryName>(repository: R, send: Send): Store[R] {
  const methods = Object.entries<MethodKind>(CATALOG[repository]).map(([method, kind]) => [
    method,
    async (...args: readonly unknown[]) => send(repository, method, kind, args),
  ]);
  return Object.fromEntries(methods) as Store[R];
}
