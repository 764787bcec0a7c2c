import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as bytes. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly stdin?: string | Buffer | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
}

/** Runs a program to its end and gives back what it printed; never rejects for an exit code. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return finished(start(file, args, options));
}

/** Starts a program whose standard streams are pipes. */
export function start(file: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
  const spawnOptions: SpawnOptions = { stdio: 'pipe', env: options.env ?? process.env };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
  const child = spawn(file, args, spawnOptions);
  child.stdin?.on('error', () => {});
  if (options.stdin !== undefined) child.stdin?.end(options.stdin);
  return child;
}

/** Everything a started program prints until it ends. */
export function finished(child: ChildProcess): Promise<RunResult> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      resolve({ code, signal, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes });
    });
  });
}

/** Resolves when the text read from a stream so far matches; rejects with what was read when the stream ends first. */
export function seen(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpMatchArray> {
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const match = text.match(pattern);
      if (!match) return;
      stream.off('data', onData);
      stream.off('end', onEnd);
      resolve(match);
    };
    const onEnd = () => reject(new Error(`ended before ${pattern}; read: ${JSON.stringify(text.slice(-2000))}`));
    stream.on('data', onData);
    stream.on('end', onEnd);
  });
}

/** Polls a condition that no event tells of, such as a row in a table or a file of another process. */
export async function eventually<T>(
  what: string | (() => string),
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
