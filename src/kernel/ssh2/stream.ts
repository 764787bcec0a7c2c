import { Duplex } from 'node:stream';
import type { ClientChannel, ServerChannel } from 'ssh2';
import { clientChannel, serverChannel } from './channel.ts';

/** A channel as a socket; the counts are what a renewal of keys goes by. */
export type ChannelStream = Duplex & { readonly bytesRead: number; readonly bytesWritten: number };

/** What both kinds of channel have in common. */
interface End {
  write(chunk: Buffer): boolean;
  eof(): void;
  pause(): void;
  resume(): void;
  close(): void;
}
interface Sink {
  data(chunk: Buffer): void;
  drain(): void;
  eof(): void;
  closed(error?: Error): void;
}

/** A forwarded connection as a stream, e.g. as the socket of the next hop; call it in ssh2's callback. */
export function channelStream(channel: ClientChannel): ChannelStream {
  const target = clientChannel(channel);
  return streamOf(target, (sink) => target.attach({ ...sink, stderr: () => {}, exit: () => {} }));
}

/** A direct-tcpip channel that ssh2's `accept()` just returned, as the socket of a server of ours. */
export function serverChannelStream(channel: ServerChannel): ChannelStream {
  const client = serverChannel(channel, { terminal: false });
  return streamOf(client, (sink) => client.attach({ ...sink, resize: () => {}, signal: () => {} }));
}

function streamOf(end: End, attach: (sink: Sink) => void): ChannelStream {
  const counts = { read: 0, written: 0 };
  let waiting: (() => void) | undefined;
  let paused = false;

  const stream = new Duplex({
    read() {
      if (!paused) return;
      paused = false;
      end.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      counts.written += chunk.length;
      if (end.write(chunk)) done();
      else waiting = done;
    },
    final(done) {
      end.eof();
      done();
    },
    destroy(error, done) {
      end.close();
      done(error);
    },
  });
  attach({
    data(chunk) {
      counts.read += chunk.length;
      if (stream.push(chunk) || paused) return;
      paused = true;
      end.pause();
    },
    drain() {
      const done = waiting;
      waiting = undefined;
      done?.();
    },
    eof: () => stream.push(null),
    closed(error) {
      if (error) stream.destroy(error);
      // what was pushed is still read before the end
      else stream.push(null);
      waiting?.();
      stream.end();
    },
  });
  return Object.defineProperties(stream, {
    bytesRead: { get: () => counts.read },
    bytesWritten: { get: () => counts.written },
  }) as ChannelStream;
}
