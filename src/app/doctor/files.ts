import { existsSync, lstatSync, type Stats, statSync } from 'node:fs';
import { access, constants, readdir, statfs } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { shellWord } from '../../kernel/shell-word.ts';
import { sizeText } from '../../kernel/size-text.ts';
import { errorCode, type Finding, fail, ok, some, warn } from './finding.ts';

/** Entries of the data directory that are looked at; recordings may be a million. */
const MAX_ENTRIES = 20_000;
/** Whoever reads one of these is the bastion, or its administrator. */
const SECRET = /^(master\.key(\.new)?|host_keys\/[^.]+|tls\/.*\.key|admin\.sock|demo-password|bastion\.db.*)$/;
/** Made to be read by others. */
const PUBLIC = /^host_keys\/.*\.pub$/;
const FEW_INODES = 10_000;

/** Whether the files are their owner's alone. */
export async function checkFiles(dataDir: string): Promise<Finding[]> {
  const name = 'files';
  const top = statSync(dataDir);
  const wrong = { secret: [] as string[], open: [] as string[], owner: [] as string[] };
  let looked = 0;
  for await (const [path, state] of entriesOf(dataDir)) {
    if (++looked > MAX_ENTRIES) break;
    const inside = relative(dataDir, path);
    if (state.uid !== top.uid) wrong.owner.push(inside);
    if (PUBLIC.test(inside) || (state.mode & 0o077) === 0) continue;
    if (SECRET.test(inside)) wrong.secret.push(inside);
    // below a closed directory nobody else gets to it anyway
    else if ((top.mode & 0o077) !== 0) wrong.open.push(inside);
  }
  const at = shellWord(dataDir);
  const close = `chmod -R u=rwX,go= ${at}`;
  const found: Finding[] = [];
  if ((top.mode & 0o022) !== 0)
    found.push(fail(name, `Others may write into ${dataDir}; the daemon does not start so.`, close));
  if (wrong.secret.length > 0) {
    const how = 'may be read by others. Where they could be, change what they hold (bastion vault rotate-key).';
    found.push(fail(name, `${some(wrong.secret)} ${how}`, close));
  }
  if (wrong.owner.length > 0) {
    const todo = `chown -R ${top.uid}:${top.gid} ${at}`;
    found.push(fail(name, `${some(wrong.owner)} belong to another user than ${dataDir} (uid ${top.uid}).`, todo));
  }
  if (wrong.open.length > 0 || (found.length === 0 && (top.mode & 0o077) !== 0))
    found.push(warn(name, `${dataDir} is open to other users of this machine.`, close));
  if (found.length > 0) return found;
  const count = looked > MAX_ENTRIES ? `The first ${MAX_ENTRIES} files` : `All ${looked} files`;
  return [ok(name, `${count} of ${dataDir} are closed to others.`)];
}

/** Everything below a directory but what links lead to; what goes meanwhile is left out. Recordings come last. */
async function* entriesOf(directory: string): AsyncGenerator<[path: string, state: Stats]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const last = (name: string) => Number(name === 'recordings' || name === 'spool');
  for (const entry of entries.sort((a, b) => last(a.name) - last(b.name))) {
    const path = join(directory, entry.name);
    const state = lstatSync(path, { throwIfNoEntry: false });
    if (!state || state.isSymbolicLink()) continue;
    yield [path, state];
    if (state.isDirectory()) yield* entriesOf(path);
  }
}

/** The configuration may be read by all, but not written. */
export function checkConfigFile(file: string | null): Finding {
  const name = 'configuration';
  if (file === null) return ok(name, 'No file: the defaults and the environment hold.');
  if ((statSync(file).mode & 0o022) === 0) return ok(name, `${file} is right.`);
  const todo = `chmod go-w ${shellWord(file)}`;
  return fail(name, `Others may write ${file}, and so decide what the daemon does.`, todo);
}

/** Room where the data are, or would be: bytes and files. */
export async function checkDisk(dataDir: string, reserve: number): Promise<Finding[]> {
  const name = 'disk';
  const places = ['recordings', 'spool', '.'].map((part) => join(dataDir, part)).filter((path) => existsSync(path));
  const found: Finding[] = [];
  const seen = new Set<number>();
  let text = '';
  for (const place of places.length > 0 ? places : [nearest(dataDir)]) {
    const device = statSync(place).dev;
    if (seen.has(device)) continue;
    seen.add(device);
    const disk = await statfs(place);
    const free = disk.bavail * disk.bsize;
    text ||= `${sizeText(free)} of ${sizeText(disk.blocks * disk.bsize)} are free, ${sizeText(reserve)} are kept in reserve.`;
    if (free < reserve) {
      const says = `${sizeText(free)} are free in ${place}, less than session.disk_reserve (${sizeText(reserve)}): no session that must be recorded begins.`;
      found.push(fail(name, says, 'Make room, or shorten retention.recordings.'));
    } else if (free < 2 * reserve) {
      const says = `${sizeText(free)} are free in ${place}; sessions stop at ${sizeText(reserve)}.`;
      found.push(warn(name, says, 'Make room soon, or shorten retention.recordings.'));
    }
    // some file systems have no fixed number, and say 0
    if (disk.files > 0 && disk.ffree < FEW_INODES) {
      const says = `Only ${disk.ffree} more files can be made in ${place}; each recording is two.`;
      found.push(warn(name, says, 'Remove what is not needed there, or move the data to another file system (df -i).'));
    }
    if (disk.type === NFS) {
      const todo = 'Move the data directory to a local disk; databases are damaged by network file systems.';
      found.push(fail(name, `${place} is on NFS.`, todo));
    }
  }
  return found.length > 0 ? found : [ok(name, text)];
}

/** The magic number of NFS (statfs(2)). */
const NFS = 0x6969;

/** The directory that is there, of those in which this one would be made. */
function nearest(path: string): string {
  let at = path;
  while (!existsSync(at)) at = join(at, '..');
  return at;
}

/** Whether the daemon may write into what is there. */
export async function checkWritable(dataDir: string): Promise<Finding> {
  for (const part of ['.', 'spool', 'recordings']) {
    const path = join(dataDir, part);
    if (!existsSync(path)) continue;
    try {
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const todo = `See who owns it, and whether its file system is mounted read-only.`;
      return fail('storage', `${path} cannot be written (${errorCode(error)}).`, todo);
    }
  }
  return ok('storage', 'Spool and recordings can be written.');
}
