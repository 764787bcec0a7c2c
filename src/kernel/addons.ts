import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from './errors.ts';
import { inExecutable, inside } from './inside.ts';

/** Where an addon lies on a disk, and what its bytes must be. */
interface AddonFile {
  readonly file: string;
  readonly sha256: string;
}

/** The addons of the executable by their names in `dist/native`. */
export type AddonFiles = Readonly<Record<string, AddonFile>>;

/** The folder of the data directory that holds what the executable brought. */
const FOLDER = 'native';

const loaded = new Map<string, unknown>();
let files: AddonFiles | undefined;

/** Loads a native addon of the bundle; each import of one becomes a call of this in the build. */
export function loadAddon(name: string): unknown {
  if (loaded.has(name)) return loaded.get(name);
  const held: { exports: unknown } = { exports: {} };
  load(held, name);
  loaded.set(name, held.exports);
  return held.exports;
}

/**
 * The system loads addons from files only, so the executable lays its own into the data directory: a place that is
 * ours alone and that it may write, which a temporary folder need not be. Names tell the content, so that versions do
 * not meet. Does nothing outside the executable, which has them beside it.
 */
export function keepAddons(dataDir: string): void {
  if (!inExecutable) return;
  const folder = join(dataDir, FOLDER);
  try {
    preparePrivateFolder(folder);
    files = Object.fromEntries(readdirSync(inside('native')).map((name) => [name, keep(folder, name)]));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'config',
      `The native parts of the executable cannot be written to ${folder} (${code ?? message}).`,
      {
        cause,
      },
    );
  }
}

/** Removes what other versions left. Only whoever holds the lock may: another daemon may still have to load its own. */
export function removeOldAddons(): void {
  const current = new Set(Object.values(files ?? {}).map(({ file }) => file));
  for (const folder of new Set([...current].map(dirname))) {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (!current.has(path)) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** What a thread needs to load addons: it sees nothing of the executable's inside. */
export function addonFiles(): AddonFiles | undefined {
  return files;
}

export function useAddonFiles(given: AddonFiles | undefined): void {
  files = given;
}

function load(held: { exports: unknown }, name: string): void {
  if (!files && !inExecutable) {
    process.dlopen(held as NodeModule, inside('native', name));
    return;
  }
  const addon = files?.[name];
  if (!addon) throw new Error(`the addon ${name} is needed before the data directory is known`);
  if (!isIntact(addon)) {
    throw new AppError(
      'config',
      `${addon.file} was changed while this runs. See who can write there, and start again.`,
    );
  }
  try {
    process.dlopen(held as NodeModule, addon.file);
  } catch (cause) {
    throw cannotLoad(addon.file, cause);
  }
}

function cannotLoad(file: string, cause: unknown): AppError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // what the loader says of a file that the system does not let it map for execution
  if (/failed to map segment|Operation not permitted|Permission denied/.test(message)) {
    return new AppError(
      'config',
      `Nothing may be executed in ${dirname(file)}: its file system is mounted with noexec, or a policy forbids it. ` +
        'Mount it with exec, or choose another data directory with --data.',
      { cause },
    );
  }
  return new AppError('config', `${basename(file)} cannot be loaded: ${message}`, { cause });
}

function preparePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if ((mode & constants.S_IFMT) !== constants.S_IFDIR || uid !== process.geteuid?.() || (mode & 0o077) !== 0) {
    throw new AppError(
      'config',
      `${folder} must be a directory of this user alone, because code is loaded from it. Look at who made it so, then: rm -r ${folder}`,
    );
  }
}

function keep(folder: string, name: string): AddonFile {
  const bytes = readFileSync(inside('native', name));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const addon = { file: join(folder, `${basename(name, '.node')}-${sha256}.node`), sha256 };
  if (isIntact(addon)) return addon;
  const unfinished = `${addon.file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(unfinished, bytes, { mode: 0o500, flag: 'wx' });
  renameSync(unfinished, addon.file);
  return addon;
}

/** Whether the file holds these bytes and nobody else may write it. No link is followed. */
function isIntact({ file, sha256 }: AddonFile): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return false;
  }
  try {
    const state = fstatSync(descriptor);
    if (!state.isFile() || state.uid !== process.geteuid?.() || (state.mode & 0o022) !== 0) return false;
    return createHash('sha256').update(readFileSync(descriptor)).digest('hex') === sha256;
  } finally {
    closeSync(descriptor);
  }
}
