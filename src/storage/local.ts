import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { isId, newId, type SessionId } from '../kernel/id.ts';
import { cannotRecord, checkReserve } from './disk.ts';
import type { SpoolHeader } from './frames.ts';
import { partsOf, plainRecording, type RecordingParts, readPart } from './parts.ts';
import type { SpoolFacts, StoredRecording } from './render.ts';
import { RenderThread } from './render-thread.ts';
import { type SpoolEvents, SpoolWriter } from './spool.ts';

const SPOOL = '.spool';
const RECORDING = '.cast.zst';

/** Where recordings are: in the spool while they are written, under their day afterwards. */
export interface Recordings {
  /** Makes the directories (0700) and removes what a crash left half written. */
  prepare(): Promise<void>;
  /** Rejects with `recording_failed` when a new recording could not be written. */
  checkRoom(): Promise<void>;
  /** Begins the spool of a session. Rejects with `recording_failed`. */
  begin(header: SpoolHeader, events: SpoolEvents): Promise<SpoolWriter>;
  /** Renders a spool into its final file, verified. The spool stays until `dropSpool`. */
  store(id: SessionId): Promise<StoredRecording>;
  /** Removes a spool; a corrupt one, whose rest a person may want to look at, is kept under another name. */
  dropSpool(id: SessionId, keep?: boolean): Promise<void>;
  /** What a left-over spool tells; undefined when there is none. Rejects when it cannot be read. */
  inspect(id: SessionId): Promise<SpoolFacts | undefined>;
  /** Ids of the sessions that have a spool. */
  spooled(): Promise<SessionId[]>;
  /** Whether the finished recording is there with this many bytes. */
  has(id: SessionId, bytes: number): Promise<boolean>;
  /** The recording as plain asciicast v2; of a session still in the spool, what it holds up to now. `not_found` without one. */
  open(id: SessionId): Promise<Readable>;
  /** How the finished recording is divided. `not_found` without one. */
  parts(id: SessionId): Promise<RecordingParts>;
  /**
   * The events of one part as asciicast lines; `screen`: behind the screen as it stood then, where that was kept.
   * `not_found` without the recording, or such a part.
   */
  part(id: SessionId, part: number, screen: boolean): Promise<Buffer>;
  /** The finished recording as a file of this machine, its index beside it. `not_found` without one. */
  file(id: SessionId): Promise<string>;
  /** SHA-256 (hex) of the finished recording as it lies there; undefined without one. */
  digest(id: SessionId): Promise<string | undefined>;
  /** Finished recordings of the days (UTC) before this moment's, the oldest day first. */
  storedBefore(at: number): AsyncIterable<SessionId>;
  /** Removes a finished recording; nothing happens when it is gone. */
  remove(id: SessionId): Promise<void>;
  /** Ends the render thread at once. */
  close(): Promise<void>;
}

export interface LocalRecordingsOptions {
  /** The data directory. */
  readonly data: string;
  /** Bytes that must stay free. */
  readonly reserve: number;
  readonly clock: Clock;
}

