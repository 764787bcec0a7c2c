import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileEntry } from '../../../api/contract/files.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { AppError } from '../../../kernel/errors.ts';
import type { Attributes } from '../../../kernel/sftp/attributes.ts';
import { OPEN, SftpError } from '../../../kernel/sftp/wire.ts';
import type { LiveSession } from '../../../session/types.ts';
import type { Action } from '../../../store/model.ts';
import { Download } from './download.ts';
import { entryAt, kindOf, listed } from './entries.ts';
import { Explain } from './failures.ts';
import { bytesOf, textOf } from './names.ts';
import { removeTree } from './removal.ts';
import { type SftpClient, SftpFailure } from './sftp-client.ts';
import { PIECE, Upload } from './upload.ts';

/** So long after its last call it is closed. */
const IDLE_MS = 2 * 60_000;
const MOST_AT_ONCE = 16;
const MOST_UNFINISHED = 100;

export interface Place {
  readonly id: string;
  readonly asset: string;
  readonly account: string;
  readonly home: string;
  readonly actions: Action[];
}

export interface Content {
  readonly stream: Readable;
  /** How many bytes it will have; null where the target does not know. */
  readonly size: number | null;
  readonly name: string;
}

/** The files of one account of one asset, as the calls of one browser see them. Paths are absolute. */
export class FilesSession {
  readonly session: LiveSession;
  readonly #client: SftpClient;
  readonly #clock: Clock;
  readonly #explain: Explain;
  #home = '/';
  #calls = 0;
  #over = false;
  /** Files that were made here and are not whole, the latest ones. */
  readonly #unfinished = new Set<string>();
  readonly #streams = new Set<Upload | Download>();
  #stopWaiting: (() => void) | undefined;

  constructor(session: LiveSession, client: SftpClient, clock: Clock) {
    this.session = session;
    this.#client = client;
    this.#clock = clock;
    this.#explain = new Explain(session.grant.asset.name, session.grant.login);
  }

