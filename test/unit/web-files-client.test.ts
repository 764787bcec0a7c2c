import { expect, test } from 'vitest';
import { entryAt, listed, MOST_ENTRIES, modeText } from '../../src/gateways/web/files/entries.ts';
import { bytesOf, isName, textOf } from '../../src/gateways/web/files/names.ts';
import { removeTree } from '../../src/gateways/web/files/removal.ts';
import { packet, STATUS, TYPE, uint32 } from '../../src/kernel/sftp/wire.ts';
import { Seeded } from '../kit/seeded.ts';
import { attrs, FILE, FOLDER, LINK, PlayedServer, tell } from './web-files-kit.ts';

const PATH = Buffer.from('/srv');
const NUL = '\0';

test('every name has one text, which leads back to it', () => {
  const seeded = new Seeded(7);
  for (let i = 0; i < 3000; i++) {
    const bytes = seeded.bytes(seeded.below(24));
    const text = textOf(bytes);
    expect(text.isWellFormed()).toBe(true);
    // as it goes through addresses and JSON
    const there = JSON.parse(JSON.stringify(decodeURIComponent(encodeURIComponent(text)))) as string;
    expect(bytesOf(there).equals(bytes)).toBe(true);
  }
  for (const name of ['plain', 'Übung 文件', '\uef80\uefff', '\ufeffmark', 'a\nb', '🙂']) {
    expect(bytesOf(textOf(Buffer.from(name))).toString()).toBe(name);
  }
  expect(textOf(Buffer.from('Übung'))).toBe('Übung');
  expect(textOf(Buffer.from('caf\xe9', 'latin1'))).toBe('caf\uefe9');
  expect(() => bytesOf('/x\ud800')).toThrow('no valid text');
});

test('modes read as ls shows them', () => {
  expect(modeText(0o100755)).toBe('rwxr-xr-x');
  expect(modeText(0o104711)).toBe('rws--x--x');
  expect(modeText(0o041777)).toBe('rwxrwxrwt');
  expect(modeText(0o042644)).toBe('rw-r-Sr--');
});

test('names that lead elsewhere are dropped from a listing; strange ones stay and are usable', async () => {
  const server = await PlayedServer.greeted();
  let read = 0;
  const stats: string[] = [];
  server.answer = ({ type, id, fields }) => {
    if (type === TYPE.opendir) return tell.handle(id);
    if (type === TYPE.close) return tell.ok(id);
    if (type === TYPE.stat) {
      stats.push(fields.string().toString('latin1'));
      return stats.length === 1 ? tell.attrs(id, FOLDER) : tell.status(id, STATUS.noSuchFile);
    }
    if (read++ > 0) return tell.status(id, STATUS.eof);
    return tell.names(id, [
      ['.', FOLDER],
      ['..', FOLDER],
      ['../../etc/passwd', FILE],
      ['a/b', FILE],
      ['', FILE],
      [`nul${NUL}`, FILE],
      ['line\nbreak', FILE],
      [Buffer.from('caf\xe9', 'latin1'), LINK],
      ['dangling', LINK],
      ['<img src=x onerror=alert(1)>', FILE],
    ]);
  };
  const { entries, truncated } = await listed(server.client, PATH);
  expect(truncated).toBe(false);
  expect(entries.map(({ name }) => name)).toEqual([
    '<img src=x onerror=alert(1)>',
    'caf\uefe9',
    'dangling',
    'line\nbreak',
  ]);
  expect(stats).toEqual(['/srv/caf\xe9', '/srv/dangling']);
  expect(entries[1]).toMatchObject({ kind: 'link', toFolder: true });
  expect(entries[2]).toMatchObject({ kind: 'link', toFolder: false, size: null });
});