/** Recordings on the local disk: `spool/ID.spool`, `recordings/YYYY/MM/DD/ID.cast.zst` with `.idx` beside. */
export function createLocalRecordings(options: LocalRecordingsOptions): Recordings {
  const spoolDirectory = join(options.data, 'spool');
  const root = join(options.data, 'recordings');
  const scratch = join(root, 'tmp');
  const thread = new RenderThread(options.clock);
  const spoolPath = (id: SessionId) => join(spoolDirectory, `${known(id)}${SPOOL}`);
  const finalPath = (id: SessionId) => join(root, day(known(id)), `${id}${RECORDING}`);

  return {
    async prepare() {
      await mkdir(spoolDirectory, { recursive: true, mode: 0o700 });
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch, { recursive: true, mode: 0o700 });
    },

    async checkRoom() {
      try {
        await access(spoolDirectory, constants.W_OK);
      } catch (cause) {
        throw cannotRecord('the recording directory is missing or may not be written', cause);
      }
      await checkReserve(spoolDirectory, options.reserve);
    },

    async begin(header, events) {
      const path = spoolPath(header.id);
      try {
        return await SpoolWriter.create(path, header, options.clock, events);
      } catch (cause) {
        await rm(path, { force: true }).catch(() => {});
        throw cannotRecord(
          `the recording cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'error'})`,
          cause,
        );
      }
    },

    store: (id) => thread.run({ kind: 'store', spool: spoolPath(id), path: finalPath(id) }),

    async dropSpool(id, keep = false) {
      if (keep) await rename(spoolPath(id), `${spoolPath(id)}.damaged`);
      else await rm(spoolPath(id), { force: true });
    },

    async inspect(id) {
      if (!(await exists(spoolPath(id)))) return undefined;
      return thread.run({ kind: 'inspect', spool: spoolPath(id) });
    },

    async spooled() {
      const names = await readdir(spoolDirectory);
      const ids = names.filter((name) => name.endsWith(SPOOL)).map((name) => name.slice(0, -SPOOL.length));
      return ids.filter(isId) as SessionId[];
    },

    async has(id, bytes) {
      const info = await stat(finalPath(id)).catch(() => undefined);
      return info?.size === bytes;
    },

    async open(id) {
      if (!isId(id)) throw noRecording(id);
      if (await exists(finalPath(id))) return Readable.from(plainRecording(finalPath(id)), { objectMode: false });
      if (!(await exists(spoolPath(id)))) throw noRecording(id);
      const path = join(scratch, `${newId()}.cast`);
      try {
        await mkdir(scratch, { recursive: true, mode: 0o700 });
        await thread.run({ kind: 'plain', spool: spoolPath(id), path });
        const file = await open(path, 'r');
        return file.createReadStream();
      } finally {
        // open files outlive their names
        await rm(path, { force: true });
      }
    },

    async parts(id) {
      if (!isId(id) || !(await exists(finalPath(id)))) throw noRecording(id);
      return partsOf(finalPath(id));
    },

    async part(id, part, screen) {
      if (!isId(id) || !(await exists(finalPath(id)))) throw noRecording(id);
      const events = await readPart(finalPath(id), part, screen);
      if (!events) throw new AppError('not_found', `The recording has no part ${part}.`);
      return events;
    },

    async file(id) {
      if (!(await exists(finalPath(id)))) throw noRecording(id);
      return finalPath(id);
    },

    async digest(id) {
      if (!isId(id) || !(await exists(finalPath(id)))) return undefined;
      return thread.run({ kind: 'hash', path: finalPath(id) });
    },

    storedBefore: (at) => storedBefore(root, at),

    async remove(id) {
      const path = finalPath(id);
      await rm(path, { force: true });
      await rm(`${path}.idx`, { force: true });
      // the day's directory goes with its last recording, and so on upwards
      for (let at = dirname(path); at !== root; at = dirname(at)) if (!(await removeEmpty(at))) break;
    },

    close: () => thread.close(),
  };
}

async function* storedBefore(root: string, at: number): AsyncGenerator<SessionId> {
  const end = new Date(at).toISOString().slice(0, 10).replaceAll('-', '/');
  const days = async (path: string, depth: number): Promise<string[]> => {
    if (depth === 3) return [path];
    const names = (await readdir(join(root, path))).filter((name) => /^\d+$/.test(name)).sort();
    return (await Promise.all(names.map((name) => days(path === '' ? name : `${path}/${name}`, depth + 1)))).flat();
  };
  for (const path of await days('', 0)) {
    if (path >= end) return;
    for (const name of (await readdir(join(root, path))).sort()) {
      const id = name.slice(0, -RECORDING.length);
      if (name.endsWith(RECORDING) && isId(id)) yield id as SessionId;
    }
  }
}

/** False when there is something in it. */
async function removeEmpty(directory: string): Promise<boolean> {
  return rmdir(directory).then(
    () => true,
    () => false,
  );
}

/** `YYYY/MM/DD` (UTC) of the moment an id was made: its first ten characters are milliseconds in base 32. */
function day(id: SessionId): string {
  let millis = 0;
  for (const char of id.slice(0, 10)) millis = millis * 32 + '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(char);
  return new Date(millis).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** Guards every path: nothing but an id becomes part of a file name. */
function known(id: SessionId): SessionId {
  if (!isId(id)) throw noRecording(id);
  return id;
}

function noRecording(id: string): AppError {
  const shown = id.replace(/[^\w-]/g, '').slice(0, 40);
  return new AppError(
    'not_found',
    `There is no recording of session ${shown}. \`bastion session list\` shows which there are.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
