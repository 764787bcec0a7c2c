import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawChannel } from '../../src/kernel/ssh2/internals.ts';
import { assertSsh2 } from '../../src/kernel/ssh2/native.ts';
import { autoRekey } from '../../src/kernel/ssh2/rekey.ts';
import { fairness, tuneSocket } from '../../src/kernel/ssh2/socket.ts';
import { ReceiveWindow, WindowBudget } from '../../src/kernel/ssh2/window.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A peer that sends whatever credit it has, `roundTrip` ms away, and the channel it sends on. */
class Peer {
  readonly window: ReceiveWindow;
  readonly violations: string[] = [];
  /** Credit as the peer knows it. */
  credit = 256 * KIB;
  granted = 0;
  readonly raw: RawChannel;

  constructor(budget = new WindowBudget(256 * MIB)) {
    const client = Object.assign(new EventEmitter(), {
      _sock: new PassThrough(),
      _protocol: {
        _kexinit: undefined,
        channelWindowAdjust: (_id: number, bytes: number) => {
          this.granted += bytes;
        },
        disconnect: () => this.violations.push('disconnected'),
      },
    });
    client.on('error', (error: Error) => this.violations.push(error.message));
    this.raw = {
      _client: client,
      incoming: { id: 0, window: this.credit, packetSize: 32 * KIB, state: 'open' },
      outgoing: { id: 0, window: 0, packetSize: 32 * KIB, state: 'open' },
    } as unknown as RawChannel;
    this.window = new ReceiveWindow(this.raw, budget);
  }

  /** The peer sends up to this much of what it may; the reader takes it at once. */
  send(bytes: number, taken = true): number {
    const sent = Math.min(bytes, this.credit);
    this.credit -= sent;
    for (let left = sent; left > 0; left -= 32 * KIB) {
      const part = Math.min(left, 32 * KIB); // a packet
      this.raw.incoming.window -= part;
      if (this.window.received(part) && taken) this.window.delivered(part);
    }
    return sent;
  }

