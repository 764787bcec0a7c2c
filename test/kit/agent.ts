import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, seen } from './process.ts';

/** Signs as a security key would, without hardware. */
export const SK_PROVIDER = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so';

/** OpenSSH's own agent in a process of its own. */
export interface Agent {
  readonly socket: string;
  readonly env: NodeJS.ProcessEnv;
  /** `ssh-add` with these arguments. */
  add(...args: string[]): Promise<void>;
  /** A connection to it, as a forwarded one would be. */
  open(): Promise<Socket>;
  stop(): Promise<void>;
}

export async function startAgent(): Promise<Agent> {
  const dir = await mkdtemp(join(tmpdir(), 'bastion-agent-'));
  const socket = join(dir, 'agent');
  const child: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket, '-P', '/usr/lib/openssh/*'], { stdio: 'pipe' });
  await seen(child.stdout!, /SSH_AUTH_SOCK/);
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  return {
    socket,
    env,
    async add(...args) {
      const sk = args.some((arg) => arg.endsWith('-sk')) ? ['-S', SK_PROVIDER] : [];
      const added = await run('ssh-add', ['-q', ...sk, ...args], { env });
      if (added.code !== 0) throw new Error(`ssh-add ${args.join(' ')}: ${added.stderr}`);
    },
    open: () =>
      new Promise((resolve, reject) => {
        const connection = connect(socket);
        connection.once('connect', () => resolve(connection));
        connection.once('error', reject);
      }),
    async stop() {
      child.kill('SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
