import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TerminalInput, TerminalOutput } from '../../src/api/contract/ws.ts';
import { INPUT_WINDOW, MAX_FRAME } from '../../src/api/contract/ws-limits.ts';
import { type LinkEnd, type LinkState, TerminalLink } from '../../web/src/luna/terminal-link.ts';

/** The bastion's side of one socket of a link. */
class Peer {
  readonly said: TerminalInput[] = [];
  readonly typed: Buffer[] = [];
  closed = false;
  readonly events: { open(): void; message(data: string | ArrayBuffer): void; close(): void };

  constructor(events: Peer['events']) {
    this.events = events;
  }

  say(message: TerminalOutput): void {
    this.events.message(JSON.stringify(message));
  }

  output(text: string): void {
    this.events.message(Uint8Array.from(Buffer.from(text)).buffer);
  }

  last<T extends TerminalInput['type']>(type: T): Extract<TerminalInput, { type: T }> {
    const found = this.said.findLast((message) => message.type === type);
    if (!found) throw new Error(`nothing of type ${type} was said: ${JSON.stringify(this.said)}`);
    return found as Extract<TerminalInput, { type: T }>;
  }

  get input(): string {
    return Buffer.concat(this.typed).toString();
  }
}

function ready(fields: { resume?: string; received?: number; graceSeconds?: number } = {}): TerminalOutput {
  return {
    type: 'ready',
    session: 's1',
    resume: 'r1',
    graceSeconds: 30,
    asset: 'web1',
    account: 'root',
    protocol: 'ssh',
    actions: ['connect'],
    received: 0,
    startedAt: '2027-01-01T00:00:00Z',
    idleSeconds: 900,
    maxSeconds: 86_400,
    until: null,
    ...fields,
  };
}

function begin() {
  const peers: Peer[] = [];
  const states: LinkState[] = [];
  const shown: string[] = [];
  const drawn: (() => void)[] = [];
  const latencies: number[] = [];
  let rooms = 0;
  let end: LinkEnd | undefined;
  const link = new TerminalLink(
    (events) => {
      const peer = new Peer(events);
      peers.push(peer);
      return {
        send: (data) => {
          if (typeof data === 'string') peer.said.push(JSON.parse(data) as TerminalInput);
          else peer.typed.push(Buffer.from(data));
        },
        close: () => {
          peer.closed = true;
        },
      };
    },
    { ticket: 'bti_1' },
    { cols: 80, rows: 24 },
    {
      state: (state) => states.push(state),
      ready: () => {},
      output: (bytes, done) => {
        shown.push(Buffer.from(bytes).toString());
        drawn.push(done);
      },
      fact: () => {},
      latency: (ms) => latencies.push(ms),
      room: () => rooms++,
      ended: (cause) => {
        end = cause;
      },
    },
  );
  return {
    link,
    peers,
    states,
    shown,
    drawn,
    latencies,
    rooms: () => rooms,
    end: () => end,
    /** The socket of now. */
    peer: () => peers.at(-1)!,
  };
}

/** A link that is ready, and its first peer. */
function live(fields: Parameters<typeof ready>[0] = {}) {
  const parts = begin();
  parts.peer().events.open();
  parts.peer().say(ready(fields));
  return parts;
}

