import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a bench found, as it is printed. */
export interface Row {
  readonly measure: string;
  readonly goal: string;
  readonly reached: string;
  readonly met: boolean;
  readonly detail: string;
}

/** One way to a shell on the target: what to put before the remote command. */
export interface Path {
  readonly name: string;
  /** A program that goes there in place of `ssh`, for clients that want one. */
  readonly program: string;
  /** argv of an ssh that runs `command` on the target; `tty` asks for a terminal all the way. */
  argv(command: string, tty: boolean): string[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
};

/** Runs `round` for each path in turn, `rounds` times, so that noise hits all alike; medians by path name. */
export async function interleaved(
  paths: readonly Path[],
  rounds: number,
  round: (path: Path) => Promise<number>,
): Promise<Map<string, number>> {
  const results = new Map<string, number[]>(paths.map((path) => [path.name, []]));
  for (let i = 0; i < rounds; i++) for (const path of paths) results.get(path.name)!.push(await round(path));
  return new Map([...results].map(([name, values]) => [name, median(values)]));
}

export function ended(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${what}: exit ${code}`))));
  });
}

export const launch = (argv: readonly string[], stdio: ('ignore' | 'pipe' | 'inherit' | NodeJS.ReadableStream)[]) =>
  spawn(argv[0]!, argv.slice(1), { stdio: stdio as never });

/** MB/s of `mb` megabytes from the target. */
export async function bulkOut(path: Path, mb: number): Promise<number> {
  const started = performance.now();
  await ended(launch(path.argv(`head -c ${mb}M /dev/zero`, false), ['ignore', 'ignore', 'inherit']), path.name);
  return mb / ((performance.now() - started) / 1e3);
}

/** MB/s of `mb` megabytes to the target. */
export async function bulkIn(path: Path, mb: number): Promise<number> {
  const source = spawn('head', ['-c', `${mb}M`, '/dev/zero'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const started = performance.now();
  await ended(launch(path.argv('cat >/dev/null', false), [source.stdout, 'ignore', 'inherit']), path.name);
  return mb / ((performance.now() - started) / 1e3);
}

/** Milliseconds of one `true`, from nothing to the exit code. */
export async function setUp(path: Path): Promise<number> {
  const started = performance.now();
  await ended(launch(path.argv('true', false), ['ignore', 'ignore', 'inherit']), path.name);
  return performance.now() - started;
}

/** Connections per second, `parallel` at a time. */
export async function rate(path: Path, count: number, parallel: number): Promise<number> {
  let left = count;
  const started = performance.now();
  const lane = async () => {
    while (left-- > 0) await setUp(path);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return count / ((performance.now() - started) / 1e3);
}

/** Milliseconds from a key press to its echo, `count` times, on a terminal whose line discipline echoes. */
export async function echoes(path: Path, count: number): Promise<number[]> {
  const argv = path.argv('stty -icanon min 1 time 0; echo ready; exec cat >/dev/null', true);
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
  let waiting: ((chunk: Buffer) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  child.stdout.on('data', (chunk: Buffer) => waiting?.(chunk));
  const until = (test: (text: string) => boolean) =>
    new Promise<void>((resolve, reject) => {
      let text = '';
      waiting = (chunk) => {
        text += chunk.toString('latin1');
        if (test(text)) resolve();
      };
      failed = reject;
    });
  child.once('close', () => failed?.(new Error(`${path.name}: the echo session ended`)));
  await until((text) => text.includes('ready'));
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const key = String.fromCharCode(97 + (i % 25));
    const echoed = until((text) => text.includes(key));
    const started = performance.now();
    child.stdin.write(key);
    await echoed;
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  child.removeAllListeners('close');
  child.kill();
  return times;
}

/** Resident memory of a process, MB. */
export function rss(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kb![1]) / 1024;
}

/** The niceness of threads that work only when nobody else wants to. */
const LAST = 19;

/** CPU seconds a process has used so far, without what its lowest threads do when nothing else is to be done. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const fields = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    if (Number(fields[16]) === LAST) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}
