import { constants } from 'node:os';
import type { Disposer } from '../kernel/lifecycle.ts';

/** Where a command reads from: a terminal when `isTTY`, and only then can it be set to raw mode. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?: ((raw: boolean) => unknown) | undefined;
  unshift(chunk: Buffer): void;
}

/** Where a command writes to. `columns` and `rows` are there when it is a terminal. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Everything a command touches of the process it runs in, so that a test can hand in its own. */
export interface CliIo {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Calls back when the process is told to stop by a signal; while somebody listens, the signal does not kill. */
  onSignal(callback: (signal: NodeJS.Signals) => void): Disposer;
}

const STOP_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => Date.now(),
    onSignal(callback) {
      for (const signal of STOP_SIGNALS) process.on(signal, callback);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, callback);
      };
    },
  };
}

/** The user pressed Ctrl-C, or a signal came, while a command was waiting. Nothing to explain: exit 128 + signal. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals = 'SIGINT') {
    super('interrupted');
    this.name = 'Interrupted';
    this.exitCode = 128 + constants.signals[signal];
  }
}
