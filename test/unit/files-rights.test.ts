import { expect, test } from 'vitest';
import { OPEN, STATUS, string, TYPE, uint32, uint64 } from '../../src/kernel/sftp/wire.ts';
import { BY_EXTENSION, BY_TYPE } from '../../src/session/files/rights.ts';
import type { Action } from '../../src/store/model.ts';
import { ask, packetsIn, say, statusIn, Table, WRITE_NEW } from './sftp-kit.ts';

const ACTIONS: readonly Action[] = ['connect', 'upload', 'download', 'delete'];
const ID = 77;
const FILE = 'f';
const open = (flags: number) => ask.open(ID, '/x', flags);
const extended = (name: string, ...fields: Buffer[]) => ask.extended(ID, name, ...fields);

/** docs/FILES.md: what each request needs. Every one there is stands here. */
const REQUESTS: readonly (readonly [name: string, request: Buffer, needs: readonly Action[]])[] = [
  ['open to read', open(OPEN.read), ['download']],
  ['open without a purpose, which servers take for reading', open(0), ['download']],
  ['open to write', open(OPEN.write), ['upload']],
  ['open to write a new file', open(WRITE_NEW), ['upload']],
  ['open to append', open(OPEN.write | OPEN.append), ['upload']],
  ['open to read and write', open(OPEN.read | OPEN.write), ['download', 'upload']],
  ['open to read, made when it is not there', open(OPEN.read | OPEN.create), ['download', 'upload']],
  ['open to read, emptied', open(OPEN.read | OPEN.truncate), ['download', 'upload']],
  ['open to truncate alone', open(OPEN.truncate), ['download', 'upload']],
  ['close', ask.close(ID, FILE), []],
  ['read', ask.read(ID, FILE, 0), ['download']],
  ['write', ask.write(ID, FILE, 0, 'data'), ['upload']],
  ['lstat', ask.path(TYPE.lstat, ID, '/x'), ['connect']],
  ['fstat', ask.path(TYPE.fstat, ID, FILE), ['connect']],
  ['setstat', ask.setstat(TYPE.setstat, ID, '/x'), ['upload']],
  ['fsetstat', ask.setstat(TYPE.fsetstat, ID, FILE), ['upload']],
  ['opendir', ask.path(TYPE.opendir, ID, '/x'), ['connect']],
  ['readdir', ask.path(TYPE.readdir, ID, FILE), ['connect']],
  ['remove', ask.path(TYPE.remove, ID, '/x'), ['delete']],
  ['mkdir', ask.path(TYPE.mkdir, ID, '/x'), ['upload']],
  ['rmdir', ask.path(TYPE.rmdir, ID, '/x'), ['delete']],
  ['realpath', ask.path(TYPE.realpath, ID, '.'), ['connect']],
  ['stat', ask.path(TYPE.stat, ID, '/x'), ['connect']],
  ['rename', ask.path(TYPE.rename, ID, '/x', '/y'), ['upload', 'delete']],
  ['readlink', ask.path(TYPE.readlink, ID, '/x'), ['connect']],
  ['symlink', ask.path(TYPE.symlink, ID, '/x', '/y'), ['upload']],
  ['posix-rename', extended('posix-rename@openssh.com', string('/x'), string('/y')), ['upload', 'delete']],
  ['hardlink', extended('hardlink@openssh.com', string('/x'), string('/y')), ['upload']],
  ['lsetstat', extended('lsetstat@openssh.com', string('/x'), uint32(0)), ['upload']],
  ['fsync', extended('fsync@openssh.com', string(FILE)), ['upload']],
  [
    'copy-data',
    extended('copy-data', string(FILE), uint64(0), uint64(0), string(FILE), uint64(0)),
    ['download', 'upload'],
  ],
  ['statvfs', extended('statvfs@openssh.com', string('/x')), ['connect']],
  ['fstatvfs', extended('fstatvfs@openssh.com', string(FILE)), ['connect']],
  ['limits', extended('limits@openssh.com'), ['connect']],
  ['expand-path', extended('expand-path@openssh.com', string('~')), ['connect']],
  ['home-directory', extended('home-directory', string('root')), ['connect']],
  ['users-groups-by-id', extended('users-groups-by-id@openssh.com', string(''), string('')), ['connect']],
];
const UNKNOWN: readonly (readonly [name: string, request: Buffer])[] = [
  ['an unknown extension', extended('wipe@example.org', string('/x'))],
  ['an extension whose name only begins as a known one', extended(`limits@openssh.com${'x'.repeat(100)}`)],
  ['an unknown type of packet', ask.path(21, ID, '/x')],
  ['a type of packet that only servers send', ask.path(TYPE.name, ID, '/x')],
];

test('the table above has every request there is', () => {
  const types = new Set(REQUESTS.map(([, request]) => request[4]!));
  expect([...BY_TYPE.keys()].filter((type) => !types.has(type))).toEqual([]);
  const names = REQUESTS.filter(([, request]) => request[4] === TYPE.extended).map(([, request]) =>
    request.toString('latin1'),
  );
  expect([...BY_EXTENSION.keys()].filter((name) => !names.some((bytes) => bytes.includes(name)))).toEqual([]);
});

function begin(rights: readonly Action[]): Table {
  const table = Table.begun();
  table.open(FILE, '/file', OPEN.read | OPEN.write);
  table.rights.clear();
  for (const action of rights) table.rights.add(action);
  return table;
}

const subsets = Array.from({ length: 16 }, (_, bits) => ACTIONS.filter((_action, i) => bits & (1 << i)));

