import { expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { bin16, bin32, bytes, dataFrames, END, FakeTerminal, fileFrame, hex, subpacket, Z } from './zmodem-kit.ts';

const CANCEL = '\x18'.repeat(8) + '\b'.repeat(10);
const all = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

/** A download up to where the receiver has asked for the data of `name`. */
function begun(terminal: FakeTerminal, name = 'a.bin', size = all.length): void {
  terminal.output(Buffer.concat([bytes('rz\r'), hex(Z.rqinit)]));
  terminal.input(hex(Z.rinit, 0x23000000));
  terminal.output(fileFrame(name, size));
  terminal.input(hex(Z.rpos));
}

/** Its end on both sides, and the prompt. */
function ends(terminal: FakeTerminal): void {
  terminal.input(hex(Z.rinit, 0x23000000));
  terminal.output(hex(Z.fin));
  terminal.input(hex(Z.fin));
  terminal.output('OO');
  terminal.output('$ ');
}

test('a download: every byte passes, the recording has the text around it, one row tells the file', () => {
  const terminal = new FakeTerminal();
  terminal.output('$ ');
  begun(terminal);
  expect(terminal.watch.active).toBe(true);
  terminal.output(dataFrames(all));
  ends(terminal);
  expect(terminal.files).toMatchObject([
    {
      method: 'zmodem',
      direction: 'download',
      path: 'a.bin',
      bytes: 5000,
      sha256: sha256(all),
      result: 'ok',
      detail: null,
    },
  ]);
  expect(terminal.shown).toBe(`$ rz\r${hex(Z.rqinit).toString('latin1')}$ `);
  expect(terminal.given).toContain(dataFrames(all).toString('latin1'));
  expect(terminal.given.endsWith('OO$ ')).toBe(true);
  expect(terminal.typedChunks).toEqual([]);
  expect(terminal.told).toEqual([
    'file transfer begins: zmodem download of a.bin, 5000 bytes',
    `file transfer: zmodem download of a.bin, 5000 bytes, sha256 ${sha256(all)}`,
  ]);
  expect(terminal.touches).toBeGreaterThan(3);
  terminal.input('ls\r');
  expect(terminal.typedChunks).toEqual(['ls\r']);
  expect(terminal.watch.active).toBe(false);
});

test('an upload, byte by byte', () => {
  const terminal = new FakeTerminal();
  const each = (chunk: Buffer, take: (byte: Buffer) => void) => {
    for (let i = 0; i < chunk.length; i++) take(chunk.subarray(i, i + 1));
  };
  const output = (chunk: Buffer) => each(chunk, (byte) => terminal.output(byte));
  const input = (chunk: Buffer) => each(chunk, (byte) => terminal.input(byte));
  output(Buffer.concat([bytes('rz waiting to receive.'), hex(Z.rinit)]));
  terminal.input('rz\r');
  input(hex(Z.rqinit));
  output(hex(Z.rinit));
  input(Buffer.concat([bin16(Z.file), subpacket(bytes('up.txt\x005000\0'), END.wait, 16)]));
  output(hex(Z.rpos));
  input(dataFrames(all));
  output(hex(Z.rinit));
  input(hex(Z.fin));
  output(hex(Z.fin));
  input(bytes('OO'));
  output(bytes('$ '));
  expect(terminal.files).toMatchObject([
    { direction: 'upload', path: 'up.txt', bytes: 5000, sha256: sha256(all), result: 'ok' },
  ]);
  expect(terminal.typedChunks.join('').replace(/[*\x18B0-9a-f]/g, '')).toBe('');
  expect(terminal.typedChunks.join('')).not.toContain('\r');
  expect(terminal.shown).toBe(`rz waiting to receive.${hex(Z.rinit).toString('latin1')}$ `);
  expect(terminal.unparsed).toBe(0);
});

test('a batch: one row for each file; what the receiver skips is cancelled', () => {
  const terminal = new FakeTerminal();
  begun(terminal, 'one', 0);
  terminal.output(hex(Z.eof));
  terminal.input(hex(Z.rinit));
  terminal.output(fileFrame('two', 10));
  terminal.input(hex(Z.skip));
  terminal.output(fileFrame('three\x1b[2J', 3));
  terminal.input(hex(Z.rpos));
  terminal.output(dataFrames(bytes('abc')));
  ends(terminal);
  expect(terminal.files.map(({ path, bytes, result }) => [path, bytes, result])).toEqual([
    ['one', 0, 'ok'],
    ['two', 0, 'cancelled'],
    ['three[2J', 3, 'ok'],
  ]);
  expect(terminal.files[0]?.sha256).toBe(sha256(Buffer.alloc(0)));
});

test('bytes that are sent again leave no hash unless it began anew; a resumed file says where', () => {
  const run = (frames: Buffer[]) => {
    const terminal = new FakeTerminal();
    begun(terminal);
    for (const frame of frames) terminal.output(frame);
    ends(terminal);
    return terminal.files[0]!;
  };
  const first = Buffer.concat([bin32(Z.data, 0), subpacket(all.subarray(0, 2000), END.frame)]);
  expect(run([first, dataFrames(all, 2000)])).toMatchObject({ bytes: 5000, sha256: sha256(all) });
  expect(run([first, dataFrames(all, 0)])).toMatchObject({ bytes: 5000, sha256: sha256(all) });
  expect(run([first, dataFrames(all, 1024)])).toMatchObject({ bytes: 5000, sha256: null, result: 'ok' });
  expect(run([first, dataFrames(all, 3000)])).toMatchObject({ sha256: null });
  expect(run([dataFrames(all, 3000)])).toMatchObject({ bytes: 2000, sha256: null, detail: 'resumed at byte 3000' });
  const damaged = Buffer.from(first);
  damaged[100]! ^= 1;
  const after = subpacket(all.subarray(2000, 3000), END.frame);
  expect(run([damaged, after, dataFrames(all, 0)])).toMatchObject({ bytes: 5000, sha256: sha256(all) });
});

test('a damaged subpacket is output: nothing hides behind a wrong checksum', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  const frame = Buffer.concat([bin32(Z.data), subpacket(bytes('rm -rf /'), END.frame)]);
  frame[frame.length - 1]! ^= 1;
  terminal.output(frame);
  expect(terminal.shown).toContain('rm -rf /');
});

