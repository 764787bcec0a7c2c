import { parentPort } from 'node:worker_threads';
import type { Database as Sqlite } from 'better-sqlite3';
import { asAppError, Engine } from './engine.ts';
import { migrate, type Upgrade } from './migrate.ts';
import { openSqlite } from './sqlite.ts';
import { type Call, type FromWorker, pack, type ToWorker, toWire, unpack } from './wire.ts';

export interface StoreWorkerData {
  readonly file: string;
  /** The writer owns the database and migrates it; the reader only reads. */
  readonly role: 'writer' | 'reader';
  readonly now: number;
  /** The release that this is. */
  readonly program?: string | undefined;
}

/** The body of a store thread: opens the database, then answers calls until told to close. */
export function run(data: StoreWorkerData): void {
  let sqlite: Sqlite | undefined;
  let upgrade: Upgrade | undefined;
  try {
    sqlite = openSqlite(data.file, data.role === 'writer' ? 'write' : 'read');
    if (data.role === 'writer') upgrade = migrate(sqlite, data.file, data);
  } catch (error) {
    // a database that was only looked at is left as it was found, without a log beside it
    sqlite?.close();
    post({ kind: 'refused', error: toWire(asAppError(error)) });
    return;
  }
  serve(sqlite);
  post({ kind: 'ready', upgrade });
}

function serve(sqlite: Sqlite): void {
  const engine = new Engine(sqlite);
  let waiting: Call[] = [];
  let closing = false;
  let running = false;

  // Whatever arrived since the last batch makes the next one: the busier, the more writes share a commit.
  const drain = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      post({ kind: 'replies', ...(await engine.run(batch)) });
      // lets the port deliver what came in meanwhile
      await new Promise(setImmediate);
    }
    running = false;
    if (closing) close();
  };
  const close = () => {
    parentPort!.off('message', receive);
    sqlite.close();
    post({ kind: 'closed' });
  };
  const receive = (bytes: Uint8Array) => {
    const message = unpack<ToWorker>(bytes);
    if (message.kind === 'call') waiting.push(message.call);
    else closing = true;
    if (running) return;
    running = true;
    setImmediate(() => void drain());
  };
  parentPort!.on('message', receive);
}

function post(message: FromWorker): void {
  parentPort!.postMessage(pack(message));
}
