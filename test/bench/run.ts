// `npm run bench [NAME…]`: Bastion, recording on, beside OpenSSH's own jump host, in one interleaved run. Ratios are
// what counts: the machine's speed cancels out. Prints a Markdown table and, with --write, keeps it in docs/BENCHMARKS.md.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { seen } from '../kit/process.ts';
import {
  bulkIn,
  bulkOut,
  cpuSeconds,
  echoes,
  interleaved,
  median,
  type Path,
  percentile,
  rate,
  rss,
  setUp,
} from './measure.ts';
import { type Bench, prepare } from './setup.ts';

interface Row {
  readonly measure: string;
  readonly goal: string;
  readonly reached: string;
  readonly met: boolean;
  readonly detail: string;
}

const MB = 512;
const ROUNDS = 5;
const x = (value: number) => `${value.toFixed(2)}×`;
const ms = (value: number) => `${value.toFixed(2)} ms`;
const list = (values: Map<string, number>, unit: string, digits = 0) =>
  [...values].map(([name, value]) => `${name} ${value.toFixed(digits)} ${unit}`).join(', ');

type Measure = (bench: Bench) => Promise<Row[]>;

const bulk = (name: string, goal: number, round: (path: Path, mb: number) => Promise<number>): Measure => {
  return async ({ direct, proxyJump, doubleHop, through }) => {
    const speed = await interleaved([direct, proxyJump, doubleHop, through], ROUNDS, (path) => round(path, MB));
    const ratio = speed.get('bastion')! / speed.get('double hop')!;
    return [
      {
        measure: `bulk ${name} ÷ double hop`,
        goal: `≥ ${goal}`,
        reached: x(ratio),
        met: ratio >= goal,
        detail: list(speed, 'MB/s'),
      },
    ];
  };
};

const setUpTime: Measure = async ({ direct, proxyJump, doubleHop, through }) => {
  await setUp(through);
  const times = await interleaved([direct, proxyJump, doubleHop, through], 15, setUp);
  const ratio = times.get('bastion')! / times.get('double hop')!;
  const rates = await interleaved([doubleHop, through], 3, (path) => rate(path, 40, 8));
  const rateRatio = rates.get('bastion')! / rates.get('double hop')!;
  return [
    {
      measure: 'set-up time ÷ double hop',
      goal: '≤ 0.25',
      reached: x(ratio),
      met: ratio <= 0.25,
      detail: list(times, 'ms'),
    },
    {
      measure: 'connections/s (8 in parallel) ÷ double hop',
      goal: '≥ 2.0',
      reached: x(rateRatio),
      met: rateRatio >= 2,
      detail: list(rates, '/s', 1),
    },
  ];
};

const echo: Measure = async ({ direct, doubleHop, through }) => {
  const quiet = new Map<string, number[]>();
  for (let round = 0; round < 3; round++) {
    for (const path of [direct, doubleHop, through]) {
      quiet.set(path.name, [...(quiet.get(path.name) ?? []), ...(await echoes(path, 400))]);
    }
  }
  const at = (name: string, p: number) => percentile(quiet.get(name)!, p);
  const p50 = at('bastion', 0.5) / at('double hop', 0.5);
  const p99 = at('bastion', 0.99) / at('double hop', 0.99);
  const detail = (p: number) => [...quiet.keys()].map((name) => `${name} ${ms(at(name, p))}`).join(', ');

  const argv = through.argv('cat /dev/zero', false);
  const load = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] });
  const busy = await echoes(through, 800);
  load.kill();
  const busyP99 = percentile(busy, 0.99);
  const limit = Math.min(2.5, 3 * at('bastion', 0.99));
  return [
    { measure: 'echo p50, quiet ÷ double hop', goal: '≤ 1.1', reached: x(p50), met: p50 <= 1.1, detail: detail(0.5) },
    { measure: 'echo p99, quiet ÷ double hop', goal: '≤ 1.3', reached: x(p99), met: p99 <= 1.3, detail: detail(0.99) },
    {
      measure: 'echo p99 while another session moves bulk data',
      goal: '≤ 2.5 ms and ≤ 3 × quiet',
      reached: ms(busyP99),
      met: busyP99 <= limit,
      detail: `p50 ${ms(percentile(busy, 0.5))}, ${x(busyP99 / at('bastion', 0.99))} quiet`,
    },
  ];
};

