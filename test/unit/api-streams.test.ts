import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/api/contract/sessions.ts';
import { WatchStream } from '../../src/api/handlers/watch-stream.ts';
import type { Size } from '../../src/kernel/channel.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import type { SessionId } from '../../src/kernel/id.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import { Shares } from '../../src/session/shares.ts';
import type { LiveSession, Registry, Visit, Watcher } from '../../src/session/types.ts';
import { FRAME } from '../../src/storage/frames.ts';
import type { Actor } from '../../src/store/model.ts';
import { sessionRow } from '../kit/rows.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { Visitor } from './web-visitor.ts';

const SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };

/** A registry with one session that does what the test says. */
class OneSession implements Registry {
  readonly row = sessionRow();
  readonly watchers = new Set<Watcher>();
  readonly changed = new Emitter<void>();
  readonly calls: string[] = [];
  readonly reviews = {
    settle: async () => {
      throw new Error('nothing waits');
    },
  };
  readonly shares = new Shares(systemClock);
  locked = false;

  get(id: SessionId): LiveSession | undefined {
    return id === this.row.id ? this.#session() : undefined;
  }
  live(): LiveSession[] {
    return [this.#session()];
  }
  async terminate(id: SessionId, by: Actor): Promise<void> {
    this.calls.push(`end ${id} ${by.name}`);
  }
  async setLocked(id: SessionId, locked: boolean, by: Actor): Promise<void> {
    this.locked = locked;
    this.calls.push(`${locked ? 'lock' : 'unlock'} ${id} ${by.name}`);
  }
  async watch(_id: SessionId, watcher: Watcher): Promise<Visit> {
    this.watchers.add(watcher);
    watcher.snapshot(Buffer.from('$ ls'), SIZE);
    this.changed.emit();
    const leave = () => {
      this.watchers.delete(watcher);
      this.changed.emit();
    };
    return { typing: false, join: async () => {}, part() {}, input() {}, leave };
  }
  async open(): Promise<LiveSession> {
    throw new AppError('unsupported', 'not here');
  }
  async shutdown(): Promise<void> {}
  async recover(): Promise<void> {}

  /** Resolves once this many watch. */
  async watched(count: number): Promise<void> {
    while (this.watchers.size !== count) {
      await new Promise<void>((resolve) => {
        const off = this.changed.on(() => {
          off();
          resolve();
        });
      });
    }
  }

  #session(): LiveSession {
    const row = { ...this.row, bytesOut: 42 };
    const { locked } = this;
    const participants = { all: [], announced: [], onChange: () => () => {} };
    return {
      id: row.id,
      locked,
      isTerminal: true,
      participants,
      row: () => row,
    } as Partial<LiveSession> as LiveSession;
  }
}