test('a folder without an end is told up to a bound, and closed', async () => {
  const server = await PlayedServer.greeted();
  let name = 0;
  let closed = 0;
  server.answer = ({ type, id }) => {
    if (type === TYPE.opendir) return tell.handle(id);
    if (type === TYPE.close) {
      closed++;
      return tell.ok(id);
    }
    return tell.names(
      id,
      Array.from({ length: 500 }, () => [`f${name++}`, FILE] as const),
    );
  };
  const { entries, truncated } = await listed(server.client, PATH);
  expect([entries.length, truncated, closed]).toEqual([MOST_ENTRIES, true, 1]);
  expect(name).toBeLessThan(MOST_ENTRIES + 1500);
});

test('a target that lists nothing for ever is given up', async () => {
  const server = await PlayedServer.greeted();
  server.answer = ({ type, id }) => (type === TYPE.opendir ? tell.handle(id) : tell.names(id, []));
  await expect(listed(server.client, PATH)).rejects.toThrow('listed nothing');
  expect(server.over).toHaveLength(1);
});

const lies: Record<string, (id: number) => Buffer> = {
  'another kind of answer': (id) => tell.handle(id),
  'a status that says it went well': (id) => tell.ok(id),
  'an answer to nothing': (id) => tell.attrs(id + 1000, FILE),
  'attributes that are cut short': (id) => packet(TYPE.attrs, id, attrs(FILE).subarray(0, 6)),
  'an impossible length': () => uint32(2 ** 31),
  'a packet without an id': () => Buffer.concat([uint32(1), Buffer.of(TYPE.attrs)]),
};
test.each(Object.entries(lies))('%s ends it', async (_, lie) => {
  const server = await PlayedServer.greeted();
  const asked = entryAt(server.client, PATH, PATH);
  asked.catch(() => {});
  await server.turn();
  server.say(lie(server.asked[0]!.id));
  await expect(asked).rejects.toThrow();
  expect(server.over).toHaveLength(1);
  await expect(server.client.stat(PATH)).rejects.toThrow('no SFTP');
});

test('more data than was asked for, and handles and names that are too long, end it', async () => {
  const answers: readonly [(server: PlayedServer) => Promise<unknown>, (id: number) => Buffer][] = [
    [({ client }) => client.read(PATH, 0, 10), (id) => tell.data(id, Buffer.alloc(11))],
    [({ client }) => client.read(PATH, 0, 10), (id) => tell.data(id, Buffer.alloc(0))],
    [({ client }) => client.open(PATH, 1), (id) => tell.handle(id, 'h'.repeat(257))],
    [({ client }) => client.realpath(PATH), (id) => packet(TYPE.name, id, uint32(1), uint32(2 ** 30))],
  ];
  for (const [ask, answer] of answers) {
    const server = await PlayedServer.greeted();
    server.answer = ({ id }) => answer(id);
    await expect(ask(server)).rejects.toThrow();
    expect(server.over).toHaveLength(1);
  }
});

test('what is no SFTP, or another version of it, is told as that', async () => {
  for (const bytes of [Buffer.from('Welcome to web1!\r\n'), tell.version(2), tell.ok(1)]) {
    const server = new PlayedServer();
    server.say(bytes);
    await expect(server.client.greeted).rejects.toThrow(/no SFTP/);
  }
});

test('a target that says nothing for a minute is given up, unless the session is locked', async () => {
  const server = await PlayedServer.greeted();
  const asked = server.client.stat(PATH);
  asked.catch(() => {});
  server.clock.advance(50_000);
  server.locked = true;
  server.clock.advance(600_000);
  expect(server.over).toEqual([]);
  server.locked = false;
  server.clock.advance(55_000);
  expect(server.over).toEqual([]);
  server.clock.advance(10_000);
  await expect(asked).rejects.toThrow('does not answer');
});

test('one that goes on talking and never answers is given up, too', async () => {
  const server = await PlayedServer.greeted();
  const asked = server.client.stat(PATH);
  asked.catch(() => {});
  for (let minute = 0; minute < 12; minute++) {
    void server.client.stat(PATH).catch(() => {});
    await server.turn();
    server.say(tell.attrs(server.asked.at(-1)!.id, FILE));
    await server.turn();
    server.clock.advance(55_000);
  }
  await expect(asked).rejects.toThrow('does not answer');
});

