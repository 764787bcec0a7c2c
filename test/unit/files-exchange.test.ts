import { expect, test } from 'vitest';
import { GIVEN_UP, OPEN, packet, STATUS, string, TYPE, uint64 } from '../../src/kernel/sftp/wire.ts';
import { sha256 } from '../kit/hash.ts';
import { ask, packetsIn, say, statusIn, Table, WRITE_NEW } from './sftp-kit.ts';

test('a download: bytes and hash of what passed, told when the target closed it', () => {
  const table = Table.begun();
  table.open('h', '/etc/hosts', OPEN.read);
  table.client(ask.read(5, 'h', 0, 4), ask.read(6, 'h', 4, 4), ask.read(7, 'h', 6));
  table.target(say.data(5, 'abcd'), say.data(6, 'ef'), say.status(7, STATUS.eof, 'EOF'));
  table.client(ask.close(8, 'h'));
  expect(table.transfers).toEqual([]);
  table.target(say.ok(8));
  const hash = sha256('abcdef');
  expect(table.transfers).toEqual([
    {
      method: 'sftp',
      direction: 'download',
      path: '/etc/hosts',
      startedAt: 1000,
      bytes: 6,
      sha256: hash,
      partial: false,
      result: 'ok',
      detail: null,
    },
  ]);
  expect(table.lines).toEqual(['open /etc/hosts to read', `downloaded /etc/hosts, 6 bytes, sha256 ${hash}`]);
});

test('an upload in pieces of any size', () => {
  const table = Table.begun();
  table.open('h', '/up', WRITE_NEW);
  const stream = Buffer.concat([ask.write(5, 'h', 0, 'abc'), ask.write(6, 'h', 3, 'defg')]);
  for (const byte of stream) table.client(Buffer.of(byte));
  expect(table.atTarget().equals(stream)).toBe(true);
  table.target(say.ok(6), say.ok(5));
  table.close('h', 7);
  expect(table.transfers).toMatchObject([
    { direction: 'upload', bytes: 7, sha256: sha256('abcdefg'), partial: false, result: 'ok' },
  ]);
});

test('an empty file is a transfer too, in the direction it was opened for', () => {
  const table = Table.begun();
  table.open('h', '/empty', WRITE_NEW);
  table.close('h');
  table.open('h', '/empty', OPEN.read);
  table.client(ask.read(5, 'h', 0));
  table.target(say.status(5, STATUS.eof));
  table.close('h');
  const empty = { bytes: 0, sha256: sha256(''), partial: false, result: 'ok' };
  expect(table.transfers).toMatchObject([
    { direction: 'upload', ...empty },
    { direction: 'download', ...empty },
  ]);
});

test('a file that is read and written has a row for each', () => {
  const table = Table.begun();
  table.open('h', '/both', OPEN.read | OPEN.write);
  table.client(ask.read(5, 'h', 0, 2), ask.write(6, 'h', 0, 'xyz'));
  table.target(say.data(5, 'ab'), say.ok(6));
  table.close('h');
  expect(table.transfers).toMatchObject([
    { direction: 'upload', bytes: 3, sha256: sha256('xyz') },
    { direction: 'download', bytes: 2, sha256: sha256('ab') },
  ]);
});

test('resumed: partial, with the hash of what passed, beyond 4 GiB too', () => {
  const table = Table.begun();
  const begin = 6 * 2 ** 30;
  table.open('h', '/big', OPEN.write);
  table.client(ask.write(5, 'h', begin, 'abc'), ask.write(6, 'h', begin + 3, 'def'));
  table.target(say.ok(5), say.ok(6));
  table.close('h');
  expect(table.transfers).toMatchObject([{ bytes: 6, sha256: sha256('abcdef'), partial: true, result: 'ok' }]);
  expect(table.lines.at(-1)).toBe(`uploaded /big, 6 bytes, sha256 ${sha256('abcdef')}, partial`);
});