const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a link that begins', () => {
  it('says its ticket and its size first, and is ready when the bastion says so', () => {
    const { link, peer, states } = begin();
    expect(peer().said).toEqual([]);
    peer().events.open();
    expect(peer().said).toEqual([{ type: 'hello', ticket: 'bti_1', cols: 80, rows: 24 }]);
    expect(link.state).toBe('connecting');
    peer().say(ready());
    expect(states).toEqual(['ready']);
  });

  it('ends with the sentence of the bastion when it is refused', () => {
    const { peer, end, link } = begin();
    peer().events.open();
    peer().say({ type: 'error', code: 'target_auth', message: 'The target did not take the password.' });
    expect(end()).toMatchObject({ cause: 'error', code: 'target_auth', text: 'The target did not take the password.' });
    expect(link.state).toBe('ended');
    expect(peer().closed).toBe(true);
  });

  it('does not try again when nothing was opened yet', () => {
    const { peer, peers, end } = begin();
    peer().events.close();
    vi.advanceTimersByTime(60_000);
    expect(end()).toMatchObject({ cause: 'lost' });
    expect(peers).toHaveLength(1);
  });

  it('keeps what is typed on the way to the target', () => {
    const { link, peer } = begin();
    expect(link.send(bytes('early'))).toBe(true);
    peer().events.open();
    expect(peer().input).toBe('');
    peer().say(ready());
    expect(peer().input).toBe('early');
  });
});

describe('output', () => {
  it('is acknowledged once it is drawn, not when it arrives', () => {
    const { peer, drawn } = live();
    peer().output('hello');
    vi.advanceTimersByTime(1000);
    expect(peer().said.some((message) => message.type === 'ack')).toBe(false);
    drawn[0]!();
    vi.advanceTimersByTime(60);
    expect(peer().last('ack')).toEqual({ type: 'ack', received: 5 });
  });

  it('in bulk is acknowledged without waiting, and not for each piece', () => {
    const { peer, drawn } = live();
    const piece = 'x'.repeat(16 * 1024);
    for (let i = 0; i < 8; i++) {
      peer().output(piece);
      drawn[i]!();
    }
    expect(peer().said.filter((message) => message.type === 'ack')).toEqual([
      { type: 'ack', received: 64 * 1024 },
      { type: 'ack', received: 128 * 1024 },
    ]);
  });
});

describe('input', () => {
  it('goes out in frames the bastion takes, and no further than its window', () => {
    const { link, peer, rooms } = live();
    const text = 'y'.repeat(INPUT_WINDOW + 100_000);
    expect(link.send(bytes(text))).toBe(true);
    expect(Math.max(...peer().typed.map((frame) => frame.length))).toBeLessThanOrEqual(MAX_FRAME);
    expect(peer().input.length).toBeLessThanOrEqual(INPUT_WINDOW);
    const first = peer().input.length;
    peer().say({ type: 'ack', received: first });
    expect(peer().input).toBe(text);
    expect(rooms()).toBe(1);
    peer().say({ type: 'ack', received: text.length });
    expect(link.pending).toBe(0);
  });

  it('is refused as a whole when too much waits', () => {
    const { link } = live();
    expect(link.send(new Uint8Array(4 * 1024 * 1024))).toBe(true);
    expect(link.send(bytes('z'))).toBe(false);
  });
});

