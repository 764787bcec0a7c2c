import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import BetterSqlite, { type Database as Sqlite } from 'better-sqlite3';
import { AppError } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/id.ts';
import { asAppError } from '../engine.ts';
import { type Call, type FromWorker, pack, type Reply, type ToWorker, toWire, unpack } from '../wire.ts';
import type { TextBlock } from './block.ts';
import { isDamage, openTexts, removeTexts } from './database.ts';
import type { OutputQuery, OutputSession } from './outputs-model.ts';
import { searchTexts } from './search.ts';
import { TextWriter } from './writer.ts';

export interface TextWorkerData {
  readonly file: string;
}

/** Gives the text of a recording file block by block; its result says whether it was cut. */
export type TextReader = (file: string) => Iterator<TextBlock, boolean>;

/** So long text is taken in before calls that came meanwhile are answered. */
const STEP_MS = 10;
/** What runs here can wait; keystrokes cannot. */
const NICENESS = 19;

/** The body of the text thread: answers calls, and takes in sessions between them. */
export function serveTexts({ file }: TextWorkerData, read: TextReader): void {
  let sqlite: Sqlite;
  try {
    yieldToOthers();
    sqlite = openTexts(file);
  } catch (error) {
    post({ kind: 'refused', error: toWire(asAppError(error)) });
    return;
  }
  new Service(sqlite, file, read).start();
  post({ kind: 'ready', upgrade: undefined });
}

interface Job {
  readonly call: Call;
  readonly session: OutputSession;
  readonly file: string;
  /** There once it was begun. */
  work?: { readonly number: number; readonly blocks: Iterator<TextBlock, boolean> };
}

class Service {
  readonly #sqlite: Sqlite;
  readonly #file: string;
  readonly #read: TextReader;
  readonly #writer: TextWriter;
  readonly #jobs: Job[] = [];
  #calls: Call[] = [];
  #running = false;
  #closing = false;
  readonly #receive = (bytes: Uint8Array) => {
    const message = unpack<ToWorker>(bytes);
    if (message.kind === 'call') this.#calls.push(message.call);
    else this.#closing = true;
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  };

  constructor(sqlite: Sqlite, file: string, read: TextReader) {
    this.#sqlite = sqlite;
    this.#file = file;
    this.#read = read;
    this.#writer = new TextWriter(sqlite);
  }

  start(): void {
    parentPort!.on('message', this.#receive);
  }

  async #run(): Promise<void> {
    while (this.#calls.length > 0 || this.#jobs.length > 0) {
      const calls = this.#calls;
      this.#calls = [];
      for (const call of calls) this.#answer(call);
      if (this.#closing) break;
      this.#step();
      // lets the port deliver what came in meanwhile
      await new Promise(setImmediate);
    }
    this.#running = false;
    if (this.#closing) this.#close();
  }

  #answer(call: Call): void {
    const [first, second] = call.args;
    if (call.method === 'index') {
      this.#jobs.push({ call, session: first as OutputSession, file: second as string });
      return;
    }
    try {
      this.#reply({ id: call.id, value: this.#perform(call.method, first, second) });
    } catch (error) {
      this.#refuse(call, error);
    }
  }

  #perform(method: string, first: unknown, second: unknown): unknown {
    switch (method) {
      case 'search':
        return searchTexts(this.#sqlite, first as OutputQuery);
      case 'indexed':
        return this.#sqlite
          .prepare('select id from sessions where state > 0 and id > ? and id <= ? order by id')
          .pluck()
          .all(first, second ?? '~');
      case 'remove':
        return this.#writer.remove(first as SessionId[]);
      default:
        throw new Error(`no such method: outputs.${method}`);
    }
  }

  /** Takes in a little of the session whose turn it is. */
  #step(): void {
    const job = this.#jobs[0];
    if (!job) return;
    try {
      job.work ??= { number: this.#writer.begin(job.session), blocks: this.#read(job.file) };
      const { number, blocks } = job.work;
      const until = performance.now() + STEP_MS;
      do {
        const next = blocks.next();
        if (!next.done) {
          this.#writer.add(number, next.value);
          continue;
        }
        this.#writer.finish(number, next.value);
        this.#jobs.shift();
        this.#reply({ id: job.call.id });
        return;
      } while (performance.now() < until);
    } catch (error) {
      this.#jobs.shift();
      this.#giveUp(job, error);
    }
  }

  /**
   * A recording that cannot be read is noted, so that it is not tried at each start. Trouble of the index itself is not
   * the recording's fault: the session stays one that was not taken in.
   */
  #giveUp(job: Job, error: unknown): void {
    if (error instanceof BetterSqlite.SqliteError || !job.work) {
      this.#writer.rollback();
      this.#refuse(job.call, error);
      return;
    }
    try {
      this.#writer.fail(job.work.number);
      this.#refuse(job.call, new AppError('not_found', 'This recording cannot be read.', { cause: error }));
    } catch (trouble) {
      this.#writer.rollback();
      this.#refuse(job.call, trouble);
    }
  }

  #refuse(call: Call, error: unknown): void {
    if (isDamage(error)) {
      // ends the thread; its owner starts another one at the next call, and that one begins with an empty index
      this.#sqlite.close();
      removeTexts(this.#file);
      throw error;
    }
    this.#reply({ id: call.id, error: toWire(asAppError(error)) });
  }

  #reply(reply: Reply): void {
    post({ kind: 'replies', replies: [reply], accessChanged: false });
  }

  #close(): void {
    parentPort!.off('message', this.#receive);
    const stopped = new AppError('shutting_down', 'The bastion is stopping.');
    for (const { call } of this.#jobs) this.#refuse(call, stopped);
    this.#writer.rollback();
    this.#sqlite.close();
    post({ kind: 'closed' });
  }
}

/** Linux gives each thread a priority of its own. Elsewhere the scheduler treats all alike. */
function yieldToOthers(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, NICENESS);
  } catch {
    // only a courtesy
  }
}

function post(message: FromWorker): void {
  parentPort!.postMessage(pack(message));
}
