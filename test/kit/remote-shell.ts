import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Client, ClientChannel } from 'ssh2';

/** The header with which both sides end. */
const FINISH = '**\x18B0800000000022d';
const PATIENCE_MS = 20_000;

/**
 * A shell on a terminal of ssh2's client, as the bytes that a terminal program would get. A program of this machine can
 * be put at its end for a while, as terminal programs do for ZMODEM.
 */
export class RemoteShell {
  readonly channel: ClientChannel;
  readonly closed: Promise<unknown>;
  /** Everything that came, as latin1. */
  text = '';
  #child: ChildProcess | undefined;
  #wake: () => void = () => {};

  private constructor(channel: ClientChannel) {
    this.channel = channel;
    this.closed = once(channel, 'close');
    channel.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      if (this.#child && !this.#child.stdin!.destroyed) this.#child.stdin!.write(chunk);
      this.#wake();
    });
    channel.on('close', () => this.#wake());
  }

  static open(client: Client): Promise<RemoteShell> {
    return new Promise((resolve, reject) =>
      client.shell({ term: 'xterm', cols: 100, rows: 30 }, (error, channel) =>
        error ? reject(error) : resolve(new RemoteShell(channel)),
      ),
    );
  }

  /** Types a line and its Enter; gives the place from where its output is looked for. */
  enter(line: string): number {
    const from = this.text.length;
    this.channel.write(`${line}\r`);
    return from;
  }

  async until(wanted: RegExp, from = 0): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, PATIENCE_MS);
    while (!wanted.test(this.text.slice(from))) {
      if (late || this.channel.destroyed)
        throw new Error(`never came: ${wanted}; the end is ${JSON.stringify(this.text.slice(from).slice(-1000))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
  }

  /** Puts a program at the end of the line, which gets all that comes until it ends. */
  attach(file: 'rz' | 'sz', args: readonly string[], cwd: string): LocalProgram {
    const child = spawn(file, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    const goodbye = file === 'rz' ? FINISH : undefined;
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.channel.write(chunk);
      if (!goodbye || !chunk.includes(goodbye)) return;
      // sz often ends without its "OO", and rz would say goodbye to the shell again and again
      this.#child = undefined;
      child.stdin.end('OO');
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    const exit = once(child, 'close').then(([code]) => {
      this.#child = undefined;
      return { code: code as number | null, errors };
    });
    return { child, exit };
  }
}

export interface LocalProgram {
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; errors: string }>;
}