let house: ApiHouse;
const registry = new OneSession();
beforeAll(async () => {
  house = await openApiHouse({ registry });
  await house.store.sessions.create(registry.row, []);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

describe('a watched session', () => {
  it.each(['socket', 'tcp', 'process'])('shows the screen at once and then what happens (%s)', async (door) => {
    const tcp = door === 'tcp' ? (await house.person(`w-${door}`, 'auditor')).client : undefined;
    const client = tcp ?? (door === 'socket' ? house.owner : house.direct);
    const events: WatchEvent[] = [];
    for await (const event of client.sessions.watch({ id: registry.row.id })) {
      events.push(event);
      if (event.kind !== 'snapshot') continue;
      for (const watcher of registry.watchers) {
        watcher.output(Buffer.from([0xff, 0xfe, 0x0a]));
        watcher.resize({ ...SIZE, cols: 100 });
        watcher.notice('locked by bob\n中文');
        watcher.ended({ cause: 'terminated', detail: 'bob' });
      }
    }
    expect(events).toEqual([
      { kind: 'snapshot', cols: 80, rows: 24, data: Buffer.from('$ ls').toString('base64') },
      { kind: 'output', data: Buffer.from([0xff, 0xfe, 0x0a]).toString('base64') },
      { kind: 'resize', cols: 100, rows: 24 },
      { kind: 'notice', text: 'locked by bob\n中文' },
      { kind: 'ended', cause: 'terminated', detail: 'bob' },
    ]);
    await registry.watched(0);
  });

  it.each(['socket', 'process'])('is let go when the watcher leaves (%s)', async (door) => {
    const client = door === 'socket' ? house.owner : house.direct;
    for await (const event of client.sessions.watch({ id: registry.row.id })) {
      expect(event.kind).toBe('snapshot');
      break;
    }
    await registry.watched(0);
  });

  it('is let go when the connection breaks or the caller aborts', async () => {
    const { token, client } = await house.person('breaker', 'auditor');
    const socket = connect(house.doors.tcp[0]!.port!, '127.0.0.1');
    socket.write(
      `GET /api/v1/sessions/${registry.row.id}/watch HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await once(socket, 'data');
    await registry.watched(1);
    socket.resetAndDestroy();
    await registry.watched(0);

    const abort = new AbortController();
    const stream = client.sessions.watch({ id: registry.row.id }, { signal: abort.signal })[Symbol.asyncIterator]();
    await stream.next();
    abort.abort();
    await expect(stream.next()).rejects.toThrow();
    await registry.watched(0);
  });

  it('is no longer shown to a token that was taken back', async () => {
    const { tokenId, client } = await house.person('late', 'auditor');
    const stream = client.sessions.watch({ id: registry.row.id })[Symbol.asyncIterator]();
    await stream.next();
    await house.owner.tokens.remove({ id: tokenId });
    await expect(stream.next()).rejects.toThrow();
    await registry.watched(0);
  });

  it('is no longer shown to a browser that was signed out', async () => {
    const password = 'three blind mice run';
    await house.owner.users.add({ name: 'leaver', role: 'auditor', password });
    const visitor = new Visitor(house.url);
    await visitor.signIn('leaver', password);
    const { id } = registry.row;
    const response = await fetch(`${house.url}/api/v1/sessions/${id}/watch`, { headers: { cookie: visitor.cookie! } });
    await registry.watched(1);
    const elsewhere = new Visitor(house.url);
    await elsewhere.signIn('leaver', password);
    await elsewhere.call('POST', '/api/v1/me/sign-ins/end-others');
    await registry.watched(0);
    await expect(response.text()).rejects.toThrow();
  });

  it('is no longer shown to a person whose role was taken back', async () => {
    const { client } = await house.person('former', 'auditor');
    const stream = client.sessions.watch({ id: registry.row.id })[Symbol.asyncIterator]();
    await stream.next();
    await house.owner.users.set({ name: 'former', role: 'user' });
    await expect(stream.next()).rejects.toThrow();
    await registry.watched(0);
  });
});

describe('a token that expires while its stream runs', () => {
  it('ends the stream', async () => {
    let later = 0;
    const ticks = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      now: () => Date.now() + later,
      every(ms, callback) {
        if (ms !== 15_000) return systemClock.every(ms, callback);
        ticks.add(callback);
        return () => ticks.delete(callback);
      },
    };
    const session = new OneSession();
    await using other = await openApiHouse({ registry: session }, {}, clock);
    await other.store.sessions.create(session.row, []);
    await other.owner.users.add({ name: 'temp', role: 'auditor' });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { secret } = await other.owner.tokens.add({ user: 'temp', expiresAt });
    const { id } = session.row;
    const stream = other.client(secret).sessions.watch({ id })[Symbol.asyncIterator]();
    await stream.next();
    later = 3_600_001;
    for (const tick of ticks) tick();
    await expect(stream.next()).rejects.toThrow();
    await session.watched(0);
    expect(ticks.size).toBe(0);
  });
});

describe('a slow watcher', () => {
  const big = Buffer.alloc(100_000, 'x');

  it('never holds the session up over TCP, and is whole again when it reads on', async () => {
    const { token } = await house.person('slow', 'auditor');
    const socket = connect(house.doors.tcp[0]!.port!, '127.0.0.1');
    socket.write(
      `GET /api/v1/sessions/${registry.row.id}/watch HTTP/1.1\r\nHost: b\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await registry.watched(1);
    const [watcher] = registry.watchers;
    let asked = false;
    watcher!.onReady(() => {
      asked = true;
      watcher!.snapshot(Buffer.from('whole again'), SIZE);
      watcher!.ended({ cause: 'idle' });
    });
    let pushed = 0;
    for (; watcher!.output(big); pushed++) await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toBeLessThan(1000);
    expect(asked).toBe(false);
    const received = await text(socket);
    expect(received).toContain(Buffer.from('whole again').toString('base64'));
    await registry.watched(0);
  });

  it('is refused output when full, and asks for one new snapshot when it caught up', async () => {
    const watcher = new WatchStream();
    let asked = 0;
    watcher.onReady(() => {
      asked += 1;
      watcher.snapshot(Buffer.from('whole again'), SIZE);
    });
    watcher.snapshot(Buffer.from('start'), SIZE);
    let taken = 0;
    while (watcher.output(big)) taken += 1;
    expect(taken).toBeLessThan(5);
    expect(watcher.readableLength).toBeLessThan(1_000_000);
    for (let i = 0; i < 100; i++) expect(watcher.output(big)).toBe(false);
    watcher.resize({ ...SIZE, cols: 7 });

    let text = '';
    for await (const chunk of watcher) {
      text += String(chunk);
      if (text.includes(Buffer.from('whole again').toString('base64'))) break;
    }
    const kinds = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as WatchEvent).kind);
    expect(kinds).toEqual(['snapshot', ...Array<string>(taken).fill('output'), 'snapshot']);
    expect(asked).toBe(1);
  });

  it('that only had to wait gets nothing twice, and the last size', async () => {
    const watcher = new WatchStream();
    let asked = 0;
    watcher.onReady(() => {
      asked += 1;
    });
    watcher.snapshot(Buffer.alloc(400_000, 'y'), SIZE);
    watcher.resize({ ...SIZE, cols: 90 });
    watcher.resize({ ...SIZE, cols: 91 });
    const events: WatchEvent[] = [];
    let text = '';
    for await (const chunk of watcher) {
      text += String(chunk);
      events.length = 0;
      events.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as WatchEvent),
      );
      if (events.at(-1)?.kind === 'resize') watcher.ended({ cause: 'idle' });
    }
    expect(events.map((event) => event.kind)).toEqual(['snapshot', 'resize', 'ended']);
    expect(events[1]).toMatchObject({ cols: 91 });
    expect(asked).toBe(0);
  });
});

