// `npm run bench [NAME…]`: Bastion, recording on, beside OpenSSH's own jump host, in one interleaved run. Ratios are
// what counts: the machine's speed cancels out. Prints a Markdown table and, with --write, keeps it in docs/BENCHMARKS.md.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, run, seen } from '../kit/process.ts';
import { files } from './files.ts';
import { fuzz } from './fuzz.ts';
import {
  bulkIn,
  bulkOut,
  cpuSeconds,
  echoes,
  interleaved,
  median,
  type Path,
  percentile,
  type Row,
  rate,
  rss,
  setUp,
} from './measure.ts';
import { pages } from './pages.ts';
import { commandSearch } from './search-commands.ts';
import { outputSearch } from './search-output.ts';
import { type Bench, prepare } from './setup.ts';
import { watching } from './watch.ts';
import { webTerminal } from './web-terminal.ts';

const MB = 512;
const ROUNDS = 7;
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
  for (let round = 0; round < 5; round++) {
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
  // What this machine's scheduler makes of a keystroke that does not pass through the bastion, under the same load
  const beside = await echoes(direct, 800);
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
      detail: `p50 ${ms(percentile(busy, 0.5))}; ${x(busyP99 / at('bastion', 0.99))} quiet; the same load, but a keystroke straight to the target: p99 ${ms(percentile(beside, 0.99))}`,
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

/** The target is 40 ms away, for the client that goes there directly as for the bastion. */
const distance: Measure = async (bench) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'delay-proxy.ts'), String(bench.target.port), '20'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const port = Number((await seen(child.stdout!, /(\d+)\n/))[1]);
  const far = await bench.assetAt('far', port);
  const speed = await interleaved([bench.directAt(port), far], 3, (path) => bulkOut(path, 192));
  child.kill();
  const ratio = speed.get('bastion')! / speed.get('direct')!;
  return [
    {
      measure: 'bulk from a target at 40 ms round trip ÷ direct OpenSSH',
      goal: '≥ 1.5',
      reached: x(ratio),
      met: ratio >= 1.5,
      detail: list(speed, 'MB/s'),
    },
  ];
};

const TERMINAL_MB = 64;

/** Processor time of the daemon for coloured terminal output, recorded, over that of the same session unrecorded. */
const recording: Measure = async () => {
  const text = join(tmpdir(), 'bastion-bench-terminal.txt');
  const made = await run('bash', [
    '-c',
    `for i in 1 2 3 4 5 6 7 8; do ls -lR --color=always /usr/lib /usr/share; done 2>/dev/null | head -c ${TERMINAL_MB}M >${text}`,
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
  const command = `cat ${text}`;
  /** While the session runs, and from its end until its recording is stored. */
  const cost = async (bench: Bench, recorded: boolean): Promise<[live: number, afterwards: number]> => {
    const cpu = () => (cpuSeconds(bench.bastion.pid) * 1e3) / TERMINAL_MB;
    const before = cpu();
    const argv = bench.through.argv(command, true);
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.on('close', resolve));
    const ended = cpu();
    if (!recorded) return [ended - before, 0];
    await eventually('the recording', async () => {
      const [newest] = await bench.bastion.json<{ recording: string }[]>(['session', 'list']);
      return newest?.recording === 'ready' || undefined;
    });
    return [ended - before, cpu() - ended];
  };
  // Nothing can be recorded where this much must stay free
  await using bare = await prepare({ session: { recording: 'best-effort', disk_reserve: '1000TiB' } });
  await using kept = await prepare({ session: { recording: 'required', disk_reserve: '1MiB' } });
  const bareCosts: number[] = [];
  const live: number[] = [];
  const afterwards: number[] = [];
  for (let round = 0; round < 5; round++) {
    bareCosts.push((await cost(bare, false))[0]);
    const [during, after] = await cost(kept, true);
    live.push(during);
    afterwards.push(after);
  }
  const over = median(live) - median(bareCosts);
  return [
    {
      measure: 'recording, processor time per MB of terminal output over the bare relay',
      goal: '≤ 8 ms',
      reached: ms(over),
      met: over <= 8,
      detail: `unrecorded ${ms(median(bareCosts))}, recorded ${ms(median(live))}; rendering it afterwards, in a thread of its own: ${ms(median(afterwards))}`,
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
  sftp: files('sftp'),
  scp: files('scp'),
  rsync: files('rsync'),
  'command-search': commandSearch,
  'output-search': outputSearch,
  pages,
  watch: watching,
  'web-terminal': webTerminal,
  fuzz,
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