test('a folder is removed from the inside out, and no link is followed', async () => {
  const server = await PlayedServer.greeted();
  const tree: Record<string, readonly (readonly [string, number])[]> = {
    '/srv': [
      ['a', FILE],
      ['to-root', LINK],
      ['sub', FOLDER],
      ['../up', FOLDER],
    ],
    '/srv/sub': [['b', FILE]],
  };
  const done: string[] = [];
  let folder = '';
  server.answer = ({ type, id, fields }) => {
    if (type === TYPE.lstat) return tell.attrs(id, FOLDER);
    if (type === TYPE.opendir) {
      folder = fields.string().toString();
      return tell.handle(id);
    }
    if (type === TYPE.readdir) {
      const names = tree[folder] ?? [];
      delete tree[folder];
      return names.length > 0 ? tell.names(id, names) : tell.status(id, STATUS.eof);
    }
    if (type === TYPE.remove) done.push(`remove ${fields.string()}`);
    if (type === TYPE.rmdir) done.push(`rmdir ${fields.string()}`);
    return tell.ok(id);
  };
  expect(await removeTree(server.client, PATH, () => false)).toBe(5);
  expect(done).toEqual(['remove /srv/a', 'remove /srv/to-root', 'remove /srv/sub/b', 'rmdir /srv/sub', 'rmdir /srv']);
});

test('of a folder with very many in it no more is kept in mind than is read at once', async () => {
  const server = await PlayedServer.greeted();
  const there = new Set(Array.from({ length: 3000 }, (_, n) => `${n % 3 ? 'folder' : 'file'}-${n}`));
  let listing: string[] = [];
  /** Names that were told and are still there: what whoever removes them may have to remember. */
  const pending = new Set<string>();
  let most = 0;
  server.answer = ({ type, id, fields }) => {
    if (type === TYPE.lstat) return tell.attrs(id, FOLDER);
    if (type === TYPE.opendir) {
      listing = fields.string().equals(PATH) ? [...there] : [];
      return tell.handle(id);
    }
    if (type === TYPE.readdir) {
      const some = listing.splice(0, 100);
      for (const name of some) pending.add(name);
      most = Math.max(most, pending.size);
      const told = some.map((name) => [name, name.startsWith('folder') ? FOLDER : FILE] as const);
      return told.length > 0 ? tell.names(id, told) : tell.status(id, STATUS.eof);
    }
    if (type === TYPE.remove || type === TYPE.rmdir) {
      const name = fields
        .string()
        .toString()
        .slice(PATH.length + 1);
      there.delete(name);
      pending.delete(name);
    }
    return tell.ok(id);
  };
  expect(await removeTree(server.client, PATH, () => false)).toBe(3001);
  expect(there.size).toBe(0);
  expect(most).toBeLessThan(500);
});

test('a tree that nests without an end is left alone in the end', async () => {
  const server = await PlayedServer.greeted();
  let fresh = true;
  server.answer = ({ type, id }) => {
    if (type === TYPE.lstat) return tell.attrs(id, FOLDER);
    if (type === TYPE.opendir) {
      fresh = true;
      return tell.handle(id);
    }
    if (type !== TYPE.readdir) return tell.ok(id);
    const answer = fresh ? tell.names(id, [['deeper', FOLDER]]) : tell.status(id, STATUS.eof);
    fresh = false;
    return answer;
  };
  await expect(removeTree(server.client, PATH, () => false)).rejects.toMatchObject({ code: 'too_large' });
});

test('only steps of a path are names', () => {
  expect(['.', '..', '', 'a/b', `a${NUL}`, 'x'.repeat(2000)].filter((name) => isName(Buffer.from(name)))).toEqual([]);
  expect(['...', '.a', '..a', ' '].every((name) => isName(Buffer.from(name)))).toBe(true);
});
