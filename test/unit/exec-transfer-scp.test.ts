import { describe, expect, test } from 'vitest';
import { planOf } from '../../src/session/exec-transfers/plan.ts';
import { scpPath } from '../../src/session/exec-transfers/scp-paths.ts';
import { type ScpFile, ScpWatch } from '../../src/session/exec-transfers/scp-watch.ts';
import { sha256 } from '../kit/hash.ts';

/** What a watch makes of a talk: `>` before what the sender says, `<` before what the receiver says. */
function watched(talk: readonly string[], command = 'scp -rt /srv', pieces = 1_000_000) {
  const [transfer] = planOf(command).transfers;
  const began: string[] = [];
  const ended: ScpFile[] = [];
  const watch = new ScpWatch({
    now: () => 7,
    path: (names) => scpPath(transfer!, names),
    began: (path, size) => began.push(`${path} ${size}`),
    ended: (file) => ended.push(file),
  });
  for (const turn of talk) {
    const bytes = Buffer.from(turn.slice(1));
    for (let at = 0; at < bytes.length; at += pieces) {
      const piece = Buffer.from(bytes.subarray(at, at + pieces));
      if (turn.startsWith('>')) watch.sender(piece);
      else watch.receiver(piece);
      // what was read must not be read again later: its memory may hold other things then
      piece.fill(0xaa);
    }
  }
  return {
    watch,
    began,
    ended,
    rows: ended.map(({ path, bytes, result, detail }) => ({ path, bytes, result, detail })),
  };
}

const OK = '<\0';
const ok = (path: string, bytes: number) => ({ path, bytes, result: 'ok', detail: null });
const TREE = [
  OK,
  ...['>T1700000000 0 1700000000 0\n', OK, '>D0755 0 data\n', OK],
  ...['>C0644 5 a b.txt\n', OK, '>hello', '>\0', OK],
  ...['>D0755 0 sub\n', OK, '>C0600 0 empty\n', OK, '>\0', OK, '>E\n', OK],
  ...['>C4755 3 ünï\n', OK, '>abc\0', OK, '>E\n', OK],
];

