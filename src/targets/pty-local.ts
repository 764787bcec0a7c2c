import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { type IPty, spawn as spawnPty } from 'node-pty';
import { Grant } from '../access/grant.ts';
import type { ExitStatus, PtyRequest, TargetChannel, TargetSink } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';
import { localUser } from '../kernel/local-user.ts';
import type { Connector, OpenRequest } from './connector.ts';

/** Input that may wait for a program that does not read. */
const INPUT_LIMIT = 64 * 1024;
/** A full terminal says EAGAIN and nobody tells when it has room again. */
const RETRY_MS = 10;
/** A program that ignores the hang-up is killed. */
const HANGUP_GRACE_MS = 2000;
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
      if (request.program.kind !== 'shell' && request.program.kind !== 'exec') {
        throw new AppError(
          'unsupported',
          'The shell of the demo runs commands only; add an asset with SSH for the rest.',
        );
      }
      return request.pty ? openPty(request, request.pty) : openPipes(request);
    },
  };
}

function environment(request: OpenRequest): Record<string, string> {
  const { name, home, shell } = localUser();
  return {
    ...Object.fromEntries(request.env),
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: shell,
    ...(request.pty ? { TERM: request.pty.term } : {}),
  };
}

/** What node-pty's terminals have and its types leave out. */
type Terminal = IPty & { readonly fd: number; on(event: 'close', listener: () => void): void };

/** The shell and its arguments: without a command a login shell. */
function program(request: OpenRequest): readonly [file: string, args: string[]] {
  const { program: asked } = request;
  if (asked.kind === 'exec') return ['/bin/sh', ['-c', asked.command]];
  return [localUser().shell, ['-l']];
}

/** Holds what comes while nobody may be told, in order; pauses count. */
function gate(onPause: () => void, onResume: () => void) {
  let sink: TargetSink | undefined;
  let pauses = 0;
  let dropped = false;
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
      if (dropped) return;
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
    /** The program is over. After `drop` only that is told. */
    over(status: ExitStatus) {
      if (dropped) return sink?.closed();
      this.tell((to) => {
        to.eof();
        to.exit(status);
        to.closed();
      });
    },
    /** Closed from here: nothing is told any more but the end. */
    drop() {
      dropped = true;
      waiting = [];
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
    cwd: localUser().home,
    env: environment(request),
    encoding: null,
  });
  const out = gate(
    () => pty.pause(),
    () => pty.resume(),
  );
  const input = fdWriter(pty as Terminal, () => out.tell((sink) => sink.drain()));
  let over = false;
  // from here on the descriptor's number may be somebody else's
  (pty as Terminal).on('close', () => {
    over = true;
  });
  // with encoding null node-pty hands out Buffers; its types know only strings
  pty.onData((data) => out.tell((sink) => sink.data(data as unknown as Buffer)));
  pty.onExit(({ exitCode, signal }) => {
    out.over(exitStatus(exitCode, signal ? signalName(signal) : null));
  });
  return {
    attach: (sink) => out.attach(sink),
    write: (chunk) => input(chunk),
    eof: () => void input(END_OF_INPUT),
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
      setTimeout(() => over || pty.kill('SIGKILL'), HANGUP_GRACE_MS).unref();
    },
  };
}

/**
 * Writes to the terminal's own descriptor: node-pty's write queues without end. Always in one step on this thread and
 * never after node-pty's `close`: a write still on its way then could reach whatever has the descriptor's number next.
 */
function fdWriter(terminal: Terminal, onDrain: () => void) {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let refused = false;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  const flush = () => {
    retry = undefined;
    while (waiting.length > 0) {
      const chunk = waiting[0]!;
      let written: number;
      try {
        written = writeSync(terminal.fd, chunk);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') retry = setTimeout(flush, RETRY_MS);
        return;
      }
      bytes -= written;
      if (written === chunk.length) waiting.shift();
      else waiting[0] = chunk.subarray(written);
    }
    if (!refused) return;
    refused = false;
    onDrain();
  };
  terminal.on('close', () => {
    stopped = true;
    clearTimeout(retry);
    waiting = [];
  });
  return (chunk: Buffer): boolean => {
    if (stopped) return true;
    waiting.push(chunk);
    bytes += chunk.length;
    if (!retry) flush();
    refused ||= bytes >= INPUT_LIMIT;
    return !refused;
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'SIGTERM';
}

function openPipes(request: OpenRequest): TargetChannel {
  const [file, args] = program(request);
  // a process group of its own, so that closing the channel ends what the command started
  const child = spawn(file, args, {
    cwd: localUser().home,
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
  child.on('error', (error) => {
    over = true;
    out.tell((sink) => sink.closed(error));
  });
  child.on('close', (code, signal) => {
    if (over) return;
    over = true;
    out.over(exitStatus(code, signal));
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
