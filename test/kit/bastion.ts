import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { finished, type RunOptions, type RunResult, run, seen, start } from './process.ts';

/** What scripts/lib.sh gives Node. */
export const NODE_FLAGS = ['--no-wasm-code-gc'];
const BUNDLE = join(import.meta.dirname, '../../dist/main.cjs');

export interface BastionOptions {
  /** Merged over the test defaults, in the shape of config.yml. */
  readonly config?: Record<string, Record<string, unknown>>;
  /** Data of an earlier run; a fresh directory otherwise. */
  readonly dir?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Another bundle than the one of this tree. */
  readonly main?: string | undefined;
}

/** A running daemon, the real bundle in a process of its own, and the real clients around it. */
export interface Bastion extends AsyncDisposable {
  readonly dir: string;
  readonly data: string;
  readonly sshPort: number;
  readonly httpPort: number;
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything the daemon has logged so far. */
  log(): string;
  /** What it has printed on standard output. */
  greeting(): string;
  cli(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** A command that must succeed; gives what it printed. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** The same with `--json`, parsed. */
  json<T>(args: readonly string[]): Promise<T>;
  /** The arguments for OpenSSH's ssh to this daemon as `login`, without known hosts and without a password. */
  sshArgs(login: string, key?: string): string[];
  /** ssh to its end. */
  ssh(
    login: string,
    key: string | undefined,
    command: readonly string[],
    options?: RunOptions & { flags?: readonly string[] },
  ): Promise<RunResult>;
  stop(signal?: NodeJS.Signals): Promise<RunResult>;
}

export const SSH_OPTIONS = [
  '-F',
  'none',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
];

/** Starts `bastion serve` on free loopback ports and waits until it is ready. */
export async function startBastion(options: BastionOptions = {}): Promise<Bastion> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'bastion-flow-'));
  const data = join(dir, 'data');
  const configFile = join(dir, 'config.yml');
  writeFileSync(configFile, stringify(testConfig(data, options.config ?? {})));
  const { main = BUNDLE } = options;
  const env = { ...process.env, ...options.env };
  const child = start(
    process.execPath,
    [...NODE_FLAGS, main, 'serve', '--config', configFile, ...(options.args ?? [])],
    {
      env,
    },
  );
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  let greeting = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    greeting += chunk.toString();
  });
  const ended = finished(child);
  let ready: { ssh: string[]; http: string[] };
  try {
    const [line] = await seen(child.stderr!, /^\{[^\n]*"msg":"ready"[^\n]*\}$/m);
    ready = JSON.parse(line) as typeof ready;
  } catch (cause) {
    throw new Error(`the daemon did not start: ${log}`, { cause });
  }
  const port = (addresses: string[]) => Number(addresses[0]!.match(/:(\d+)$/)![1]);
  const cli = (args: readonly string[], runOptions?: RunOptions) =>
    run(process.execPath, [...NODE_FLAGS, main, '--data', data, ...args], runOptions);

  const bastion: Bastion = {
    dir,
    data,
    sshPort: port(ready.ssh),
    httpPort: port(ready.http),
    process: child,
    pid: child.pid!,
    log: () => log,
    greeting: () => greeting,
    cli,
    async ok(args, runOptions) {
      const result = await cli(args, runOptions);
      if (result.code !== 0)
        throw new Error(`bastion ${args.join(' ')}: exit ${result.code}\n${result.stderr}${result.stdout}`);
      return result.stdout;
    },
    async json<T>(args: readonly string[]) {
      return JSON.parse(await bastion.ok([...args, '--json'])) as T;
    },
    sshArgs: (login, key) => [
      ...SSH_OPTIONS,
      '-p',
      String(bastion.sshPort),
      ...(key === undefined ? [] : ['-i', key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes']),
      `${login}@127.0.0.1`,
    ],
    ssh: (login, key, command, sshOptions = {}) => {
      const args = bastion.sshArgs(login, key);
      return run('ssh', [...args.slice(0, -1), ...(sshOptions.flags ?? []), args.at(-1)!, ...command], sshOptions);
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      await bastion.stop('SIGKILL');
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
  return bastion;
}

function testConfig(data: string, over: Record<string, Record<string, unknown>>): Record<string, unknown> {
  const base: Record<string, Record<string, unknown>> = {
    ssh: { listen: '127.0.0.1:0' },
    http: { listen: '127.0.0.1:0' },
    session: { disk_reserve: '1MiB', shutdown_grace: '2s' },
    log: { format: 'json', level: 'debug' },
  };
  for (const [section, values] of Object.entries(over)) base[section] = { ...base[section], ...values };
  return { data, ...base };
}
