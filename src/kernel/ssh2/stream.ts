import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { clientChannel } from './channel.ts';

/** A forwarded connection as a stream, e.g. as the socket of the next hop; call it in ssh2's callback. */
export function channelStream(
  channel: ClientChannel,
): Duplex & { readonly bytesRead: number; readonly bytesWritten: number } {
  const target = clientChannel(channel);
  const counts = { read: 0, written: 0 };
  let waiting: (() => void) | undefined;
  let paused = false;

  const stream = new Duplex({
    read() {
      if (!paused) return;
      paused = false;
      target.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      counts.written += chunk.length;
      if (target.write(chunk)) done();
      else waiting = done;
    },
    final(done) {
      target.eof();
      done();
    },
    destroy(error, done) {
      target.close();
      done(error);
    },
  });
  target.attach({
    data(chunk) {
      counts.read += chunk.length;
      if (stream.push(chunk) || paused) return;
      paused = true;
      target.pause();
    },
    stderr: () => {},
    drain() {
      const done = waiting;
      waiting = undefined;
      done?.();
    },
    eof: () => stream.push(null),
    exit: () => {},
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
  }) as ReturnType<typeof channelStream>;
}
