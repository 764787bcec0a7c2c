import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keepAddons } from '../kernel/addons.ts';
import { AppError } from '../kernel/errors.ts';
import { createMasterKey } from '../store/master-key.ts';

const MASTER_KEY = 'master.key';

/** Where the master key is kept, and who keeps it. */
export interface MasterKeyPlace {
  readonly file: string;
  /** The service manager hands it over (LoadCredential=): who may read it is its matter, and nothing here writes it. */
  readonly credential: boolean;
}

/** A credential of the service counts more than the file of the data directory, which need not exist then. */
export function masterKeyPlace(dataDir: string, env: NodeJS.ProcessEnv = process.env): MasterKeyPlace {
  const { CREDENTIALS_DIRECTORY: credentials } = env;
  const given = credentials === undefined ? undefined : join(credentials, MASTER_KEY);
  return given !== undefined && isThere(given)
    ? { file: given, credential: true }
    : { file: join(dataDir, MASTER_KEY), credential: false };
}
const databaseFile = (dataDir: string): string => join(dataDir, 'bastion.db');

/**
 * Makes the data directory (0700) when it is missing: only `serve` does. Whoever else could write there could put
 * links where we write, so it must be ours alone, root's daemon not excepted.
 */
export function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'config',
      `The data directory ${dataDir} cannot be made (${code}). Choose another with --data.`,
      {
        cause,
      },
    );
  }
  const { mode, uid } = statSync(dataDir);
  const own = process.geteuid?.() ?? uid;
  if (uid !== own) {
    throw new AppError(
      'config',
      `The data directory ${dataDir} belongs to user ${uid}, and this runs as ${own}. Run it as its owner, or: chown -R ${own} ${dataDir}`,
    );
  }
  if ((mode & 0o022) !== 0) {
    throw new AppError('config', `The data directory ${dataDir} can be written by others. Run: chmod 700 ${dataDir}`);
  }
  keepAddons(dataDir);
}

/** One that cannot be looked at is not one that is missing: a key of our own in its place would seal what comes. */
function isThere(credential: string): boolean {
  try {
    return statSync(credential).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw new AppError(
      'config',
      `The credential ${credential} cannot be looked at (${code}). Let this user into its directory, or unset CREDENTIALS_DIRECTORY.`,
      { cause },
    );
  }
}

/** Makes the master key of a new installation. Beside an existing database a missing key is a loss, never replaced. */
export function prepareMasterKey(dataDir: string): void {
  const { file, credential } = masterKeyPlace(dataDir);
  if (!credential && !existsSync(file) && !existsSync(databaseFile(dataDir))) createMasterKey(file);
}

/** For the command line on a stopped daemon: there must be data, and root works as its owner. */
export function enterDataDir(dataDir: string): void {
  if (!existsSync(databaseFile(dataDir))) {
    throw new AppError(
      'config',
      `There is no bastion data in ${resolve(dataDir)}. "bastion serve" makes it; --data DIR names another place.`,
    );
  }
  becomeOwner(dataDir);
  keepAddons(dataDir);
}

/** Root works as the owner of the data: what is made there must be the daemon's. */
export function becomeOwner(dataDir: string): void {
  const { uid, gid } = statSync(dataDir);
  if (process.getuid?.() === 0 && uid !== 0) {
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  }
}
