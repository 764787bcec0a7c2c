// A gigabyte of output and the questions people ask of it, through recordings, store and thread as the daemon has them;
// then what a keystroke feels of it in a real daemon.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { FRAME } from '../../src/storage/frames.ts';
import { createLocalRecordings, type Recordings } from '../../src/storage/local.ts';
import type { SessionRow } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { OutputQuery } from '../../src/store/text/outputs-model.ts';
import { eventually } from '../kit/process.ts';
import { endedSession } from '../unit/outputs-kit.ts';
import { echoes, median, percentile, type Row } from './measure.ts';
import { OutputText } from './output-text.ts';
import type { Bench } from './setup.ts';

const MB = 2 ** 20;
const TOTAL_MB = Number(process.env.BENCH_MB ?? 1024);
const SESSION_MB = 8;
const CHUNK = 16 * 1024;
const START = Date.UTC(2026, 0, 1);
const ROUNDS = 5;
/** Stands in the text a few times. */
const PLANTED = 'connection to db-7.example (10.9.8.7:5432) refused: code=0x1f';
const ms = (value: number) => `${value.toFixed(1)} ms`;

export async function outputSearch(bench: Bench): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bastion-bench-output-'));
  const store = await openStore({ dataDir, log: silentLog() });
  const recordings = createLocalRecordings({ data: dataDir, reserve: 0, clock: systemClock });
  const text = new OutputText(7);
  const rows: Row[] = [];
  try {
    await recordings.prepare();
    const indexing: number[] = [];
    for (let i = 0; i < TOTAL_MB / SESSION_MB; i++) indexing.push(await takeIn(store, recordings, text, i));
    rows.push(...(await questions(store, text, statSync(join(dataDir, 'search.db')).size, indexing)));
  } finally {
    await store.close();
    await recordings.close();
    rmSync(dataDir, { recursive: true });
  }
  rows.push(await felt(bench, text));
  return rows;
}

/** Records and indexes one session; returns milliseconds per megabyte from the recording to the index. */
async function takeIn(store: Store, recordings: Recordings, text: OutputText, number: number): Promise<number> {
  const row: SessionRow = endedSession(START + number * 60_000, { userName: `user${number % 20}` });
  const { id, userName: user, assetName: asset, account, startedAt } = row;
  const about = {
    version: 1,
    id,
    startedAt,
    size: { cols: 120, rows: 40 },
    term: 'xterm',
    user,
    asset,
    account,
  } as const;
  let drained = () => {};
  const writer = await recordings.begin({ ...about, command: null }, { onError: () => {}, onDrain: () => drained() });
  const output = Buffer.from(`${number % 50 === 0 ? `${PLANTED}\r\n` : ''}${text.lines(SESSION_MB * MB)}\r\n`);
  for (let at = 0; at < output.length; at += CHUNK) {
    if (writer.append(FRAME.output, output.subarray(at, at + CHUNK))) continue;
    await new Promise<void>((resolve) => {
      drained = resolve;
    });
  }
  await writer.finish({ cause: 'target-closed', detail: null, exitCode: 0, exitSignal: null, bytesIn: 0, bytesOut: 0 });
  await recordings.store(id);
  await recordings.dropSpool(id);
  const file = await recordings.file(id);
  const started = performance.now();
  await store.outputs.index(row, file);
  return (performance.now() - started) / SESSION_MB;
}