test('the client cancels', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  terminal.output(dataFrames(all).subarray(0, 3000));
  terminal.input(CANCEL);
  terminal.output(dataFrames(all).subarray(3000, 3400));
  terminal.output(CANCEL);
  terminal.output('\r\n$ ');
  expect(terminal.files).toMatchObject([{ result: 'cancelled', sha256: null, detail: 'the client gave it up' }]);
  expect(terminal.shown.endsWith('\x11\r\n$ ')).toBe(true);
  expect(terminal.sent.endsWith(CANCEL)).toBe(true);
  terminal.input('ls\r');
  expect(terminal.typedChunks).toEqual(['ls\r']);
});

test('the target cancels an upload: what the client still sends is not typed into the shell', () => {
  const terminal = new FakeTerminal();
  terminal.output(hex(Z.rinit));
  terminal.input(Buffer.concat([hex(Z.rqinit), fileFrame('a', 5000)]));
  terminal.output(hex(Z.rpos));
  const frames = dataFrames(all);
  terminal.input(frames.subarray(0, 2000));
  terminal.output(`${CANCEL}\r\nrz: no space left\r\n$ `);
  const sent = terminal.sent;
  terminal.input(frames.subarray(2000, 4000));
  terminal.input(CANCEL);
  expect(terminal.sent).toBe(sent);
  terminal.input('ls\r');
  expect(terminal.sent).toBe(`${sent}ls\r`);
  expect(terminal.files).toMatchObject([{ direction: 'upload', result: 'cancelled', detail: 'the target gave it up' }]);
  expect(terminal.shown).toContain('no space left');
});

test.each(['download', 'upload'] as const)('a %s without its action is refused on both sides', (direction) => {
  const terminal = new FakeTerminal();
  terminal.allowed.delete(direction);
  const header = hex(direction === 'download' ? Z.rqinit : Z.rinit);
  terminal.output(Buffer.concat([bytes('before '), header.subarray(0, 18)]));
  terminal.output(header.subarray(18));
  expect(terminal.given).toContain(CANCEL);
  expect(terminal.sent).toBe(CANCEL);
  terminal.output(`${CANCEL}\r\n$ `);
  expect(terminal.shown).toBe('before \r\n$ ');
  expect(terminal.given).not.toContain('\x18B');
  const what = direction === 'download' ? 'Downloads' : 'Uploads';
  expect(terminal.notices).toEqual([`${what} are not allowed here. Ask an administrator for the action ${direction}.`]);
  expect(terminal.files).toMatchObject([{ direction, path: '', result: 'denied', bytes: 0 }]);
  terminal.input('ls\r');
  expect(terminal.typedChunks).toEqual(['ls\r']);
  // not only the first time
  terminal.output(header);
  expect(terminal.files).toHaveLength(2);
});

test('an action that is withdrawn stops what is under way', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  terminal.output(dataFrames(all).subarray(0, 3000));
  terminal.allowed.delete('download');
  const given = terminal.given.length;
  terminal.output(dataFrames(all).subarray(3000));
  expect(terminal.given.slice(given)).toBe(`${CANCEL}\n${terminal.notices[0]}\n`);
  expect(terminal.files).toMatchObject([{ path: 'a.bin', result: 'denied', sha256: null }]);
  terminal.input(CANCEL);
  terminal.output(CANCEL);
  terminal.output('\r\n$ ');
  expect(terminal.shown.endsWith('\r\n$ ')).toBe(true);
  expect(terminal.sent.endsWith(CANCEL)).toBe(true);
  expect(terminal.sent.split(CANCEL)).toHaveLength(2);
});

