import { expect, test } from 'vitest';
import { OPEN, packet, SftpError, STATUS, string, TYPE, uint64 } from '../../src/kernel/sftp/wire.ts';
import { ask, packetsIn, say, statusIn, Table } from './sftp-kit.ts';

test.each<[string, (table: Table) => void]>([
  ['reads', (table) => table.client(ask.read(5, 'guess', 0))],
  ['writes', (table) => table.client(ask.write(5, 'guess', 0, 'x'))],
  ['closes', (table) => table.client(ask.close(5, 'guess'))],
  ['lists', (table) => table.client(ask.path(TYPE.readdir, 5, 'guess'))],
  ['asks about', (table) => table.client(ask.path(TYPE.fstat, 5, 'guess'))],
  ['changes', (table) => table.client(ask.setstat(TYPE.fsetstat, 5, 'guess'))],
  ['syncs', (table) => table.client(ask.extended(5, 'fsync@openssh.com', string('guess')))],
  [
    'copies from',
    (table) =>
      table.client(ask.extended(5, 'copy-data', string('guess'), uint64(0), uint64(0), string('mine'), uint64(0))),
  ],
  [
    'copies to',
    (table) =>
      table.client(ask.extended(5, 'copy-data', string('mine'), uint64(0), uint64(0), string('guess'), uint64(0))),
  ],
  ['reads after it closed', (table) => table.client(ask.close(4, 'mine'), ask.read(5, 'mine', 0))],
])('a client that %s a handle it has not reaches nothing', (_name, request) => {
  const table = Table.begun();
  table.open('mine', '/mine', OPEN.read | OPEN.write);
  request(table);
  const passed = packetsIn(table.atTarget()).filter((one) => one[4] !== TYPE.close);
  expect(passed).toEqual([]);
  expect(statusIn(table.atClient())).toMatchObject({ id: 5, code: STATUS.failure });
});

const stat = (id: number) => ask.path(TYPE.stat, id, '/');
test.each<[string, Buffer[], Buffer[]]>([
  ['a client that does not begin with a version', [stat(1)], []],
  ['a client that speaks an older version only', [ask.init(2)], []],
  ['a client that begins twice', [ask.init(), ask.init()], []],
  ['a number used again before its answer', [ask.init(), stat(1), stat(1)], []],
  ['a request that is cut short', [ask.init(), packet(TYPE.rename, 1, string('/a'))], []],
  ['a target that does not begin with a version', [], [say.ok(1)]],
  ['a target whose login prints something', [], [Buffer.from('Welcome to web1!\n')]],
  ['a target that speaks another version', [], [say.version(4)]],
  ['an answer nobody asked for', [ask.init()], [say.version(), say.ok(1)]],
  ['a second answer', [ask.init(), stat(1)], [say.version(), say.attrs(1), say.attrs(1)]],
  ['data for what is no READ', [ask.init(), stat(1)], [say.version(), say.data(1, 'x')]],
  ['a handle without bounds', [ask.init(), ask.open(1, '/', 1)], [say.version(), say.handle(1, 'x'.repeat(300))]],
])('%s breaks the protocol', (_name, client, target) => {
  const table = new Table();
  expect(() => {
    table.client(...client);
    table.target(...target);
  }).toThrow(SftpError);
});

test('the one who asks without end is crowded, and is not any more when the target has answered', () => {
  const table = Table.begun();
  let asked = 0;
  while (!table.exchange.crowded) table.client(ask.path(TYPE.stat, asked++, '/x'));
  expect(asked).toBe(4097);
  table.target(say.attrs(0));
  expect(table.exchange.crowded).toBe(false);
});

test('no more files can be open than a server has', () => {
  const table = Table.begun();
  for (let i = 0; i < 4096; i++) {
    table.client(ask.open(i, '/x', OPEN.read));
    table.target(say.handle(i, String(i)));
  }
  table.atClient();
  table.atTarget();
  table.client(ask.open(5000, '/x', OPEN.read), ask.path(TYPE.opendir, 5001, '/x'));
  expect(table.atTarget()).toHaveLength(0);
  expect(packetsIn(table.atClient()).map((one) => statusIn(one).code)).toEqual([STATUS.failure, STATUS.failure]);
});

test('a target that gives one handle twice: the first file is told as not closed', () => {
  const table = Table.begun();
  table.open('h', '/first', OPEN.read);
  table.open('h', '/second', OPEN.read);
  table.close('h');
  expect(table.transfers).toMatchObject([
    { path: '/first', result: 'failed', detail: 'the target gave its handle to another file' },
    { path: '/second', result: 'ok' },
  ]);
});