  /** Waits until the target speaks SFTP. */
  async begin(): Promise<void> {
    await this.#call(undefined, async () => {
      await this.#client.greeted;
      const home = await this.#client.realpath(Buffer.from('.'));
      this.#home = textOf(home);
    });
  }

  place(): Place {
    const { id, grant } = this.session;
    const { asset, login, limits } = grant;
    return { id, asset: asset.name, account: login, home: this.#home, actions: [...limits.actions] };
  }

  list(path: string): Promise<{ path: string; entries: FileEntry[]; truncated: boolean }> {
    return this.#call(path, async (bytes) => {
      const real = await this.#client.realpath(bytes);
      return { path: textOf(real), ...(await listed(this.#client, real)) };
    });
  }

  show(path: string): Promise<FileEntry> {
    return this.#call(path, (bytes) => entryAt(this.#client, bytes, lastStep(bytes)));
  }

  /** Rejects before the first byte where it can; what goes wrong later destroys the stream. */
  download(path: string, offset: number): Promise<Content> {
    return this.#call(path, async (bytes, release) => {
      await this.#mustBeFile(bytes, path, false);
      const handle = await this.#client.open(bytes, OPEN.read);
      try {
        const { size = 0 } = await this.#client.fstat(handle);
        if (offset > size && size > 0) throw this.#explain.shorter(path, size);
        // files of /proc have no size, and those of /sys say 4096 and hold a few bytes
        const wanted = size > offset ? Math.min(PIECE, size - offset) : PIECE;
        const first = await this.#client.read(handle, offset, wanted);
        const end = size > offset && first?.length === wanted ? size : undefined;
        const stream = new Download(this.#client, handle, offset, end, first);
        const free = release();
        this.#streams.add(stream);
        stream.once('close', () => {
          this.#streams.delete(stream);
          void this.#leave(handle, stream.complete).finally(free);
        });
        const left = !first ? 0 : end === undefined ? null : end - offset;
        return { stream, size: left, name: textOf(lastStep(bytes)) };
      } catch (error) {
        await this.#leave(handle, true);
        throw error;
      }
    });
  }

  /** Resolves with the size of the file when the target has confirmed all of it. */
  upload(path: string, offset: number, fresh: boolean, body: Readable): Promise<{ path: string; size: number }> {
    return this.#call(path, async (bytes) => {
      const there = await this.#mustBeFile(bytes, path, offset === 0);
      // before it is opened: nothing was transferred then
      if (offset > (there?.size ?? 0)) throw this.#explain.shorter(path, there?.size ?? 0);
      // a browser may send a request that was cut once more by itself
      const exclusive = fresh && !this.#unfinished.has(path);
      const begin = OPEN.create | (exclusive ? OPEN.exclusive : OPEN.truncate);
      const handle = await this.#client
        .open(bytes, OPEN.write | (offset === 0 ? begin : 0))
        .catch((error: unknown) => this.#taken(error, exclusive ? bytes : undefined, path));
      const made = this.#unfinished.delete(path) || exclusive;
      let whole = false;
      try {
        await this.#write(handle, offset, body);
        const { size = 0 } = await this.#client.fstat(handle);
        whole = true;
        await this.#client.close(handle);
        return { path, size };
      } finally {
        if (!whole) {
          if (made) this.#leftUnfinished(path);
          await this.#leave(handle, false);
        }
      }
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(from, async (bytes) => {
      const target = bytesOf(to);
      await this.#client.rename(bytes, target).catch((error: unknown) => this.#taken(error, target, to));
    });
  }

  makeFolder(path: string, existing: boolean): Promise<void> {
    return this.#call(path, async (bytes) => {
      try {
        await this.#client.mkdir(bytes);
      } catch (error) {
        const there = await this.#client.stat(bytes).catch(() => undefined);
        if (!there || this.#explain.isRefusal(error)) throw error;
        if (existing && kindOf(there) === 'folder') return;
        throw this.#explain.exists(path);
      }
    });
  }

  remove(path: string): Promise<number> {
    return this.#call(path, (bytes) => {
      if (/^\/+$/.test(path)) throw new AppError('invalid', 'The root of a machine is not removed from here.');
      return removeTree(this.#client, bytes, () => this.#over);
    });
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    this.#stopWaiting?.();
    await this.session.end({ cause: 'client-closed' });
  }

  /** It has ended: what is under way fails. */
  ended(reason: string): void {
    this.#stopWaiting?.();
    this.#client.fail(reason, false);
    this.#over = true;
    // one that waits for its own end of the line would not hear of it
    for (const stream of this.#streams) stream.destroy(this.#client.failure);
  }

  /**
   * One call: it keeps the session open, and what goes wrong is told in terms of its path. `release` hands the keeping
   * over to who calls what it gives.
   */
  async #call<T>(path: string | undefined, work: (bytes: Buffer, release: () => () => void) => Promise<T>): Promise<T> {
    if (this.#calls >= MOST_AT_ONCE) {
      throw new AppError('rate_limited', `${MOST_AT_ONCE} things are under way here already. Wait for one to end.`);
    }
    const bytes = bytesOf(path ?? '/');
    this.#calls++;
    this.#stopWaiting?.();
    const done = () => {
      if (--this.#calls === 0 && !this.#over) this.#stopWaiting = this.#clock.after(IDLE_MS, () => void this.close());
    };
    let kept = false;
    const release = () => {
      kept = true;
      return done;
    };
    try {
      return await work(bytes, release);
    } catch (error) {
      throw this.#explain.error(error, path);
    } finally {
      if (!kept) done();
    }
  }

  /** A FIFO or a device would hold up everything else that is asked of the target. */
  async #mustBeFile(bytes: Buffer, path: string, mayMiss: boolean): Promise<Attributes | undefined> {
    const attributes = await this.#client.stat(bytes).catch((error: unknown) => {
      if (!mayMiss) throw error;
      return undefined;
    });
    const kind = attributes && kindOf(attributes);
    if (kind !== undefined && kind !== 'file') throw this.#explain.noFile(path, kind === 'folder');
    return attributes;
  }

  async #write(handle: Buffer, offset: number, body: Readable): Promise<void> {
    const upload = new Upload(this.#client, handle, offset);
    this.#streams.add(upload);
    try {
      await pipeline(body, upload);
    } catch (error) {
      await upload.idle();
      const why = upload.failure ?? error;
      if (why instanceof AppError || why instanceof SftpFailure || why instanceof SftpError) throw why;
      throw new AppError('invalid', 'The upload was broken off.', { cause: why });
    } finally {
      this.#streams.delete(upload);
    }
  }

  /** Closes a file; one that somebody gave up is told as such. */
  async #leave(handle: Buffer, complete: boolean): Promise<void> {
    try {
      if (!complete) await this.#client.giveUp(handle);
      await this.#client.close(handle);
    } catch {
      // the target has said what it had to say about this file, or is gone
    }
  }

  #leftUnfinished(path: string): void {
    this.#unfinished.add(path);
    if (this.#unfinished.size > MOST_UNFINISHED) this.#unfinished.delete(this.#unfinished.values().next().value!);
  }

  /** Why something could not be made there: because something is, where that can be seen. */
  async #taken(error: unknown, bytes: Buffer | undefined, path: string): Promise<never> {
    const there = bytes && (await this.#client.lstat(bytes).catch(() => undefined));
    if (there && !this.#explain.isRefusal(error)) throw this.#explain.exists(path);
    throw error;
  }
}

function lastStep(path: Buffer): Buffer {
  let end = path.length;
  while (end > 1 && path[end - 1] === 0x2f) end--;
  const start = path.subarray(0, end).lastIndexOf(0x2f);
  return path.subarray(start + 1, end).length > 0 ? path.subarray(start + 1, end) : path.subarray(0, 1);
}
