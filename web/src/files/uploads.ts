import { ApiError, api } from '../kit/api.ts';
import { type Connection, Cut, isMissing } from './connection.ts';
import type { Drop } from './dropped.ts';
import { freeName, joined, parentOf } from './names.ts';

const AT_ONCE = 2;
/** Progress is told at most so often. */
const TELL_MS = 200;

export type State = 'waiting' | 'asking' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped';
export type Choice = 'overwrite' | 'keep' | 'skip';

/** What went wrong with an upload: an error, or a sentence of ours by its key. */
export type Trouble = 'isFolder' | 'changedHere' | 'longerThere' | 'broken' | Error;

let count = 0;

export class Upload {
  readonly key = ++count;
  readonly file: File;
  path: string;
  state: State = 'waiting';
  sent = 0;
  /** Bytes a second. */
  speed = 0;
  trouble: Trouble | undefined;
  /** Something of it is on the target, from where it can go on. */
  begun = false;
  abort = new AbortController();

  constructor(file: File, path: string) {
    this.file = file;
    this.path = path;
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  get over(): boolean {
    return this.state !== 'waiting' && this.state !== 'asking' && this.state !== 'running';
  }
}

/** Uploads to one account, some at a time, in their order. */
export class Uploads {
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  readonly #arrived: (folder: string) => void;
  #items: readonly Upload[] = [];
  #running = 0;
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #forAll: Choice | undefined;
  /** Settles what is asked about `asking`. */
  #answer: ((choice: Choice) => void) | undefined;
  #asking: Upload | undefined;
  /** One question at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #snapshot: { readonly items: readonly Upload[]; readonly asking: Upload | undefined } = {
    items: [],
    asking: undefined,
  };

  /** `arrived`: something is new in this folder. */
  constructor(connection: Connection, arrived: (folder: string) => void) {
    this.#connection = connection;
    this.#arrived = arrived;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = () => this.#snapshot;

  get busy(): boolean {
    return this.#items.some((item) => !item.over);
  }

  /** Makes the folders that are missing, then sends the files. Rejects when a folder cannot be made. */
  async add(folder: string, { files, folders }: Drop): Promise<void> {
    this.#forAll = undefined;
    for (const path of folders)
      await this.#connection.call((id) => api.files.makeFolder({ id, path: joined(folder, path), existing: true }));
    if (folders.length > 0) this.#arrived(folder);
    this.#items = [...this.#items, ...files.map(({ file, path }) => new Upload(file, joined(folder, path)))];
    this.#changed();
    this.#go();
  }

  /** Goes on with what was cut or given up, from where the target has it. */
  resume(item: Upload): void {
    item.state = 'waiting';
    item.trouble = undefined;
    item.abort = new AbortController();
    this.#changed();
    this.#go();
  }

  /** After the network is back. */
  resumeCut(): void {
    for (const item of this.#items) if (item.state === 'failed' && item.trouble === 'broken') this.resume(item);
  }

  cancel(item: Upload): void {
    item.abort.abort();
    if (item.state === 'waiting') item.state = 'cancelled';
    if (item === this.#asking) this.#answer?.('skip');
    this.#changed();
  }

  cancelAll(): void {
    for (const item of this.#items) if (!item.over) this.cancel(item);
  }

  clear(): void {
    this.#items = this.#items.filter((item) => !item.over);
    this.#changed();
  }

  choose(choice: Choice, forAll: boolean): void {
    if (forAll) this.#forAll = choice;
    this.#answer?.(choice);
  }

  #go(): void {
    while (this.#running < AT_ONCE) {
      const next = this.#items.find(({ state }) => state === 'waiting');
      if (!next) return;
      this.#running++;
      next.state = 'running';
      void this.#send(next).finally(() => {
        this.#running--;
        this.#changed();
        this.#go();
      });
    }
  }

  async #send(item: Upload): Promise<void> {
    try {
      const from = item.begun ? await this.#there(item) : await this.#place(item);
      if (from === undefined) return;
      await this.#bytes(item, from).catch(async (error: unknown) => {
        // something came to be there between the look and the upload
        const again = isTaken(error) ? await this.#place(item) : undefined;
        if (again) return this.#bytes(item, again);
        if (!item.over) throw error;
      });
      if (item.over) return;
      item.state = 'done';
      item.sent = item.file.size;
      this.#arrived(parentOf(item.path));
    } catch (error) {
      if (item.abort.signal.aborted) item.state = 'cancelled';
      else {
        item.state = 'failed';
        item.trouble ??= isCut(error) ? 'broken' : (error as Error);
      }
      if (item.begun) this.#arrived(parentOf(item.path));
    }
  }

  async #bytes(item: Upload, { offset, fresh }: From): Promise<void> {
    // a file that was removed or changed here fails without a word in the request itself
    await item.file
      .slice(0, 1)
      .arrayBuffer()
      .catch(() => {
        item.trouble = 'changedHere';
        throw new Error('changed');
      });
    item.sent = offset;
    item.begun = true;
    let moment = performance.now();
    let before = 0;
    const told = (bytes: number) => {
      const now = performance.now();
      if (now - moment < TELL_MS) return;
      const speed = ((bytes - before) * 1000) / (now - moment);
      item.speed = item.speed === 0 ? speed : 0.7 * item.speed + 0.3 * speed;
      [moment, before] = [now, bytes];
      item.sent = offset + Math.min(bytes, item.file.size - offset);
      this.#changed();
    };
    const content = offset === 0 ? item.file : item.file.slice(offset);
    await this.#connection.write(item.path, content, { offset, fresh, signal: item.abort.signal, told });
  }

  /** How much of it the target has. */
  async #there(item: Upload): Promise<From | undefined> {
    try {
      const { size } = await this.#connection.call((id) => api.files.show({ id, path: item.path }));
      if ((size ?? 0) > item.file.size) {
        item.trouble = 'longerThere';
        item.begun = false;
        throw new Error('longer');
      }
      return { offset: size ?? 0, fresh: false };
    } catch (error) {
      if (isMissing(error)) return { offset: 0, fresh: true };
      throw error;
    }
  }

  /** Where it goes: asks when something is there. Undefined: it is skipped. */
  async #place(item: Upload): Promise<From | undefined> {
    const there = await this.#connection
      .call((id) => api.files.show({ id, path: item.path }))
      .catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
    if (!there) return { offset: 0, fresh: true };
    if (there.kind === 'folder' || there.toFolder) {
      item.trouble = 'isFolder';
      throw new Error('folder');
    }
    const choice = await this.#ask(item);
    if (choice === 'skip') {
      item.state = item.abort.signal.aborted ? 'cancelled' : 'skipped';
      return undefined;
    }
    if (choice === 'overwrite') return { offset: 0, fresh: false };
    const folder = parentOf(item.path);
    const { entries } = await this.#connection.call((id) => api.files.list({ id, path: folder }));
    const names = new Set(entries.map(({ name }) => name));
    item.path = joined(
      folder,
      freeName(item.name, (name) => names.has(name)),
    );
    return { offset: 0, fresh: true };
  }

  #ask(item: Upload): Promise<Choice> {
    const turn = this.#turn.then(async () => {
      if (item.abort.signal.aborted) return 'skip';
      if (this.#forAll) return this.#forAll;
      item.state = 'asking';
      this.#asking = item;
      const answer = new Promise<Choice>((resolve) => {
        this.#answer = resolve;
      });
      this.#changed();
      const choice = await answer;
      this.#asking = undefined;
      item.state = 'running';
      this.#changed();
      return choice;
    });
    this.#turn = turn;
    return turn;
  }

  #changed(): void {
    const wait = this.#told + TELL_MS - performance.now();
    if (wait > 0) {
      this.#timer ??= setTimeout(() => this.#tell(), wait);
      return;
    }
    this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = performance.now();
    this.#snapshot = { items: [...this.#items], asking: this.#asking };
    for (const listener of this.#listeners) listener();
  }
}

interface From {
  readonly offset: number;
  readonly fresh: boolean;
}

const isTaken = (error: unknown) => error instanceof ApiError && error.details?.exists === true;

/** Whether trying again later may help. */
function isCut(error: unknown): boolean {
  return error instanceof Cut || (error instanceof ApiError && (error.status === 0 || error.code === 'target_closed'));
}
