import { spawn } from 'node:child_process';
import { eventually, seen } from '../kit/process.ts';
import { WatchClient } from '../kit/web-watch.ts';
import { percentile, type Row } from './measure.ts';
import type { Bench } from './setup.ts';

const KEYS = 300;
const GOAL_MS = 100;

/** From a key of the user to its echo at who watches over the WebSocket. */
export async function watching({ bastion, through }: Bench): Promise<Row[]> {
  await bastion.ok(['user', 'add', 'watcher', '--role', 'auditor', '--password-stdin'], {
    stdin: 'a long phrase for 1\n',
  });
  const { secret } = await bastion.json<{ secret: string }>(['token', 'add', 'watcher']);
  const argv = through.argv('stty -echo; echo up; exec cat', true);
  const user = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await seen(user.stdout!, /up/);
    const [live] = await bastion.json<{ id: string }[]>(['session', 'list', '--live']);
    using eye = new WatchClient(`ws://127.0.0.1:${bastion.httpPort}/ws/watch/${live!.id}`, { token: secret });
    await eventually('the screen', async () => eye.shown.includes('up') || undefined);
    const delays: number[] = [];
    for (let i = 0; i < KEYS; i++) {
      const began = performance.now();
      user.stdin!.write(`key ${i}.\n`);
      await eye.sees(`key ${i}.`);
      delays.push(performance.now() - began);
    }
    const p99 = percentile(delays, 0.99);
    return [
      {
        measure: 'from a line of the user to the screen of who watches it',
        goal: `≤ ${GOAL_MS} ms`,
        reached: `${p99.toFixed(2)} ms`,
        met: p99 <= GOAL_MS,
        detail: `p99 of ${KEYS}, p50 ${percentile(delays, 0.5).toFixed(2)} ms; through sshd and back, over a WebSocket`,
      },
    ];
  } finally {
    user.kill();
  }
}