  /** What was granted reaches the peer one round trip later. */
  roundTrip(ms: number): void {
    vi.advanceTimersByTime(ms);
    this.credit += this.granted;
    this.granted = 0;
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'setInterval', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

describe('the receive window', () => {
  it('grows to its maximum for a peer that waits for credit, and stays small for one that does not', () => {
    const far = new Peer();
    for (let i = 0; i < 20; i++) {
      far.send(64 * MIB);
      far.roundTrip(40);
    }
    expect(far.window.limit).toBe(32 * MIB);
    const slow = new Peer();
    for (let i = 0; i < 200; i++) {
      slow.send(50_000);
      slow.roundTrip(40);
    }
    expect(slow.window.limit).toBe(256 * KIB);
  });

  it('does not grow while the reader pauses, and never lets more than the limit be on its way', () => {
    const peer = new Peer();
    peer.window.pause();
    const sent = peer.send(64 * MIB, false);
    peer.roundTrip(40);
    expect(sent).toBe(256 * KIB);
    expect(peer.send(64 * MIB, false)).toBe(0);
    expect(peer.window.limit).toBe(256 * KIB);
    peer.window.resume();
    peer.window.delivered(sent);
    peer.roundTrip(40);
    expect(peer.credit).toBe(256 * KIB);
  });

  it('shrinks to what keeps a reader busy when that one, not the network, is what holds things up', () => {
    const budget = new WindowBudget(256 * MIB);
    const peer = new Peer(budget);
    for (let i = 0; i < 20; i++) {
      peer.send(64 * MIB);
      peer.roundTrip(40);
    }
    for (let i = 0; i < 10; i++) {
      peer.window.pause();
      const held = peer.send(64 * MIB, false);
      vi.advanceTimersByTime(5);
      peer.window.resume();
      peer.window.delivered(held);
      peer.roundTrip(1);
    }
    expect(peer.window.limit).toBe(MIB);
    expect(budget.used).toBe(MIB - 256 * KIB);
  });

  it('goes back to its beginning after a long pause and returns what it had', () => {
    const budget = new WindowBudget(256 * MIB);
    const peer = new Peer(budget);
    for (let i = 0; i < 20; i++) {
      peer.send(64 * MIB);
      peer.roundTrip(40);
    }
    expect(budget.used).toBe(32 * MIB - 256 * KIB);
    peer.window.pause();
    const held = peer.send(64 * MIB, false);
    expect(held).toBe(32 * MIB);
    vi.advanceTimersByTime(1500);
    peer.window.resume();
    expect(peer.window.limit).toBe(256 * KIB);
    expect(budget.used).toBe(32 * MIB - 256 * KIB);
    peer.window.delivered(held);
    peer.window.delivered(0);
    expect(budget.used).toBe(0);
    peer.window.close();
    expect(budget.used).toBe(0);
  });

  it('keeps all channels together inside the budget', () => {
    const budget = new WindowBudget(64 * MIB);
    const peers = Array.from({ length: 10 }, () => new Peer(budget));
    for (let i = 0; i < 30; i++) {
      for (const peer of peers) peer.send(64 * MIB);
      vi.advanceTimersByTime(40);
      for (const peer of peers) peer.roundTrip(0);
      expect(budget.used).toBeLessThanOrEqual(budget.total);
    }
    expect(budget.used).toBeGreaterThan(16 * MIB);
    for (const peer of peers) peer.window.close();
    expect(budget.used).toBe(0);
  });

  it('ends the connection of a peer that sends one byte too much', () => {
    const peer = new Peer();
    peer.window.pause();
    peer.send(256 * KIB, false);
    expect(peer.violations).toEqual([]);
    peer.raw.incoming.window -= 1;
    expect(peer.window.received(1)).toBe(false);
    expect(peer.violations).toContain('disconnected');
  });
});

describe('new keys', () => {
  it('are asked for after so many bytes either way or so much time, counted from the last exchange', () => {
    const rekeys: number[] = [];
    const socket = Object.assign(new PassThrough(), { bytesRead: 0, bytesWritten: 0 });
    const connection = Object.assign(new EventEmitter(), {
      _sock: socket,
      _protocol: { rekey: () => rekeys.push(rekeys.length) },
    });
    let now = 0;
    let tick: () => void = () => {};
    const clock = {
      now: () => now,
      monotonic: () => now,
      after: () => () => {},
      every: (_ms: number, callback: () => void) => {
        tick = callback;
        return () => {
          tick = () => {};
        };
      },
    };
    autoRekey(connection as never, { bytes: 1000, ms: 60_000 }, clock);
    socket.bytesRead = 999;
    socket.emit('data', Buffer.alloc(1));
    expect(rekeys).toHaveLength(0);
    socket.bytesWritten = 1000;
    socket.emit('data', Buffer.alloc(1));
    expect(rekeys).toHaveLength(1);
    connection.emit('handshake');
    now = 59_000;
    tick();
    expect(rekeys).toHaveLength(1);
    now = 60_000;
    tick();
    expect(rekeys).toHaveLength(2);
    connection.emit('close');
    now = 200_000;
    tick();
    expect(rekeys).toHaveLength(2);
  });
});

describe('a tuned socket', () => {
  it('sends the first small write of a calm tick at once, and all others of a tick together', async () => {
    vi.useRealTimers();
    const batches: number[] = [];
    const socket = new PassThrough();
    socket._write = (_chunk, _encoding, done) => {
      batches.push(1);
      done();
    };
    socket._writev = (chunks, done) => {
      batches.push(chunks.length);
      done();
    };
    tuneSocket(socket);
    const tick = async (sizes: number[]) => {
      batches.length = 0;
      for (const size of sizes) socket.write(Buffer.alloc(size));
      const atOnce = batches.length;
      await new Promise((resolve) => setImmediate(resolve));
      return { atOnce, batches: [...batches] };
    };
    // a keystroke, and another one
    expect(await tick([64])).toEqual({ atOnce: 1, batches: [1] });
    expect(await tick([64])).toEqual({ atOnce: 1, batches: [1] });
    expect(await tick([64, 64, 64])).toEqual({ atOnce: 1, batches: [1, 2] });
    // behind many writes many are to be expected
    expect(await tick([64, 64, 64])).toEqual({ atOnce: 0, batches: [3] });
    expect(await tick([32_768])).toEqual({ atOnce: 0, batches: [1] });
    expect(await tick([32_768, 64])).toEqual({ atOnce: 0, batches: [2] });
  });

  it('reads only so much per turn while somebody types', () => {
    const socket = new PassThrough();
    tuneSocket(socket);
    const read: number[] = [];
    socket.on('data', (chunk: Buffer) => read.push(chunk.length));
    const bulk = () => {
      socket.emit('data', Buffer.alloc(64 * KIB));
      return socket.isPaused();
    };
    socket.resume();
    vi.advanceTimersByTime(10_000);
    expect(bulk()).toBe(false);
    vi.runAllTimers();
    fairness.touch();
    expect(bulk()).toBe(true);
    vi.runAllTimers();
    expect(socket.isPaused()).toBe(false);
  });
});

describe('the library', () => {
  it('has its native ciphers and our patches', () => {
    vi.useRealTimers();
    expect(() => assertSsh2()).not.toThrow();
  });
});