test.each(REQUESTS)('%s passes with what it needs, and only then', (_name, request, needs) => {
  for (const rights of subsets) {
    const table = begin(rights);
    table.client(request);
    const passed = table.atTarget();
    const answers = packetsIn(table.atClient());
    if (needs.every((action) => rights.includes(action))) {
      expect(passed.equals(request), `with ${rights}`).toBe(true);
      expect(answers).toEqual([]);
    } else {
      expect(passed, `with ${rights}`).toHaveLength(0);
      expect(answers).toHaveLength(1);
      const { id, code, text } = statusIn(answers[0]!);
      expect([id, code]).toEqual([ID, STATUS.permissionDenied]);
      const missing = needs.find((action) => !rights.includes(action))!;
      expect(text).toContain(`the action ${missing} is missing`);
      expect(table.denied).toEqual([missing]);
      expect(table.lines.at(-1)).toMatch(new RegExp(`^refused: .+ \\(the action ${missing} is missing\\)$`));
    }
  }
});

test.each(UNKNOWN)('%s passes only with all rights', (_name, request) => {
  for (const rights of subsets) {
    const table = begin(rights);
    table.client(request);
    const all = ['upload', 'download', 'delete'].every((action) => rights.includes(action as Action));
    expect(table.atTarget().equals(all ? request : Buffer.alloc(0)), `with ${rights}`).toBe(true);
    if (!all) expect(statusIn(table.atClient()).code).toBe(STATUS.unsupported);
  }
});

test('a right that is taken away bites at the next request, and at data that was asked for before', () => {
  const table = Table.begun();
  table.open('r', '/secret', OPEN.read);
  table.client(ask.read(10, 'r', 0), ask.read(11, 'r', 4));
  table.target(say.data(10, 'abcd'));
  expect(table.atClient().equals(say.data(10, 'abcd'))).toBe(true);
  table.rights.delete('download');
  table.target(say.data(11, 'efgh'));
  const [late] = packetsIn(table.atClient());
  expect(statusIn(late!)).toMatchObject({ id: 11, code: STATUS.permissionDenied });
  table.atTarget();
  table.client(ask.read(12, 'r', 8));
  expect(table.atTarget()).toHaveLength(0);
  expect(statusIn(table.atClient())).toMatchObject({ id: 12, code: STATUS.permissionDenied });
  table.close('r', 13);
  expect(table.transfers).toMatchObject([
    { path: '/secret', bytes: 4, result: 'denied', detail: 'the action download is missing' },
  ]);
  expect(table.lines.filter((line) => line.startsWith('refused'))).toHaveLength(1);
});

test('a denied write does not reach the target however it is cut, and the next request does', () => {
  const denied = ask.write(5, 'w', 0, Buffer.alloc(50_000, 7));
  const next = ask.path(TYPE.stat, 6, '/x');
  for (const size of [1, 13, 4096]) {
    const table = Table.begun();
    table.open('w', '/up', WRITE_NEW);
    table.rights.delete('upload');
    const stream = Buffer.concat([denied, next]);
    for (let at = 0; at < stream.length; at += size) table.client(stream.subarray(at, at + size));
    expect(table.atTarget().equals(next)).toBe(true);
    expect(statusIn(table.atClient())).toMatchObject({ id: 5, code: STATUS.permissionDenied });
  }
});

const rename = (id: number, from: string, to: string) => ask.path(TYPE.rename, id, from, to);
const posixRename = (id: number, from: string, to: string) =>
  ask.extended(id, 'posix-rename@openssh.com', string(from), string(to));

test('without the right to delete a file of the session itself may be renamed, and no other', () => {
  const table = Table.begun(['connect', 'upload']);
  table.open('w', '/up.filepart', WRITE_NEW);
  table.close('w');
  table.client(rename(5, '/etc/passwd', '/gone'), rename(6, '/up.filepart', '/up'));
  expect(table.atTarget().equals(rename(6, '/up.filepart', '/up'))).toBe(true);
  // asked again before the answer it is not its own any more
  table.client(rename(7, '/up.filepart', '/up2'));
  expect(table.atTarget()).toHaveLength(0);
  table.target(say.ok(6));
  table.client(rename(8, '/up', '/up3'));
  expect(table.atTarget()).not.toHaveLength(0);
  table.target(say.status(8, STATUS.failure, 'Failure'));
  table.client(rename(9, '/up3', '/up4'), rename(10, '/up', '/up5'));
  expect(table.atTarget().equals(rename(10, '/up', '/up5'))).toBe(true);
});

test('a file that was there and keeps its content is not the session’s own', () => {
  const table = Table.begun(['connect', 'upload']);
  table.open('w', '/victim', OPEN.write | OPEN.create);
  table.close('w');
  table.open('v', '/victim2', OPEN.write);
  table.close('v');
  table.client(ask.open(3, '/victim3', WRITE_NEW));
  table.target(say.status(3, STATUS.permissionDenied));
  table.atTarget();
  for (const name of ['/victim', '/victim2', '/victim3', '/./victim']) table.client(rename(9, name, '/x'));
  expect(table.atTarget()).toHaveLength(0);
});

test('posix-rename of an own file becomes a rename that replaces nothing', () => {
  const table = Table.begun(['connect', 'upload']);
  table.open('w', '/up.part', WRITE_NEW);
  table.close('w');
  table.client(posixRename(5, '/up.part', '/up'));
  expect(table.atTarget().equals(rename(5, '/up.part', '/up'))).toBe(true);
  const all = Table.begun();
  all.open('w', '/up.part', WRITE_NEW);
  all.close('w');
  all.client(posixRename(5, '/up.part', '/up'));
  expect(all.atTarget().equals(posixRename(5, '/up.part', '/up'))).toBe(true);
});