test('an append does not know where it goes', () => {
  const table = Table.begun();
  table.open('h', '/log', OPEN.write | OPEN.append);
  table.client(ask.write(5, 'h', 0, 'abc'));
  table.target(say.ok(5));
  table.close('h');
  expect(table.transfers).toMatchObject([{ bytes: 3, partial: true, sha256: sha256('abc') }]);
});

test('out of order: partial, and no hash', () => {
  const table = Table.begun();
  table.open('r', '/a', OPEN.read);
  table.client(ask.read(5, 'r', 0, 2), ask.read(6, 'r', 2, 2));
  table.target(say.data(6, 'cd'), say.data(5, 'ab'));
  table.close('r');
  table.open('w', '/b', WRITE_NEW);
  table.client(ask.write(7, 'w', 0, 'ab'), ask.write(8, 'w', 0, 'cd'));
  table.target(say.ok(7), say.ok(8));
  table.close('w');
  const row = { bytes: 4, sha256: null, partial: true, result: 'ok' };
  expect(table.transfers).toMatchObject([row, row]);
  expect(table.lines.at(-1)).toBe('uploaded /b, 4 bytes, out of order');
});

test('copied on the target: what did not pass by has no hash', () => {
  const table = Table.begun();
  table.open('r', '/a', OPEN.read, 1);
  table.open('w', '/b', WRITE_NEW, 2);
  table.client(ask.extended(5, 'copy-data', string('r'), uint64(0), uint64(0), string('w'), uint64(0)));
  table.target(say.ok(5));
  table.close('w');
  table.close('r');
  expect(table.transfers).toMatchObject([
    { path: '/b', direction: 'upload', bytes: 0, sha256: null, partial: true, detail: 'copied from /a on the target' },
  ]);
  expect(table.lines).toContain('copied /a to /b on the target');
});

test('what went wrong stands in the row in the target’s words', () => {
  const table = Table.begun();
  table.open('w', '/full', WRITE_NEW);
  table.client(ask.write(5, 'w', 0, 'abc'), ask.write(6, 'w', 3, 'def'));
  table.target(say.ok(5), say.status(6, STATUS.failure, 'No space left\x1b[2J'));
  table.close('w');
  table.open('w', '/bad', WRITE_NEW);
  table.client(ask.close(5, 'w'));
  table.target(say.status(5, STATUS.failure));
  table.open('w', '/left', WRITE_NEW);
  table.client(ask.write(5, 'w', 0, 'abc'));
  table.open('r', '/read', OPEN.read);
  table.client(ask.close(9, 'r'));
  table.exchange.end('not closed when the session ended: terminated');
  expect(table.transfers).toMatchObject([
    { path: '/full', result: 'failed', detail: 'No space left?[2J' },
    { path: '/bad', result: 'failed', detail: 'failure' },
    { path: '/left', bytes: 3, result: 'failed', detail: 'not closed when the session ended: terminated' },
    { path: '/read', bytes: 0, result: 'failed', detail: 'not closed when the session ended: terminated' },
  ]);
});

test('a file that may not be opened is a denied transfer', () => {
  const table = Table.begun(['connect', 'download']);
  table.client(ask.open(5, '/up', WRITE_NEW));
  expect(table.atTarget()).toHaveLength(0);
  expect(table.transfers).toMatchObject([
    {
      path: '/up',
      direction: 'upload',
      bytes: 0,
      sha256: null,
      result: 'denied',
      detail: 'the action upload is missing',
    },
  ]);
  expect(table.lines).toEqual(['refused: open /up to write (the action upload is missing)']);
});