describe('sessions', () => {
  it('are shown with what is live about them, filtered and paged', async () => {
    const ended = sessionRow({
      state: 'ended',
      endedAt: 1_700_000_100_000,
      endCause: 'idle',
      recording: 'none',
      assetName: 'db1',
    });
    await house.store.sessions.create(ended, []);
    expect(await house.owner.sessions.show({ id: registry.row.id })).toMatchObject({
      bytesOut: 42,
      terminal: true,
      locked: false,
      state: 'live',
    });
    expect(await house.owner.sessions.show({ id: ended.id })).toMatchObject({ terminal: false });
    const list = async (query: object) => (await house.owner.sessions.list(query)).items.map((item) => item.id);
    expect(await list({})).toEqual([ended.id, registry.row.id]);
    expect(await list({ live: true })).toEqual([registry.row.id]);
    expect(await list({ live: false })).toEqual([ended.id]);
    expect(await list({ asset: 'db1' })).toEqual([ended.id]);
    const first = await house.owner.sessions.list({ limit: 1 });
    expect(first.next).toBe(ended.id);
    expect(await house.owner.sessions.list({ limit: 1, after: first.next! })).toMatchObject({
      items: [{ id: registry.row.id }],
      next: null,
    });
    await expect(house.owner.sessions.end({ id: ended.id })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are ended, locked and unlocked in the name of the caller', async () => {
    const { client } = await house.person('boss', 'admin');
    const { id } = registry.row;
    await client.sessions.lock({ id });
    expect(await client.sessions.show({ id })).toMatchObject({ locked: true });
    await client.sessions.unlock({ id });
    await client.sessions.end({ id });
    expect(registry.calls).toEqual([`lock ${id} boss`, `unlock ${id} boss`, `end ${id} boss`]);
  });
});

describe('a recording', () => {
  const read = async (id: string) => {
    let text = '';
    for await (const part of house.owner.sessions.recording({ id })) text += part;
    return text;
  };

  it('comes as plain asciicast, and the look is written down', async () => {
    const row = sessionRow();
    await house.store.sessions.create(row, []);
    await expect(read(row.id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await house.owner.audit.list({ action: 'recording.read' })).items).toEqual([]);

    const spool = await house.recordings.begin(
      {
        version: 1,
        id: row.id,
        startedAt: row.startedAt,
        size: { cols: 80, rows: 24 },
        term: 'xterm',
        user: 'alice',
        asset: 'web1',
        account: 'root',
        command: null,
      },
      { onDrain: () => {}, onError: () => {} },
    );
    spool.append(FRAME.output, Buffer.from('héllo 中文\r\n'));
    await spool.finish({
      cause: 'client-closed',
      detail: null,
      exitCode: 0,
      exitSignal: null,
      bytesIn: 0,
      bytesOut: 0,
    });
    const [header, ...events] = (await read(row.id))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    expect(events).toContainEqual([expect.any(Number), 'o', 'héllo 中文\r\n']);
    const { items } = await house.owner.audit.list({ action: 'recording.read' });
    expect(items).toMatchObject([{ outcome: 'ok', target: { kind: 'session', id: row.id } }]);
  });

  it('that was never made is said to be none', async () => {
    const row = sessionRow({ recording: 'none' });
    await house.store.sessions.create(row, []);
    await expect(read(row.id)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('no recording'),
    });
  });
});