describe('a cut', () => {
  it('is made good: output from where it stopped, input the bastion has not seen', () => {
    const { link, peer, peers, shown, drawn, states } = live();
    // arrived, and still on the way to the screen
    peer().output('one ');
    link.send(bytes('abcdef'));
    peer().say({ type: 'ack', received: 2 });
    const first = peer();
    first.events.close();
    expect(link.state).toBe('cut');
    link.send(bytes('ghi'));
    vi.advanceTimersByTime(0);
    expect(peers).toHaveLength(2);
    peer().events.open();
    expect(peer().said).toEqual([{ type: 'resume', token: 'r1', received: 4, cols: 80, rows: 24 }]);
    // the acknowledgement of two more bytes was lost with the connection
    peer().say(ready({ resume: 'r2', received: 4 }));
    expect(peer().input).toBe('efghi');
    peer().output('two');
    drawn[0]!();
    drawn[1]!();
    vi.advanceTimersByTime(60);
    expect(peer().last('ack')).toEqual({ type: 'ack', received: 7 });
    expect(shown.join('')).toBe('one two');
    expect(states).toEqual(['ready', 'cut', 'resuming', 'ready']);
    // what the old socket still says is not heard
    first.output('ghost');
    expect(shown.join('')).toBe('one two');
  });

  it('uses the token of the last time it was ready', () => {
    const { peer } = live();
    peer().events.close();
    vi.advanceTimersByTime(0);
    peer().events.open();
    peer().say(ready({ resume: 'r2' }));
    peer().events.close();
    vi.advanceTimersByTime(300);
    peer().events.open();
    expect(peer().last('resume').token).toBe('r2');
  });

  it('is tried to mend more and more slowly, until nobody waits any more', () => {
    const { peer, peers, end, link } = live({ graceSeconds: 10 });
    const started = performance.now();
    peer().events.close();
    const tries: number[] = [];
    while (link.state !== 'ended') {
      vi.advanceTimersToNextTimer();
      if (peers.length > tries.length + 1) {
        tries.push(performance.now() - started);
        peer().events.close();
      }
    }
    expect(tries).toEqual([0, 300, 900, 2_100, 4_500, 9_500, 10_000]);
    expect(end()).toMatchObject({ cause: 'lost' });
  });

  it('keeps input up to the window and refuses what comes after', () => {
    const { link, peer } = live();
    peer().events.close();
    expect(link.send(new Uint8Array(INPUT_WINDOW))).toBe(true);
    expect(link.send(bytes('1'))).toBe(false);
  });

  it('tells the size of now', () => {
    const { link, peer } = live();
    peer().events.close();
    link.resize({ cols: 100, rows: 30 });
    vi.advanceTimersByTime(0);
    peer().events.open();
    expect(peer().last('resume')).toMatchObject({ cols: 100, rows: 30 });
  });

  it('ends with what the bastion says when the session is gone', () => {
    const { peer, end } = live();
    peer().events.close();
    vi.advanceTimersByTime(0);
    peer().events.open();
    peer().say({
      type: 'ended',
      cause: 'revoked',
      detail: null,
      text: 'Taken away.',
      exitCode: null,
      exitSignal: null,
    });
    expect(end()).toMatchObject({ cause: 'revoked', text: 'Taken away.' });
  });

  it('is noticed when the bastion answers no ping, though the socket says nothing', () => {
    const { link, peer, peers } = live();
    const first = peer();
    vi.advanceTimersByTime(9_000);
    expect(link.state).toBe('ready');
    vi.advanceTimersByTime(6_000);
    expect(first.closed).toBe(true);
    expect(peers.length).toBeGreaterThan(1);
  });

  it('is none while output comes, however late the answer to a ping is', () => {
    const { link, peer } = live();
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1000);
      peer().output('.');
    }
    expect(link.state).toBe('ready');
  });

  it('is tried again at once when the network is said to be back', () => {
    const { link, peer, peers } = live();
    for (let i = 0; i < 4; i++) {
      peer().events.close();
      vi.advanceTimersToNextTimer();
    }
    peer().events.close();
    const before = peers.length;
    link.retry();
    expect(peers).toHaveLength(before + 1);
  });
});

describe('a link that lives', () => {
  it('measures how long the way is', () => {
    const { peer, latencies } = live();
    vi.advanceTimersByTime(40);
    peer().say({ type: 'pong', id: peer().last('ping').id });
    expect(latencies).toEqual([40]);
  });

  it('says each new size once', () => {
    const { link, peer } = live();
    link.resize({ cols: 80, rows: 24 });
    link.resize({ cols: 90, rows: 24 });
    expect(peer().said.filter((message) => message.type === 'resize')).toEqual([
      { type: 'resize', cols: 90, rows: 24 },
    ]);
  });

  it('closes the session when it is closed, and is silent after', () => {
    const { link, peer, peers, end } = live();
    link.close();
    expect(peer().last('close')).toEqual({ type: 'close' });
    expect(end()).toMatchObject({ cause: 'client-closed' });
    peer().events.close();
    vi.advanceTimersByTime(60_000);
    expect(peers).toHaveLength(1);
    expect(link.send(bytes('x'))).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