test('ordinary text with the bytes of a start stays as it is, and keys stay keys', () => {
  const terminal = new FakeTerminal();
  const text = Buffer.concat([
    bytes('cat: **\x18B00 **\x18B0100 '),
    hex(Z.rqinit),
    bytes('more\r\n*\x18C\x00\x00 $ *'),
  ]);
  terminal.output(text);
  for (const key of ['l', 's', '\r', '**', 'rz\r']) terminal.input(key);
  terminal.output('a b c\r\n$ ');
  expect(terminal.shown).toBe(`${text.toString('latin1')}a b c\r\n$ `);
  expect(terminal.given).toBe(terminal.shown);
  expect(terminal.typedChunks).toEqual(['l', 's', '\r', '**', 'rz\r']);
  expect(terminal.files).toEqual([]);
});

test('an answer that comes too late begins nothing', () => {
  const terminal = new FakeTerminal();
  terminal.output(hex(Z.rqinit));
  terminal.clock.advance(121_000);
  terminal.input(hex(Z.rinit));
  expect(terminal.watch.active).toBe(false);
  expect(terminal.typedChunks).toHaveLength(1);
});

test('who pretends a transfer hides neither output nor commands', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  terminal.output('some secret output\r\n');
  expect(terminal.shown).toContain('some secret output');
  terminal.input('id\r');
  expect(terminal.typedChunks).toEqual(['id\r']);
  expect(terminal.watch.active).toBe(false);
  expect(terminal.files).toMatchObject([{ result: 'failed', detail: 'something else was typed' }]);
  // a subpacket without end
  const other = new FakeTerminal();
  begun(other);
  other.output(Buffer.concat([bin32(Z.data), bytes('hidden '.repeat(8000))]));
  expect(other.shown).toContain('hidden hidden');
  expect(other.watch.active).toBe(false);
});

test('a program that dies and another one that begins', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  terminal.output('Killed\r\n$ rz\r\n');
  terminal.output(hex(Z.rinit));
  expect(terminal.files).toMatchObject([{ result: 'failed', detail: 'another transfer was begun' }]);
  terminal.input(hex(Z.rqinit));
  terminal.input(fileFrame('b', 1));
  terminal.watch.stop({ result: 'cancelled', detail: 'locked', gone: undefined });
  expect(terminal.files.at(-1)).toMatchObject({
    direction: 'upload',
    path: 'b',
    result: 'cancelled',
    detail: 'locked',
  });
});

test('stopped: both sides are told, frames under way are swallowed, sentences wait for the end', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  expect(terminal.watch.postpone('going down')).toBe(true);
  expect(terminal.notices).toEqual([]);
  terminal.output(dataFrames(all).subarray(0, 1000));
  terminal.watch.stop({ result: 'cancelled', detail: 'locked', gone: undefined });
  terminal.output(dataFrames(all).subarray(1000, 2000));
  expect(terminal.given.endsWith(CANCEL)).toBe(true);
  terminal.output(`${CANCEL}$ `);
  expect(terminal.notices).toEqual(['going down']);
  expect(terminal.watch.postpone('now')).toBe(false);
});

test('a sign that may begin a frame is let go when nothing follows it', () => {
  const terminal = new FakeTerminal();
  begun(terminal);
  terminal.watch.stop({ result: 'cancelled', detail: 'locked', gone: undefined });
  terminal.output(CANCEL);
  terminal.output('*');
  terminal.input('*');
  expect(terminal.shown.endsWith('*')).toBe(false);
  terminal.clock.advance(2000);
  expect(terminal.shown.endsWith('*')).toBe(true);
  expect(terminal.given.endsWith('*')).toBe(true);
  expect(terminal.typedChunks).toEqual(['*']);
});

test('names without end', () => {
  const terminal = new FakeTerminal();
  begun(terminal, 'n'.repeat(30_000), 1);
  terminal.output(fileFrame('n'.repeat(65_000), 1));
  terminal.watch.stop({ result: 'failed', detail: 'x', gone: undefined });
  expect(terminal.files.map((file) => file.path.length)).toEqual([1024]);
});

test('a program that is stopped within a subpacket: its shell’s prompt is there when somebody types, or soon', () => {
  const stopped = () => {
    const terminal = new FakeTerminal();
    begun(terminal);
    terminal.output(dataFrames(all).subarray(0, 1000));
    terminal.watch.stop({ result: 'cancelled', detail: 'locked', gone: undefined });
    terminal.output(Buffer.concat([dataFrames(all).subarray(1000, 1500), Buffer.from('\x01\r\n❯ $ ')]));
    return terminal;
  };
  const quiet = stopped();
  quiet.clock.advance(2000);
  const typing = stopped();
  typing.input('l');
  for (const terminal of [quiet, typing]) {
    expect(terminal.given.endsWith(CANCEL + Buffer.from('\r\n❯ $ ').toString('latin1'))).toBe(true);
    terminal.output('ls');
    expect(terminal.shown.endsWith('$ ls')).toBe(true);
  }
  expect(typing.typedChunks).toEqual(['l']);
});
