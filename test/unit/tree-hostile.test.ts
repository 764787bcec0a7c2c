import { describe, expect, test } from 'vitest';
import { MOST_OPEN } from '../../src/gateways/ssh/tree/open-files.ts';
import {
  OPEN,
  packet,
  SftpError,
  STATUS,
  statusPacket,
  string,
  TYPE,
  uint32,
  uint64,
} from '../../src/kernel/sftp/wire.ts';
import { greeting, nameAnswer, type Packet, place, type Script, type World, world } from './tree-kit.ts';

const NO_ATTRS = uint32(0);
const read = (handle: Buffer, at = 0, length = 100) => [string(handle), uint64(at), uint32(length)];
const handles = (answer: (asked: Packet) => Buffer): Script =>
  greeting((asked) => (asked.type === TYPE.open ? packet(TYPE.handle, asked.id, string(answer(asked))) : undefined));

/** One asset whose target is a script. */
function behind(script: Script): World {
  const at = world([place('web1'), place('web2')]);
  at.scripts.set('root@web1', script);
  at.scripts.set(
    'root@web2',
    greeting((asked) => statusPacket(asked.id, STATUS.ok, '')),
  );
  return at;
}
const web2Lives = async (at: World) =>
  expect((await at.ask(TYPE.rmdir, string('/web2/root/x'))).status.code).toBe(STATUS.ok);