async function questions(store: Store, text: OutputText, size: number, indexing: number[]): Promise<Row[]> {
  const { words, han } = text;
  const asked: readonly (readonly [name: string, query: Partial<OutputQuery> & { text: string }])[] = [
    ['a common word', { text: words[3]! }],
    ['a rare word', { text: words[19_999]! }],
    ['nowhere', { text: 'zqxjkv' }],
    ['a phrase with punctuation', { text: PLANTED }],
    ['two common words that never meet', { text: `${words[7]} ${words[19_500]}` }],
    ['numbers', { text: 'from 10.11.12.13 port' }],
    ['Chinese', { text: `${han[1]}${han[2]}${han[3]}` }],
    ['two Chinese characters', { text: `${han[5]}${han[8]}` }],
    ['two rare Chinese characters', { text: `${han[2900]}${han[2800]}` }],
    ['two letters', { text: 'ls' }],
    ['one letter', { text: 'q' }],
    ['a common word of one user', { text: words[9]!, user: { name: 'user7', id: undefined } }],
    ['a common word of the last hour', { text: words[9]!, since: START + (TOTAL_MB / SESSION_MB - 60) * 60_000 }],
  ];
  // the first one opens what the operating system has to read
  await store.outputs.search({ text: 'warm', limit: 1 });
  const first: [string, number][] = [];
  const whole: [string, number][] = [];
  for (const [name, query] of asked) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      await store.outputs.search({ limit: 50, ...query });
      times.push(performance.now() - started);
    }
    first.push([name, percentile(times, 1)]);
    whole.push([name, await untilFull(store, { limit: 50, ...query })]);
  }
  const slowest = first.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  const longest = whole.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  const told = (times: [string, number][]) => times.map(([name, time]) => `${name} ${ms(time)}`).join(', ');
  return [
    {
      measure: `search in ${TOTAL_MB} MB of output, the slowest answer of ${asked.length} questions`,
      goal: '≤ 200 ms',
      reached: ms(slowest[1]),
      met: slowest[1] <= 200,
      detail: `the slowest of ${ROUNDS} each: ${told(first)}`,
    },
    {
      measure: 'the same, until 50 lines are there or it is known that there are no more',
      goal: '≤ 2 s',
      reached: ms(longest[1]),
      met: longest[1] <= 2000,
      detail: told(whole),
    },
    {
      measure: 'a recording taken into the index, afterwards and with low priority',
      goal: '≤ 300 ms/MB',
      reached: `${median(indexing).toFixed(0)} ms/MB`,
      met: median(indexing) <= 300,
      detail: `the index has ${(size / MB / TOTAL_MB).toFixed(2)} of the size of the text`,
    },
  ];
}

async function untilFull(store: Store, query: OutputQuery): Promise<number> {
  const started = performance.now();
  let found = 0;
  let after: string | undefined;
  do {
    const page = await store.outputs.search({ ...query, after });
    found += page.hits.length;
    after = page.next ?? undefined;
  } while (after !== undefined && found < query.limit);
  return performance.now() - started;
}

/** Echoes while a recording is taken in and searches follow each other without pause. */
async function felt({ bastion, through }: Bench, text: OutputText): Promise<Row> {
  const file = join(tmpdir(), `bastion-bench-output-${process.pid}.txt`);
  writeFileSync(file, `${text.lines(48 * MB)}\r\nthe-end-of-the-bench\r\n`, { mode: 0o644 });
  try {
    const quiet = await echoes(through, 400);
    const argv = through.argv(`cat ${file}`, true);
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.on('close', resolve));
    const rendered = await eventually('the recording', async () => {
      const all = await bastion.json<{ recording: string; bytesOut: number }[]>(['session', 'list']);
      return all.find(({ recording, bytesOut }) => recording === 'ready' && bytesOut > 40 * MB);
    });
    if (!rendered) throw new Error('there is no recording');
    const indexing = await echoes(through, 400);
    let done = false;
    const searching = (async () => {
      const { search } = createClient({ transport: socketTransport(join(bastion.data, 'admin.sock')) });
      while (!done) await search.output({ text: `${text.words[7]} ${text.words[19_500]}` });
    })();
    const searches = await echoes(through, 400);
    done = true;
    await searching;
    const [a, b, c] = [quiet, indexing, searches].map((times) => percentile(times, 0.5)) as [number, number, number];
    const p99 = [quiet, indexing, searches].map((times) => percentile(times, 0.99).toFixed(2)).join(', ');
    const ratio = Math.max(b, c) / a;
    return {
      measure: 'echo p50 while a recording is taken in, and while searches follow each other ÷ quiet',
      goal: '≤ 1.25',
      reached: `${ratio.toFixed(2)}×`,
      met: ratio <= 1.25,
      detail: `quiet ${a.toFixed(2)}, taking in ${b.toFixed(2)}, searching ${c.toFixed(2)} ms; p99 ${p99} ms`,
    };
  } finally {
    rmSync(file, { force: true });
  }
}
