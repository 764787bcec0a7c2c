import type { Access } from '../access/access.ts';
import { createAccess } from '../access/authorize.ts';
import { type Authenticator, createAuthenticator } from '../auth/authenticator.ts';
import { openSigningAuthority, type SigningAuthorities } from '../auth/signing-authority.ts';
import type { Config } from '../config/schema.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import type { AppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createLocalRecordings, type Recordings } from '../storage/local.ts';
import { openVault } from '../store/aes-vault.ts';
import { type Evidence, openEvidence } from '../store/audit/evidence.ts';
import { acquireLock } from '../store/lock.ts';
import type { Upgrade } from '../store/migrate.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { masterKeyPlace, prepareMasterKey } from './data-dir.ts';
import { VERSION } from './version.ts';

/** The rooms that the daemon and the command line on a stopped daemon's data have in common. */
export interface Core {
  readonly config: Config;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly vault: Vault;
  readonly evidence: Evidence;
  /** The bastion's own certificate authorities. */
  readonly signing: SigningAuthorities;
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly recordings: Recordings;
  close(): Promise<void>;
}

export interface CoreOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Log;
  /** Who holds the lock, as a second one is told. */
  readonly purpose: string;
  /** Makes the master key when everything is new. */
  readonly create: boolean;
  /** The database was of an earlier release; without this it is told in the log. */
  readonly onUpgrade?: ((upgrade: Upgrade) => void) | undefined;
  /** The database can no longer be written: stop. */
  readonly onFailure?: ((error: AppError) => void) | undefined;
}

/** Takes the lock and opens everything below the sessions. What was opened before a failure is closed again. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { config, dataDir, log, purpose, onFailure } = options;
  const { onUpgrade = (upgrade) => log.info(upgrade, 'the database was upgraded; its copy is as it was before') } =
    options;
  const clock = systemClock;
  const closers: (() => unknown)[] = [acquireLock(dataDir, purpose)];
  const close = () => closeAll(closers);
  try {
    if (options.create) prepareMasterKey(dataDir);
    const store = await openStore({ dataDir, log, clock, program: VERSION, onUpgrade, onFailure });
    closers.push(() => store.close());
    const key = masterKeyPlace(dataDir);
    const vault = await openVault({ keyFile: key.file, credential: key.credential, store });
    // before anything is written: from here on every audit row is sealed
    const evidence = await openEvidence({ store, vault });
    const signing = await openSigningAuthority({ store, vault });
    const authenticator = createAuthenticator({ store, vault, config, clock, log });
    closers.push(() => authenticator.close());
    const access = createAccess({ store, config, clock, log });
    const recordings = createLocalRecordings({ data: dataDir, reserve: config.session.disk_reserve, clock });
    closers.push(() => recordings.close());
    return { config, dataDir, clock, log, store, vault, evidence, signing, authenticator, access, recordings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closes what was opened, the last one first; a second call finds nothing left. */
export async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (const closer of closers.reverse().splice(0)) await closer();
}
