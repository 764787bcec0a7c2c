import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SftpRelay } from '../../src/kernel/sftp/relay.ts';
import { MAX_PACKET, packet, SftpError, SftpReader, string, TYPE, uint32, uint64 } from '../../src/kernel/sftp/wire.ts';
import { ask, say } from './sftp-kit.ts';

/** A relay, what it emitted, and what its host was told. */
function relay(verdict: (type: number, id: number, head: Buffer) => boolean | Buffer = () => true) {
  const out: Buffer[] = [];
  const seen: string[] = [];
  const payloads: Buffer[] = [];
  const it = new SftpRelay({
    packet: (type, id, head) => {
      seen.push(`${type}:${id}:${head.length}`);
      return verdict(type, id, head);
    },
    payload: (piece) => payloads.push(Buffer.from(piece)),
    payloadEnd: () => seen.push('end'),
    emit: (chunk) => out.push(Buffer.from(chunk)),
  });
  return { it, seen, out: () => Buffer.concat(out), payload: () => Buffer.concat(payloads) };
}

/** A small, repeatable source of numbers. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function cut(bytes: Buffer, next: (below: number) => number, longest: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + next(longest));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

const REQUESTS = Buffer.concat([
  ask.init(),
  ask.open(1, '/a', 26),
  ask.write(2, '\0\0\0\0', 0, randomBytes(70_000)),
  ask.write(3, '\0\0\0\0', 70_000, ''),
  ask.path(TYPE.stat, 4, '/b'),
  ask.write(5, '\0\0\0\0', 70_000, 'x'),
  ask.close(6, '\0\0\0\0'),
]);
const ANSWERS = Buffer.concat([
  say.version(),
  say.handle(1, 'h'),
  say.data(2, randomBytes(40_000)),
  say.data(3, ''),
  say.status(4, 1, 'EOF'),
  say.data(5, 'x'),
]);

test.each([1, 7, 40, 5000, 100_000])('a stream cut anywhere (up to %i bytes) goes on as the same bytes', (longest) => {
  for (const stream of [REQUESTS, ANSWERS]) {
    const whole = relay();
    whole.it.push(stream);
    const next = numbers(longest);
    const pieces = relay();
    for (const piece of cut(stream, next, longest)) pieces.it.push(piece);
    expect(pieces.out().equals(stream)).toBe(true);
    expect(whole.out().equals(stream)).toBe(true);
    expect(pieces.seen).toEqual(whole.seen);
    expect(pieces.payload().equals(whole.payload())).toBe(true);
    expect(pieces.it.complete).toBe(true);
  }
});

test('what is dropped is dropped whole, with its payload, and what takes its place stands in its place', () => {
  const next = numbers(3);
  for (let round = 0; round < 50; round++) {
    const { it, out, payload } = relay((_type, id) => {
      if (id === 4) return packet(TYPE.lstat, 4, string('/c'));
      return id !== 2 && id !== 6;
    });
    for (const piece of cut(REQUESTS, next, 3000)) it.push(piece);
    const expected = [
      ask.init(),
      ask.open(1, '/a', 26),
      ask.write(3, '\0\0\0\0', 70_000, ''),
      packet(TYPE.lstat, 4, string('/c')),
      ask.write(5, '\0\0\0\0', 70_000, 'x'),
    ];
    expect(out().equals(Buffer.concat(expected))).toBe(true);
    expect(payload().toString()).toBe('x');
  }
});

test('a packet of our own goes in between two packets, never into one', () => {
  const own = say.status(99, 3, 'no');
  for (let at = 0; at <= ANSWERS.length; at += 97) {
    const { it, out } = relay();
    it.push(ANSWERS.subarray(0, at));
    it.inject(own);
    it.push(ANSWERS.subarray(at));
    const bytes = out();
    expect(bytes.length).toBe(ANSWERS.length + own.length);
    const place = bytes.indexOf(own);
    const boundaries = new Set<number>();
    for (let i = 0; i < ANSWERS.length; i += 4 + ANSWERS.readUInt32BE(i)) boundaries.add(i);
    boundaries.add(ANSWERS.length);
    expect(boundaries.has(place), `a packet at ${place}`).toBe(true);
    expect(Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + own.length)]).equals(ANSWERS)).toBe(true);
    expect(it.waiting).toBe(0);
  }
});

test('what passes goes on in the very pieces in which it came', () => {
  const chunks: Buffer[] = [];
  const it = new SftpRelay({
    packet: () => true,
    payload: () => {},
    payloadEnd: () => {},
    emit: (chunk) => chunks.push(chunk),
  });
  it.push(REQUESTS);
  expect(chunks).toHaveLength(1);
  expect(chunks[0]!.buffer).toBe(REQUESTS.buffer);
});

test.each([
  ['a length of nothing', uint32(0)],
  ['a length below a head', uint32(4)],
  ['a length beyond the longest packet', uint32(MAX_PACKET + 1)],
  ['a length of almost 4 GiB', uint32(0xffffffff)],
])('%s is no SFTP', (_name, length) => {
  const { it } = relay();
  expect(() => it.push(Buffer.concat([length, Buffer.alloc(20)]))).toThrow(SftpError);
});

test.each([
  ['a handle beyond its bound', Buffer.concat([string(Buffer.alloc(257)), uint64(0), string('x')])],
  ['a handle beyond the packet', Buffer.concat([uint32(200), Buffer.alloc(8)])],
  ['a payload longer than the packet', Buffer.concat([string('h'), uint64(0), uint32(50), Buffer.from('x')])],
  ['a payload shorter than the packet', Buffer.concat([string('h'), uint64(0), uint32(0), Buffer.from('x')])],
])('a WRITE with %s is no SFTP', (_name, body) => {
  const { it } = relay();
  expect(() => it.push(packet(TYPE.write, 1, body))).toThrow(SftpError);
});

test('bytes of any kind are SFTP or an SftpError, and never anything else', () => {
  const next = numbers(4711);
  let broken = 0;
  for (let round = 0; round < 3000; round++) {
    const stream = Buffer.from(round % 2 ? REQUESTS.subarray(0, 400) : ANSWERS.subarray(0, 400));
    for (let i = next(6); i >= 0; i--) stream[next(stream.length)] = next(256);
    const { it } = relay((type, _id, head) => {
      if (type !== TYPE.write && type !== TYPE.data) new SftpReader(head, 9).string();
      return true;
    });
    try {
      for (const piece of cut(stream, next, 1 + next(200))) it.push(piece);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      broken++;
    }
  }
  expect(broken).toBeGreaterThan(1000);
});

test('offsets beyond 4 GiB are exact', () => {
  for (const offset of [0, 0xffff_ffff, 0x1_0000_0000, 5 * 2 ** 40 + 3, Number.MAX_SAFE_INTEGER])
    expect(new SftpReader(uint64(offset), 0).uint64()).toBe(offset);
});