const memory: Measure = async ({ bastion, through }) => {
  const before = rss(bastion.pid);
  const children = Array.from({ length: 200 }, () => {
    const argv = through.argv('echo up; exec cat', true);
    return spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  });
  await Promise.all(children.map((child) => seen(child.stdout!, /up/)));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const each = (rss(bastion.pid) - before) / children.length;
  for (const child of children) child.kill();
  return [
    {
      measure: 'memory per idle recorded session, at 200',
      goal: '≤ 0.6 MB',
      reached: `${each.toFixed(2)} MB`,
      met: each <= 0.6,
      detail: `daemon ${before.toFixed(0)} MB before`,
    },
  ];
};

const distance: Measure = async (bench) => {
  const proxy = async (port: number) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'delay-proxy.ts'), String(port), '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return { child, port: Number((await seen(child.stdout!, /(\d+)\n/))[1]) };
  };
  const near = await proxy(bench.target.port);
  const far = await proxy(bench.bastion.sshPort);
  const speed = await interleaved([bench.directAt(near.port), bench.throughAt(far.port)], 3, (path) =>
    bulkOut(path, 192),
  );
  near.child.kill();
  far.child.kill();
  const ratio = speed.get('bastion')! / speed.get('direct')!;
  return [
    {
      measure: 'bulk at 40 ms round trip ÷ direct OpenSSH',
      goal: '≥ 1.5',
      reached: x(ratio),
      met: ratio >= 1.5,
      detail: list(speed, 'MB/s'),
    },
  ];
};

/** CPU of the daemon for terminal output, recorded, over the same bytes of a command whose output is not kept. */
const recording: Measure = async () => {
  const text = `base64 -w 100 /dev/urandom | head -c 64M`;
  const cost = async (bench: Bench) => {
    const before = cpuSeconds(bench.bastion.pid);
    const argv = bench.through.argv(text, false);
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
    await new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 4000));
    return ((cpuSeconds(bench.bastion.pid) - before) * 1e3) / 64;
  };
  await using bare = await prepare({ session: { exec_output_limit: 0, disk_reserve: '1MiB' } });
  await using kept = await prepare({ session: { exec_output_limit: '1GiB', disk_reserve: '1MiB' } });
  const costs = { bare: [] as number[], kept: [] as number[] };
  for (let round = 0; round < 3; round++) {
    costs.bare.push(await cost(bare));
    costs.kept.push(await cost(kept));
  }
  const over = median(costs.kept) - median(costs.bare);
  return [
    {
      measure: 'recording CPU per MB of output, rendering included, over the bare relay',
      goal: '≤ 8 ms',
      reached: ms(over),
      met: over <= 8,
      detail: `bare ${ms(median(costs.bare))}, recorded ${ms(median(costs.kept))}`,
    },
  ];
};

const MEASURES: Readonly<Record<string, Measure>> = {
  out: bulk('stdout', 1.4, bulkOut),
  in: bulk('stdin', 1.25, bulkIn),
  setup: setUpTime,
  echo,
  memory,
  distance,
  recording,
};

async function main(): Promise<void> {
  const write = process.argv.includes('--write');
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const rows: Row[] = [];
  {
    await using bench = await prepare();
    for (const [name, measure] of Object.entries(MEASURES)) {
      if (names.length > 0 && !names.includes(name)) continue;
      for (const row of await measure(bench)) {
        rows.push(row);
        console.log(
          `${row.met ? 'met   ' : 'MISSED'} ${row.measure}: ${row.reached} (goal ${row.goal}; ${row.detail})`,
        );
      }
    }
  }
  const table = [
    '| measure | goal | reached | |',
    '|---|---|---|---|',
    ...rows.map(
      (row) => `| ${row.measure} | ${row.goal} | **${row.reached}**${row.met ? '' : ' (missed)'} | ${row.detail} |`,
    ),
  ].join('\n');
  if (write) writeFileSync(join(import.meta.dirname, '../../docs/BENCHMARKS.md'), page(table));
}

function page(table: string): string {
  return `# Benchmarks

Made with \`npm run bench -- --write\`: Bastion with recording on, beside OpenSSH's own ways over a jump host, everything on one machine over loopback, rounds
interleaved so that noise hits all alike, medians. *Double hop* is \`ssh jump ssh target\`: it decrypts and encrypts again in the middle, as a bastion must.
Only the ratios mean anything elsewhere.

Last run: ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]!.model.trim()}), Node ${process.version}, ${sshVersion()}, cipher aes128-gcm, ${MB} MB a transfer.

${table}
`;
}

function sshVersion(): string {
  return spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr.split(',')[0]!;
}

await main();
