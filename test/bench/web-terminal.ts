import { openWebTerminal, type WebTerminal } from '../kit/web-terminal.ts';
import { echoes, percentile, type Row, rss } from './measure.ts';
import type { Bench } from './setup.ts';

const MB = 100;
const ROUNDS = 5;
const ms = (value: number) => `${value.toFixed(2)} ms`;

/** Terminals in pages, from the socket's end: what a page makes of it is measured where pages are. */
export async function webTerminal(bench: Bench): Promise<Row[]> {
  const { secret } = await bench.bastion.json<{ secret: string }>(['token', 'add', 'bench']);
  const open = async (keeps: boolean) => {
    const terminal = await openWebTerminal(bench.bastion, secret, { asset: 'target' }, { keeps });
    await terminal.sees(/[#$] $/);
    return terminal;
  };
  const socket: number[] = [];
  const ssh: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    socket.push(...(await keystrokes(await open(false), 400)));
    ssh.push(...(await echoes(bench.through, 400)));
  }
  const rows = ([50, 99] as const).map((p): Row => {
    const [here, there] = [percentile(socket, p / 100), percentile(ssh, p / 100)];
    return {
      measure: `echo p${p} over the WebSocket ÷ SSH through the bastion`,
      goal: '≤ 1.25',
      reached: `${(here / there).toFixed(2)}×`,
      met: here / there <= 1.25,
      detail: `WebSocket ${ms(here)}, SSH ${ms(there)}`,
    };
  });
  return [...rows, await bulk(bench, await open(false))];
}

async function keystrokes(terminal: WebTerminal, count: number): Promise<number[]> {
  terminal.type('stty -icanon min 1 time 0; echo rea""dy; exec cat >/dev/null\r');
  await terminal.sees('ready\r\n');
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const key = String.fromCharCode(97 + (i % 25));
    const echoed = new Promise<void>((resolve) =>
      terminal.tap((chunk) => {
        if (chunk.includes(key)) resolve();
      }),
    );
    const started = performance.now();
    terminal.type(key);
    await echoed;
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  terminal.send({ type: 'close' });
  await terminal.ended();
  return times;
}

async function bulk(bench: Bench, terminal: WebTerminal): Promise<Row> {
  const { pid } = bench.bastion;
  const before = rss(pid);
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, rss(pid));
  }, 20);
  const started = performance.now();
  terminal.type(`stty -opost; exec head -c ${MB}M /dev/zero\r`);
  await terminal.ended();
  clearInterval(sampling);
  const seconds = (performance.now() - started) / 1e3;
  const grown = most - before;
  return {
    measure: `memory of the daemon while ${MB} MB go into a page`,
    goal: '≤ 64 MB more',
    reached: `${grown.toFixed(0)} MB more`,
    met: grown <= 64,
    detail: `${before.toFixed(0)} MB before; ${(MB / seconds).toFixed(0)} MB/s, recorded`,
  };
}