/** Until everything that is under way has come. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('clients', () => {
  test('handles that were never given reach no target', async () => {
    const at = behind(handles(() => Buffer.from('h')));
    const own = await at.open('/web1/root/file', OPEN.read);
    for (const handle of [
      Buffer.from('h'),
      Buffer.alloc(0),
      Buffer.alloc(4, 0xff),
      Buffer.alloc(256),
      uint32(own.readUInt32BE(0) + 1),
    ]) {
      const answers = [
        await at.ask(TYPE.read, ...read(handle)),
        await at.ask(TYPE.write, string(handle), uint64(0), string('data')),
        await at.ask(TYPE.close, string(handle)),
        await at.ask(TYPE.readdir, string(handle)),
        await at.ask(TYPE.fstat, string(handle)),
        await at.ask(TYPE.extended, string('fsync@openssh.com'), string(handle)),
        await at.ask(TYPE.extended, string('copy-data'), string(own), uint64(0), uint64(0), string(handle), uint64(0)),
      ];
      for (const answer of answers) expect(answer.status.text).toContain('no open file');
    }
    expect(at.targets[0]!.asked.map(({ type }) => type)).toEqual([TYPE.init, TYPE.realpath, TYPE.open]);
  });

  test('a handle of a directory of ours is for listing only', async () => {
    const at = behind(greeting());
    const { handle } = await at.ask(TYPE.opendir, string('/'));
    expect((await at.ask(TYPE.read, ...read(handle))).status.code).toBe(STATUS.failure);
    expect((await at.ask(TYPE.write, string(handle), uint64(0), string('x'))).status.code).toBe(STATUS.failure);
    expect((await at.ask(TYPE.fsetstat, string(handle), NO_ATTRS)).status.code).toBe(STATUS.failure);
    expect((await at.ask(TYPE.fstat, string(handle))).type).toBe(TYPE.attrs);
  });

  test('an id that is in use is refused, and the request it belongs to is answered', async () => {
    const at = behind(greeting());
    const id = at.send(TYPE.stat, string('/web1/root/x'));
    await settled();
    const again = at.answer(id);
    at.tree.data(packet(TYPE.stat, id, string('/web1/root/y')));
    expect((await again).status.code).toBe(STATUS.badMessage);
    // also where another target would answer it, or nobody
    for (const path of ['/web2/root/y', '/nothing']) {
      const elsewhere = at.answer(id);
      at.tree.data(packet(TYPE.rmdir, id, string(path)));
      expect((await elsewhere).status.code).toBe(STATUS.badMessage);
    }
    expect(at.targets[0]!.asked).toHaveLength(3);
    at.targets[0]!.say(statusPacket(id, STATUS.noSuchFile, 'x'));
    expect((await at.answer(id)).status.code).toBe(STATUS.noSuchFile);
  });

  test('no more files than may be open', async () => {
    const at = behind(greeting());
    const ids = Array.from({ length: MOST_OPEN + 20 }, () => at.send(TYPE.opendir, string('/')));
    const answers = await Promise.all(ids.map((id) => at.answer(id)));
    expect(answers.filter(({ type }) => type === TYPE.handle)).toHaveLength(MOST_OPEN);
    expect(answers.at(-1)!.status.text).toContain('close some first');
    await at.ask(TYPE.close, string(answers[0]!.handle));
    expect((await at.ask(TYPE.opendir, string('/'))).type).toBe(TYPE.handle);
  });

  test('who asks more than is answered is made to wait', async () => {
    const at = behind(greeting());
    await at.ask(TYPE.stat, string('/'));
    expect(at.paused).toBe(0);
    const ids = Array.from({ length: 2048 }, () => at.send(TYPE.stat, string('/web1/root/x')));
    await settled();
    expect(at.paused).toBe(1);
    for (const id of ids) at.targets[0]!.say(statusPacket(id, STATUS.ok, ''));
    await settled();
    expect(at.paused).toBe(0);
  });

  test('who takes no answers gets to ask nothing more, and targets are told to wait', async () => {
    const at = behind(greeting());
    await at.ask(TYPE.rmdir, string('/web2/root/x'));
    at.slow = true;
    at.send(TYPE.stat, string('/'));
    expect(at.paused).toBe(1);
    expect(at.targets[0]!.channel.write(Buffer.alloc(0))).toBe(false);
    at.slow = false;
    at.tree.drain();
    expect(at.paused).toBe(0);
    expect(at.targets[0]!.channel.write(Buffer.alloc(0))).toBe(true);
  });

  test('a target that takes nothing makes the client wait, after a bounded amount', async () => {
    const at = behind(handles(() => Buffer.from('h')));
    const handle = await at.open('/web1/root/file', OPEN.write);
    at.targets[0]!.channel.pause();
    const block = Buffer.alloc(32 * 1024);
    let sent = 0;
    while (at.paused === 0 && sent < 100)
      at.send(TYPE.write, string(handle), uint64(block.length * sent++), string(block));
    expect(sent).toBe(8);
    at.targets[0]!.channel.resume();
    expect(at.paused).toBe(0);
    expect(at.targets[0]!.asked.filter(({ type }) => type === TYPE.write)).toHaveLength(8);
  });

  test('what is no SFTP ends it', () => {
    const begun = () => behind(greeting()).tree;
    const no = (bytes: Buffer) => expect(() => begun().data(bytes)).toThrow(SftpError);
    no(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    no(Buffer.concat([uint32(5), Buffer.of(TYPE.init), uint32(3)]));
    no(packet(TYPE.stat, 1, uint32(1000), Buffer.from('short')));
    no(Buffer.concat([uint32(0xffff_ffff), Buffer.of(TYPE.write), uint32(1)]));
    no(Buffer.concat([uint32(3), Buffer.alloc(20)]));
  });

  test('a packet that never ends holds up nobody else’s answers', async () => {
    const at = behind(handles(() => Buffer.from('h')));
    const handle = await at.open('/web1/root/file', OPEN.write);
    const pending = at.send(TYPE.stat, string('/web1/root/x'));
    at.tree.data(
      Buffer.concat([
        uint32(1 + 4 + 8 + 8 + 4 + 50_000),
        Buffer.of(TYPE.write),
        uint32(7777),
        string(handle),
        uint64(0),
        uint32(50_000),
        Buffer.alloc(100),
      ]),
    );
    at.targets[0]!.say(statusPacket(pending, STATUS.noSuchFile, ''));
    expect((await at.answer(pending)).status.code).toBe(STATUS.noSuchFile);
    at.targets[0]!.end({ cause: 'terminated' });
    expect((await at.answer(7777)).status.code).toBe(STATUS.failure);
    // the rest of it is for nobody
    at.tree.data(Buffer.alloc(49_900));
    await web2Lives(at);
  });
});

describe('targets', () => {
  test('answers nobody asked for go nowhere', async () => {
    const at = behind(
      greeting((asked) =>
        Buffer.concat([
          statusPacket(asked.id + 1, STATUS.ok, ''),
          packet(TYPE.data, asked.id + 2, string('data')),
          packet(TYPE.handle, asked.id + 3, string('h')),
          statusPacket(asked.id, STATUS.ok, ''),
          statusPacket(asked.id, STATUS.ok, ''),
        ]),
      ),
    );
    expect((await at.ask(TYPE.rmdir, string('/web1/root/x'))).status.code).toBe(STATUS.ok);
    await web2Lives(at);
    expect(at.answers).toHaveLength(2);
  });

  test('handles as long as they may be, and the same from two targets', async () => {
    const long = Buffer.alloc(256, 'x');
    const at = world([place('web1'), place('web2')]);
    for (const name of ['web1', 'web2'])
      at.scripts.set(`root@${name}`, (asked, target) =>
        asked.type === TYPE.read
          ? packet(TYPE.data, asked.id, string(`${name} ${asked.body.string().length}`))
          : handles(() => long)(asked, target),
      );
    const [one, other] = [await at.open('/web1/root/f', OPEN.read), await at.open('/web2/root/f', OPEN.read)];
    expect(one.equals(other)).toBe(false);
    expect((await at.ask(TYPE.read, ...read(one))).data.toString()).toBe('web1 256');
    expect((await at.ask(TYPE.read, ...read(other))).data.toString()).toBe('web2 256');
    // WRITE has the handle in a head of its own
    const id = at.send(TYPE.write, string(other), uint64(5), string('hello'));
    const written = at.targets[1]!.asked.at(-1)!;
    expect([written.id, written.body.string().length]).toEqual([id, 256]);
  });

  test('names that lead elsewhere are left out of listings', async () => {
    const at = behind(
      greeting((asked) => nameAnswer(asked.id, '.', '..', 'ok', '../../web2/root/x', '/etc', '', 'a\0b', 'fine')),
    );
    const open = greeting();
    const listing = at.scripts.get('root@web1')!;
    at.scripts.set('root@web1', (asked, target) =>
      asked.type === TYPE.opendir
        ? packet(TYPE.handle, asked.id, string('d'))
        : asked.type === TYPE.readdir
          ? listing(asked, target)
          : open(asked, target),
    );
    const { handle } = await at.ask(TYPE.opendir, string('/web1/root/tmp'));
    expect((await at.ask(TYPE.readdir, string(handle))).names).toEqual(['.', '..', 'ok', 'fine']);
  });

  test.each([
    [TYPE.realpath, '/../../web2/root/etc', '/web1/root/web2/root/etc'],
    [TYPE.realpath, '../web2', '/web1/root/web2'],
    [TYPE.realpath, '/', '/web1/root'],
    [TYPE.readlink, '/etc/../../..', '/web1/root'],
    [TYPE.readlink, '../../../web2/root', '../web2/root'],
  ])('request %i is told %s', async (type, told, expected) => {
    const at = behind(greeting((asked) => nameAnswer(asked.id, told)));
    expect((await at.ask(type, string('/web1/root/dir/link'))).names).toEqual([expected]);
  });

  test('answers of another kind than was asked for become failures', async () => {
    const data = (asked: Packet) => packet(TYPE.data, asked.id, string('data'));
    const at = behind(greeting(data));
    for (const type of [TYPE.stat, TYPE.realpath, TYPE.opendir, TYPE.rmdir])
      expect((await at.ask(type, string('/web1/root/x'))).status.text).toContain('another kind');
    at.scripts.set(
      'root@web1',
      greeting((asked) => statusPacket(asked.id, STATUS.ok, '')),
    );
    at.targets[0]!.end({ cause: 'target-closed' });
    await settled();
    for (const type of [TYPE.stat, TYPE.realpath, TYPE.opendir])
      expect((await at.ask(type, string('/web1/root/x'))).status.text).toContain('another kind');
    expect((await at.ask(TYPE.rmdir, string('/web1/root/x'))).status.code).toBe(STATUS.ok);
    expect(at.unfinished).toBe(0);
  });

  test('one that stops within an answer holds up nobody, and its end leaves whole packets', async () => {
    const at = behind(handles(() => Buffer.from('h')));
    const handle = await at.open('/web1/root/file', OPEN.read);
    const ids = [at.send(TYPE.read, ...read(handle)), at.send(TYPE.read, ...read(handle, 100, 50_000))];
    const answer = Buffer.concat([
      packet(TYPE.data, ids[0]!, string('first')),
      packet(TYPE.data, ids[1]!, string(Buffer.alloc(50_000, 'x'))),
    ]);
    at.targets[0]!.say(answer.subarray(0, 1000));
    expect((await at.answer(ids[0]!)).data.toString()).toBe('first');
    await web2Lives(at);
    expect(at.unfinished).toBe(0);
    at.targets[0]!.end({ cause: 'target-closed' });
    expect((await at.answer(ids[1]!)).status.code).toBe(STATUS.failure);
    expect(at.unfinished).toBe(0);
  });

  test('an answer that goes on later arrives whole', async () => {
    const at = behind(handles(() => Buffer.from('h')));
    const handle = await at.open('/web1/root/file', OPEN.read);
    const id = at.send(TYPE.read, ...read(handle, 0, 50_000));
    const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    const answer = packet(TYPE.data, id, string(content));
    for (let from = 0; from < answer.length; from += 777) {
      at.targets[0]!.say(answer.subarray(from, from + 777));
      if (from % 7770 === 0) await web2Lives(at);
    }
    expect((await at.answer(id)).data.equals(content)).toBe(true);
  });

  test.each([
    ['no SFTP at all', Buffer.from('Welcome to web1!\r\nPlease behave.\r\n')],
    ['an old version', Buffer.concat([uint32(5), Buffer.of(TYPE.version), uint32(2)])],
    ['an answer before its version', statusPacket(1, STATUS.ok, '')],
    ['a version that is cut short', Buffer.concat([uint32(9), Buffer.of(TYPE.version), uint32(3), uint32(1000)])],
  ])('%s', async (_, first) => {
    const at = behind((asked) => (asked.type === TYPE.init ? first : undefined));
    const answer = await at.ask(TYPE.stat, string('/web1/root/x'));
    expect(answer.status).toEqual({ code: STATUS.failure, text: expect.stringContaining('no SFTP') });
    await settled();
    expect(at.targets[0]!.ended?.cause).toBe('target-closed');
    await web2Lives(at);
  });

  test('a target that says nothing is given up', async () => {
    const at = behind(() => undefined);
    const id = at.send(TYPE.stat, string('/web1/root/x'));
    await settled();
    at.clock.advance(30_000);
    expect((await at.answer(id)).status.text).toBe('the SFTP server of web1 does not answer');
  });

  test('what it says of itself reaches the client without control characters', async () => {
    const at = behind(greeting());
    const id = at.send(TYPE.stat, string('/web1/root/x'));
    await settled();
    at.targets[0]!.channel.writeError(Buffer.from('bastion: \x1b[2Jgone\n'));
    at.targets[0]!.end({ cause: 'terminated' });
    expect((await at.answer(id)).status.text).toBe('?[2Jgone');
  });
});
