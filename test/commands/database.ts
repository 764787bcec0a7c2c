import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { finished, seen, start } from '../kit/process.ts';

export interface Database {
  readonly socket: string;
  stop(): Promise<void>;
}

/** A MariaDB server without a network and without accounts, on a socket in this directory. */
export async function startDatabase(dir: string): Promise<Database> {
  const socket = join(dir, 'mariadb.sock');
  mkdirSync(join(dir, 'mariadb'));
  const child = start('mariadbd', [
    '--no-defaults',
    `--user=${userInfo().username}`,
    `--datadir=${join(dir, 'mariadb')}`,
    `--socket=${socket}`,
    '--skip-networking',
    '--skip-grant-tables',
    '--innodb-buffer-pool-size=8M',
  ]);
  const ended = finished(child);
  await seen(child.stderr!, /ready for connections/);
  return {
    socket,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