test('every change is told when the target confirmed it, and what failed as such', () => {
  const table = Table.begun();
  const done = (request: Buffer, code: number = STATUS.ok, text = '') => {
    table.client(request);
    table.target(say.status(7, code, text));
    return table.lines.splice(0);
  };
  expect(done(ask.path(TYPE.remove, 7, '/tmp/x\n\x1b'))).toEqual(['removed /tmp/x??']);
  expect(done(ask.path(TYPE.remove, 7, '/tmp/y'), STATUS.noSuchFile)).toEqual(['remove /tmp/y: no such file']);
  expect(done(ask.path(TYPE.mkdir, 7, '/d'))).toEqual(['made the directory /d']);
  expect(done(ask.path(TYPE.rmdir, 7, '/d'))).toEqual(['removed the directory /d']);
  expect(done(ask.path(TYPE.rename, 7, '/a', '/b'))).toEqual(['renamed /a to /b']);
  expect(done(ask.path(TYPE.symlink, 7, '/etc/passwd', '/l'))).toEqual(['made the symbolic link /l to /etc/passwd']);
  expect(done(ask.setstat(TYPE.setstat, 7, '/a'))).toEqual(['changed the attributes of /a: mode 0644, times']);
  expect(done(ask.path(TYPE.stat, 7, '/a'), STATUS.noSuchFile)).toEqual([]);
  expect(done(ask.path(TYPE.opendir, 7, '/root'), STATUS.permissionDenied, 'Permission denied')).toEqual([
    'list /root: Permission denied',
  ]);
});

test('a long name is cut where it is told', () => {
  const table = Table.begun();
  table.client(ask.path(TYPE.remove, 7, `/${'ä'.repeat(50_000)}`));
  table.target(say.ok(7));
  expect(table.lines[0]!.length).toBeLessThan(1100);
  expect(table.lines[0]).toMatch(/^removed \/ä+…$/);
});

test('whatever the client can speak, version 3 is asked for', () => {
  const table = new Table();
  table.client(packet(TYPE.init, 6, string('vendor-id'), string('x')));
  expect(table.atTarget().equals(ask.init(3))).toBe(true);
});

test('answers of ours stand between those of the target', () => {
  const table = Table.begun(['connect', 'download']);
  table.open('r', '/a', OPEN.read);
  table.client(ask.read(5, 'r', 0, 1000));
  const data = say.data(5, Buffer.alloc(1000, 1));
  table.target(data.subarray(0, 500));
  table.client(ask.path(TYPE.remove, 6, '/x'), ask.path(TYPE.mkdir, 7, '/y'));
  expect(table.exchange.crowded).toBe(true);
  table.target(data.subarray(500));
  expect(table.exchange.crowded).toBe(false);
  const [first, second, third] = packetsIn(table.atClient());
  expect(first!.equals(data)).toBe(true);
  expect([statusIn(second!).id, statusIn(third!).id]).toEqual([6, 7]);
});

test('a file that the bastion’s own client gives up is told as cancelled, and the target hears nothing of that', () => {
  const table = Table.begun(undefined, 'web');
  table.open('h', '/a', WRITE_NEW);
  table.client(ask.write(2, 'h', 0, 'half'));
  table.target(say.ok(2));
  table.atTarget();
  table.atClient();
  table.client(ask.extended(3, GIVEN_UP, string('h')), ask.extended(4, GIVEN_UP, string('no such handle')));
  expect(table.atTarget()).toHaveLength(0);
  expect(packetsIn(table.atClient()).map((one) => statusIn(one).code)).toEqual([STATUS.ok, STATUS.ok]);
  table.close('h', 5);
  expect(table.transfers).toMatchObject([{ method: 'web', result: 'cancelled', bytes: 4, partial: false }]);
});

test('a client over SSH cannot say so', () => {
  const table = Table.begun();
  table.open('h', '/a', WRITE_NEW);
  table.client(ask.extended(2, GIVEN_UP, string('h')));
  expect(packetsIn(table.atTarget())).toHaveLength(1);
  table.target(say.status(2, STATUS.unsupported));
  table.close('h', 3);
  expect(table.transfers).toMatchObject([{ method: 'sftp', result: 'ok' }]);
});