describe('what two scps say to each other', () => {
  test.each([1, 2, 3, 7, 1_000_000])('a tree, in pieces of %i bytes', (pieces) => {
    const { watch, rows, ended, began } = watched(TREE, 'scp -rt /srv', pieces);
    expect(watch.lost).toBe(false);
    expect(rows).toEqual([ok('/srv/data/a b.txt', 5), ok('/srv/data/sub/empty', 0), ok('/srv/data/ünï', 3)]);
    expect(ended.map((file) => file.sha256)).toEqual([sha256('hello'), sha256(''), sha256('abc')]);
    expect(began[0]).toBe('/srv/data/a b.txt 5');
    watch.end('it ended');
    expect(ended).toHaveLength(3);
  });

  test('a file that the receiver does not want, and the next one', () => {
    const talk = [OK, '>C0644 5 a\n', '<\x01scp: /srv/a: Permission denied\n', '>C0644 2 b\n', OK, '>hi\0', OK];
    expect(watched(talk).rows).toEqual([
      { path: '/srv/a', bytes: 0, result: 'failed', detail: '/srv/a: Permission denied' },
      ok('/srv/b', 2),
    ]);
  });

  test('a directory that the receiver does not want, and what is behind it', () => {
    const talk = [OK, '>D0755 0 d\n', '<\x01scp: no\n', '>C0644 2 b\n', OK, '>hi\0', OK];
    expect(watched(talk).rows).toEqual([{ path: '/srv/d', bytes: 0, result: 'failed', detail: 'no' }, ok('/srv/b', 2)]);
  });

  test('a disk that is full at the end, and a sender that could not read on', () => {
    const full = [OK, '>C0644 5 a\n', OK, '>hello\0', '<\x01scp: a: No space left on device\n'];
    expect(watched(full).rows).toEqual([
      { path: '/srv/a', bytes: 5, result: 'failed', detail: 'a: No space left on device' },
    ]);
    const unread = [OK, '>C0644 5 a\n', OK, '>hel\0\0', '>\x01scp: a: Input/output error\n', OK];
    const { rows, ended } = watched(unread);
    expect(rows).toEqual([{ path: '/srv/a', bytes: 5, result: 'failed', detail: 'a: Input/output error' }]);
    expect(ended[0]!.sha256).toBeNull();
  });

  test('a file that is not there, and a target that is none', () => {
    expect(watched([OK, '>\x01scp: x: No such file or directory\n'], 'scp -f x').rows).toEqual([
      { path: 'x', bytes: 0, result: 'failed', detail: 'x: No such file or directory' },
    ]);
    expect(watched(['<\x01scp: /srv: No such file or directory\n']).rows).toEqual([
      { path: '/srv', bytes: 0, result: 'failed', detail: '/srv: No such file or directory' },
    ]);
  });

  test.each([
    ['in the middle of the bytes', [OK, '>C0644 5 a\n', OK, '>hel'], 3],
    ['before the status', [OK, '>C0644 5 a\n', OK, '>hello'], 5],
    ['before the last answer', [OK, '>C0644 5 a\n', OK, '>hello\0'], 5],
    ['before the first byte', [OK, '>C0644 5 a\n'], 0],
  ])('cut off %s', (_when, talk, bytes) => {
    const { watch, ended } = watched(talk);
    expect(ended).toEqual([]);
    watch.end('the session ended');
    expect(ended).toMatchObject([
      { path: '/srv/a', bytes, sha256: null, result: 'failed', detail: 'the session ended' },
    ]);
  });

  test.each([
    ['another talk', ['>SSH-2.0-x\n']],
    ['an endless line', [`>C0644 5 ${'a'.repeat(9000)}`]],
    ['an endless line behind its end', [OK, `>C0644 5 ${'a'.repeat(9000)}\n`]],
    ['an endless answer', [`<\x01${'a'.repeat(9000)}`]],
    ['an answer that is none', ['<hello\n']],
    ['a size that no file has', ['>C0644 99999999999999999 a\n']],
    ['directories without end', Array.from({ length: 600 }, () => ['>D0755 0 d\n', OK]).flat()],
    ['files without answers', Array.from({ length: 70 }, () => '>C0644 0 d\n\0')],
    ['bytes behind a refusal', [OK, '>C0644 5 a\n>hel', '<\x01no\n']],
    ['a status that is none', [OK, '>C0644 1 a\n', OK, '>hx\n']],
  ])('%s is not followed', (_what, talk) => {
    const { watch } = watched(talk as string[]);
    expect(watch.lost).toBe(true);
    watch.sender(Buffer.alloc(100_000, 'C'));
    watch.receiver(Buffer.alloc(100_000, '\0'));
  });
});

test('whatever two sides say, it is read to its end', () => {
  let seed = 4711;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 3000; round++) {
    const talk = TREE.map((turn) => turn);
    for (let n = random(4); n >= 0; n--) {
      const at = random(talk.length);
      const turn = talk[at]!;
      const cut = 1 + random(turn.length);
      const bytes = ['\0', '\n', 'C0644 3 x\n', '\x01no\n', 'E\n', '\x02', '\u{fffd}'][random(7)]!;
      if (random(3) === 0) talk.splice(at, 1);
      else talk[at] = `${turn.slice(0, cut)}${bytes}${turn.slice(cut + random(2))}`;
    }
    const { watch, ended } = watched(talk, 'scp -rt /srv', 1 + random(9));
    watch.end('it ended');
    for (const file of ended) expect(file.sha256 === null).toBe(file.result !== 'ok');
  }
});

describe('paths', () => {
  test.each([
    ['scp -t /srv', ['a'], '/srv/a'],
    ['scp -t /srv/a', ['a'], '/srv/a'],
    ['scp -t /srv/a/', ['a'], '/srv/a/a'],
    ['scp -t .', ['a'], 'a'],
    ['scp -rt /srv', ['d', 'e', 'f'], '/srv/d/e/f'],
    ['scp -t /srv', ['../../etc/passwd'], '/etc/passwd'],
    ['scp -f /srv/a', ['a'], '/srv/a'],
    ['scp -rf /srv/d', ['d', 'f'], '/srv/d/f'],
    ['scp -f "/srv/*"', ['x'], '/srv/x'],
    ['scp -f /srv/a /etc/b', ['b'], '/etc/b'],
    ['scp -f a', ['a'], 'a'],
  ])('%s %j', (command, names, path) => {
    expect(scpPath(planOf(command).transfers[0]!, names)).toBe(path);
  });
});
