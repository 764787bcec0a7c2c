import { spawn } from 'node:child_process';
import { write as writeFd } from 'node:fs';
import { constants, userInfo } from 'node:os';
import { type IPty, spawn as spawnPty } from 'node-pty';
import { Grant } from '../access/grant.ts';
import type { ExitStatus, PtyRequest, TargetChannel, TargetSink } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';
import type { Connector, OpenRequest } from './connector.ts';

/** Input that may wait for a program that does not read. */
const INPUT_LIMIT = 64 * 1024;
/** A full terminal says EAGAIN and nobody tells when it has room again. */
const RETRY_MS = 10;
const END_OF_INPUT = Buffer.from([4]); // Ctrl-D, VEOF

/**
 * A shell on the bastion's own machine, for `serve --demo` only: the login shell of the daemon's user with a clean
 * environment, so that nothing the daemon was started with is seen in it.
 */
export function createLocalConnector(): Connector {
  return {
    async open(grant, request) {
      if (!Grant.isGrant(grant) || grant.protocol !== 'local') {
        throw new AppError('internal', 'A local shell was asked for without the right to it.');
      }
      return request.pty ? openPty(request, request.pty) : openPipes(request);
    },
  };
}

function environment(request: OpenRequest): Record<string, string> {
  const { username, homedir, shell } = userInfo();
  return {
    ...Object.fromEntries(request.env),
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: homedir,
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
    ...(request.pty ? { TERM: request.pty.term } : {}),
  };
}

/** The shell and its arguments: without a command a login shell. */
function program(request: OpenRequest): readonly [file: string, args: string[]] {
  if (request.command !== undefined) return ['/bin/sh', ['-c', request.command]];
  return [userInfo().shell ?? '/bin/sh', ['-l']];
}

/** Holds what comes while nobody may be told, in order; pauses count. */
function gate(onPause: () => void, onResume: () => void) {
  let sink: TargetSink | undefined;
  let pauses = 0;
  let waiting: ((to: TargetSink) => void)[] = [];
  const drain = () => {
    while (sink && pauses === 0 && waiting.length > 0) waiting.shift()!(sink);
  };
  return {
    attach(to: TargetSink) {
      sink = to;
      process.nextTick(drain);
    },
    tell(what: (to: TargetSink) => void) {
      if (sink && pauses === 0 && waiting.length === 0) what(sink);
      else waiting.push(what);
    },
    pause() {
      pauses += 1;
      if (pauses === 1) onPause();
    },
    resume() {
      if (pauses === 0 || --pauses > 0) return;
      drain();
      if (pauses === 0) onResume();
    },
    drop() {
      waiting = [];
      pauses = 0;
    },
  };
}

function exitStatus(code: number | null, signal: string | null): ExitStatus {
  if (signal === null) return { kind: 'code', code: code ?? 0 };
  return { kind: 'signal', signal: signal.replace(/^SIG/, ''), coreDumped: false, message: '' };
}

function openPty(request: OpenRequest, { term, size }: PtyRequest): TargetChannel {
  const [file, args] = program(request);
  const pty = spawnPty(file, args, {
    name: term,
    cols: Math.max(1, size.cols),
    rows: Math.max(1, size.rows),
    cwd: userInfo().homedir,
    env: environment(request),
    encoding: null,
  });
  const out = gate(
    () => pty.pause(),
    () => pty.resume(),
  );
  const input = fdWriter(pty, () => out.tell((sink) => sink.drain()));
  let over = false;
  // with encoding null node-pty hands out Buffers; its types know only strings
  pty.onData((data) => out.tell((sink) => sink.data(data as unknown as Buffer)));
  pty.onExit(({ exitCode, signal }) => {
    over = true;
    input.stop();
    out.tell((sink) => {
      sink.eof();
      sink.exit(exitStatus(exitCode, signal ? signalName(signal) : null));
      sink.closed();
    });
  });
  return {
    attach: (sink) => out.attach(sink),
    write: (chunk) => input.write(chunk),
    eof: () => void input.write(END_OF_INPUT),
    resize: (next) => {
      if (!over && next.cols > 0 && next.rows > 0) pty.resize(next.cols, next.rows);
    },
    signal: (name) => {
      if (!over) pty.kill(`SIG${name}`);
    },
    pause: () => out.pause(),
    resume: () => out.resume(),
    close: () => {
      if (over) return;
      out.drop();
      pty.resume();
      pty.kill('SIGHUP');
    },
  };
}

/** Writes to the terminal's own descriptor: node-pty's write has no end to what it queues. */
function fdWriter(pty: IPty, onDrain: () => void) {
  const { fd } = pty as IPty & { readonly fd: number };
  let waiting: Buffer[] = [];
  let bytes = 0;
  let refused = false;
  let busy = false;
  let stopped = false;
  const next = () => {
    if (busy || stopped || waiting.length === 0) return;
    busy = true;
    const chunk = waiting[0]!;
    writeFd(fd, chunk, (error, written) => {
      busy = false;
      if (stopped) return;
      if (error && error.code !== 'EAGAIN') return;
      if (error) return void setTimeout(next, RETRY_MS);
      bytes -= written;
      if (written === chunk.length) waiting.shift();
      else waiting[0] = chunk.subarray(written);
      if (refused && bytes < INPUT_LIMIT / 2) {
        refused = false;
        onDrain();
      }
      next();
    });
  };
  return {
    write(chunk: Buffer): boolean {
      if (stopped) return true;
      waiting.push(chunk);
      bytes += chunk.length;
      next();
      refused ||= bytes >= INPUT_LIMIT;
      return !refused;
    },
    stop() {
      stopped = true;
      waiting = [];
    },
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'SIGTERM';
}

function openPipes(request: OpenRequest): TargetChannel {
  const [file, args] = program(request);
  // a process group of its own, so that closing the channel ends what the command started
  const child = spawn(file, args, {
    cwd: userInfo().homedir,
    env: environment(request),
    stdio: 'pipe',
    detached: true,
  });
  const out = gate(
    () => {
      child.stdout.pause();
      child.stderr.pause();
    },
    () => {
      child.stdout.resume();
      child.stderr.resume();
    },
  );
  let over = false;
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (!over && child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // ended in between
    }
  };
  child.stdin.on('error', () => {}); // the program does not read any more: its own business
  child.stdin.on('drain', () => out.tell((sink) => sink.drain()));
  child.stdout.on('data', (chunk: Buffer) => out.tell((sink) => sink.data(chunk)));
  child.stderr.on('data', (chunk: Buffer) => out.tell((sink) => sink.stderr(chunk)));
  child.on('error', (error) => out.tell((sink) => sink.closed(error)));
  child.on('close', (code, signal) => {
    over = true;
    out.tell((sink) => {
      sink.eof();
      sink.exit(exitStatus(code, signal));
      sink.closed();
    });
  });
  return {
    attach: (sink) => out.attach(sink),
    write: (chunk) => child.stdin.destroyed || child.stdin.write(chunk),
    eof: () => void child.stdin.end(),
    resize: () => {},
    signal: (name) => kill(`SIG${name}` as NodeJS.Signals),
    pause: () => out.pause(),
    resume: () => out.resume(),
    close: () => {
      out.drop();
      child.stdout.resume();
      child.stderr.resume();
      kill('SIGKILL');
    },
  };
}
