import type { ClientChannel as Ssh2ClientChannel, ServerChannel as Ssh2ServerChannel } from 'ssh2';
import type { ClientChannel, ClientSink, ExitStatus, Size, TargetChannel, TargetSink } from '../channel.ts';
import { AppError } from '../errors.ts';
import { type Arrival, Inbox } from './inbox.ts';
import { type RawChannel, rawChannel } from './internals.ts';
import { Outbox, SIGNALS } from './outbox.ts';
import { fairness } from './socket.ts';
import { ReceiveWindow } from './window.ts';

/** A client that takes nothing for so long after the end of its channel does not get the rest. */
const CLOSE_GRACE_MS = 10_000;
/** Input this short was typed, not piped. */
const TYPED_BYTES = 64;

/** The person's side over SSH. What comes as a channel request of its own is handed in by the gateway. */
export interface SshClientChannel extends ClientChannel {
  /** The client changed its window; the last size is kept for whoever attaches next. */
  resized(size: Size): void;
  /** The client sent a signal request. */
  signalled(name: string): void;
  /** Takes the sink off. Input is kept, bounded by the window, until the next `attach`. */
  detach(): void;
  readonly closed: boolean;
}

export interface ServerChannelOptions {
  readonly terminal: boolean;
  /** What a client sent before it closed the channel is still delivered: of use where nobody waits for an answer. */
  readonly drains?: boolean | undefined;
}

/**
 * Adapts a channel that ssh2's `accept()` just returned; call it in the same turn, or early input is lost. `attach`
 * may be called again to hand the terminal from the menu to a session and back.
 */
export function serverChannel(channel: Ssh2ServerChannel, options: ServerChannelOptions): SshClientChannel {
  const raw = rawChannel(channel);
  let sink: ClientSink | undefined;
  let size: Size | undefined;
  let graceful: NodeJS.Timeout | undefined;
  let gone = false;

  const inbox = new Inbox(new ReceiveWindow(raw), (arrival) => {
    if (arrival.kind === 'data') {
      if (options.terminal && arrival.chunk.length <= TYPED_BYTES) fairness.touch();
      sink?.data(arrival.chunk);
    } else if (arrival.kind === 'eof') sink?.eof();
    else if (arrival.kind === 'closed') sink?.closed();
  });
  const outbox = new Outbox(
    raw,
    () => sink?.drain(),
    () => {
      clearInterval(graceful);
      process.nextTick(() => inbox.end());
    },
  );
  takeOver(raw, inbox, () => {
    clearInterval(graceful);
    outbox.stop();
    gone = true;
    // ssh2 has seen both CLOSE messages exactly when the state says so; otherwise the connection went away
    const closed = raw.outgoing.state === 'closed';
    if (options.drains && closed) inbox.arrived({ kind: 'closed', error: undefined });
    // whoever closed the channel waits for nothing any more: input that is still held has no taker
    else inbox.end();
  });

  return {
    attach(next) {
      sink = next;
      inbox.attach();
      const current = size;
      if (inbox.over) process.nextTick(() => next.closed());
      else if (current) process.nextTick(() => sink === next && !inbox.over && next.resize(current));
    },
    detach() {
      sink = undefined;
      inbox.detach();
    },
    write: (chunk) => outbox.write(chunk, false),
    writeError: (chunk) => outbox.write(chunk, true),
    exit: (status) => outbox.exit(status),
    eof: () => outbox.eof(),
    pause: () => inbox.pause(),
    resume: () => inbox.resume(),
    close() {
      if (inbox.over || graceful) return;
      if (gone) return process.nextTick(() => inbox.end());
      let before = outbox.progress;
      graceful = setInterval(() => {
        if (outbox.progress === before) outbox.abort();
        before = outbox.progress;
      }, CLOSE_GRACE_MS).unref();
      outbox.close();
    },
    resized(next) {
      size = next;
      if (!inbox.over) sink?.resize(next);
    },
    signalled(name) {
      if (!inbox.over) sink?.signal(name);
    },
    get closed() {
      return inbox.over;
    },
  };
}

/** Adapts a channel that ssh2's `exec()`, `shell()`, `subsys()` or `forwardOut()` just called back with; call it in that callback. */
export function clientChannel(channel: Ssh2ClientChannel): TargetChannel {
  const raw = rawChannel(channel);
  let sink: TargetSink | undefined;
  let exited = false;

  const inbox = new Inbox(new ReceiveWindow(raw), (arrival) => sink && hand(sink, arrival));
  const outbox = new Outbox(
    raw,
    () => sink?.drain(),
    () => process.nextTick(() => inbox.end()),
  );
  channel.on('exit', (code: number | null, signal?: string, dump?: unknown, message?: string) => {
    exited = true;
    inbox.arrived({ kind: 'exit', status: exitStatus(code, signal, dump, message) });
  });
  takeOver(raw, inbox, () => {
    outbox.stop();
    // ssh2 has seen both CLOSE messages exactly when the state says so; otherwise the connection went away
    const lost = raw.outgoing.state !== 'closed' && !exited;
    const error = lost ? new AppError('target_closed', 'the target broke it off') : undefined;
    inbox.arrived({ kind: 'closed', error });
  });
  // after the end of its input the program still has a window and can be signalled
  const open = () => raw.outgoing.state === 'open' || raw.outgoing.state === 'eof';

  return {
    attach(next) {
      sink = next;
      inbox.attach();
      if (inbox.over) process.nextTick(() => next.closed());
    },
    write: (chunk) => outbox.write(chunk, false),
    eof: () => outbox.eof(),
    resize(size) {
      const { _client: client, outgoing } = raw;
      if (open()) client._protocol.windowChange(outgoing.id, size.rows, size.cols, size.height, size.width);
    },
    signal(name) {
      const plain = name.replace(/^SIG/, '');
      if (open() && SIGNALS.has(plain)) raw._client._protocol.signal(raw.outgoing.id, plain);
    },
    pause: () => inbox.pause(),
    resume: () => inbox.resume(),
    close: () => outbox.abort(),
  };
}

function hand(sink: TargetSink, arrival: Arrival): void {
  if (arrival.kind === 'data') sink.data(arrival.chunk);
  else if (arrival.kind === 'stderr') sink.stderr(arrival.chunk);
  else if (arrival.kind === 'eof') sink.eof();
  else if (arrival.kind === 'exit') sink.exit(arrival.status);
  else sink.closed(arrival.error);
}

function exitStatus(code: number | null, signal?: string, dump?: unknown, message?: string): ExitStatus {
  if (code !== null) return { kind: 'code', code };
  return {
    kind: 'signal',
    signal: (signal ?? 'HUP').replace(/^SIG/, ''),
    coreDumped: dump === true,
    message: message ?? '',
  };
}

/**
 * Puts the inbox where ssh2 would fill its Readables, so that no stream machinery and no second queue is in between.
 * Answering false keeps ssh2 from granting credit by itself: that is the receive window's.
 */
function takeOver(raw: RawChannel, inbox: Inbox, onClose: () => void): void {
  let eof = false;
  raw.push = (chunk) => {
    if (chunk) inbox.bytes('data', chunk);
    else if (!eof) {
      eof = true;
      inbox.arrived({ kind: 'eof' });
    }
    // ssh2 holds 'close' back until a readable channel was read to its end
    if (!chunk && raw.incoming.state === 'closed') raw.readable = false;
    return false;
  };
  if (raw.stderr.push) {
    raw.stderr.push = (chunk) => {
      if (chunk) inbox.bytes('stderr', chunk);
      return false;
    };
  }
  raw.on('close', onClose);
}
