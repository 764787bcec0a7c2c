import type { Duplex } from 'node:stream';
import { relayed } from '../garbage.ts';

/** While somebody types, one bulk connection gets this many bytes per turn of the event loop. */
const FAIR_BYTES = 64 * 1024;
/** What a keystroke or its echo is at most: not worth a turn of the event loop to count. */
const SMALL_BYTES = 2048;
/** A packet with a keystroke or its echo. */
const KEY_BYTES = 512;
/** How long a keystroke counts as somebody typing. */
const TYPING_MS = 2000;

let lastTouch = Number.NEGATIVE_INFINITY;

/**
 * Who is typing. libuv reads up to 2 MiB from one ready socket before it looks at the next, which holds a keystroke
 * up for milliseconds; limiting the reads costs a tenth of the throughput, so it is done only while it helps.
 */
export const fairness = {
  /** Called for each keystroke of a terminal, of whatever gateway. */
  touch(): void {
    lastTouch = performance.now();
  },
  get active(): boolean {
    return performance.now() - lastTouch < TYPING_MS;
  },
};

interface MaybeSocket extends Duplex {
  setNoDelay?: (on: boolean) => unknown;
}

/**
 * Prepares a socket for ssh2, on either side and before ssh2 gets it: no Nagle, the many writes of one tick leave
 * as one, and one socket cannot hold the loop while somebody types.
 */
export function tuneSocket(socket: MaybeSocket): void {
  socket.setNoDelay?.(true);
  corkPerTick(socket);
  readFairly(socket);
}

/**
 * The first write of a tick goes out at once when it is a keystroke or its echo, by itself as the one before: whoever
 * waits for it does not wait for the rest of our turn.
 */
function corkPerTick(socket: Duplex): void {
  const write = socket.write;
  let writes = 0;
  let alone = true;
  const endOfTick = () => {
    alone = writes === 1;
    writes = 0;
    socket.uncork();
  };
  socket.write = function corkedWrite(this: Duplex, ...args: unknown[]) {
    if (writes++ > 0) return Reflect.apply(write, this, args);
    process.nextTick(endOfTick);
    const isKey = alone && (args[0] as Buffer | string).length <= KEY_BYTES;
    const gone = isKey && Reflect.apply(write, this, args);
    socket.cork();
    return isKey ? gone : Reflect.apply(write, this, args);
  } as typeof socket.write;
}

function readFairly(socket: Duplex): void {
  let bytes = 0;
  let armed = false;
  let stopped = false;
  const nextTurn = () => {
    bytes = 0;
    armed = false;
    if (!stopped) return;
    stopped = false;
    socket.resume();
  };
  socket.on('data', (chunk: Buffer) => {
    if (chunk.length < SMALL_BYTES) return;
    bytes += chunk.length;
    relayed(chunk.length);
    if (!armed) {
      armed = true;
      setImmediate(nextTurn);
    }
    if (bytes >= FAIR_BYTES && !stopped && fairness.active) {
      stopped = true;
      socket.pause();
    }
  });
  // a data listener sets the stream flowing: ssh2 decides when it wants the first byte
  socket.pause();
}
