import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../kit/process.ts';
import { ensureUser, TEST_USER } from '../kit/sshd.ts';

/** The mark in every file that is there to be fetched. */
export const MARK = 'what the target keeps to itself';

/**
 * What the target saw: a directory there in which a cell leaves a trace of its own, and a port and a socket that note
 * what they are sent. Everything is asked by the cell's token, so that cells may run beside each other.
 */
export interface Witness extends AsyncDisposable {
  readonly dir: string;
  /** Where the output of the subsystem `witness` goes. */
  readonly subsystem: string;
  readonly port: number;
  readonly socket: string;
  /** A fresh directory of this name in which anybody may write. */
  folder(name: string): string;
  /** A file that anybody may read, write and remove, with the mark in it. */
  file(path: string): string;
  /** The same, owned by the user of the target. */
  owned(path: string): string;
  /** Makes the user of the target the owner. */
  give(path: string): void;
  /** Whether the port or the socket was sent this token, or the subsystem read it. */
  heard(token: string): boolean;
}

export async function startWitness(): Promise<Witness> {
  await ensureUser(TEST_USER);
  const dir = mkdtempSync(join(tmpdir(), 'bastion-access-'));
  chmodSync(dir, 0o777);
  const uid = Number((await run('id', ['-u', TEST_USER.name])).stdout);
  let heard = '';
  const listen = async (where: number | string): Promise<Server> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        heard += chunk;
        socket.write(chunk);
      });
      socket.on('end', () => socket.end());
    });
    await new Promise<void>((resolve) => {
      if (typeof where === 'string') server.listen(where, resolve);
      else server.listen(where, '127.0.0.1', resolve);
    });
    return server;
  };
  const socket = join(dir, 'socket');
  const servers = [await listen(0), await listen(socket)];
  chmodSync(socket, 0o777);
  const subsystem = join(dir, 'subsystem');
  writeFileSync(subsystem, '');
  chmodSync(subsystem, 0o666);
  return {
    dir,
    subsystem,
    socket,
    port: (servers[0]!.address() as AddressInfo).port,
    folder(name) {
      const path = join(dir, name);
      mkdirSync(path);
      chmodSync(path, 0o777);
      return path;
    },
    file(path) {
      writeFileSync(path, `${MARK}\n`);
      chmodSync(path, 0o666);
      return path;
    },
    owned(path) {
      writeFileSync(path, `${MARK}\n`);
      chmodSync(path, 0o644);
      chownSync(path, uid, uid);
      return path;
    },
    give: (path) => chownSync(path, uid, uid),
    heard: (token) => heard.includes(token) || readFileSync(subsystem, 'utf8').includes(token),
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export const modeOf = (path: string) => (existsSync(path) ? statSync(path).mode & 0o777 : undefined);
