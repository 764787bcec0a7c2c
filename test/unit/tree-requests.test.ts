import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MOST_UPSTREAMS } from '../../src/gateways/ssh/tree/upstreams.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { OPEN, packet, STATUS, statusPacket, string, TYPE, uint32, uint64 } from '../../src/kernel/sftp/wire.ts';
import { sha256 } from '../kit/hash.ts';
import { greeting, type Packet, place, type World, world } from './tree-kit.ts';

const WRITE_NEW = OPEN.write | OPEN.create | OPEN.truncate;
const NO_ATTRS = uint32(0);
const extended = (name: string) => string(name);

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-tree-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function writeAll(at: World, path: string, content: Buffer, piece = 32 * 1024): Promise<void> {
  const handle = await at.open(path, WRITE_NEW);
  const ids: number[] = [];
  for (let offset = 0; offset < content.length; offset += piece)
    ids.push(at.send(TYPE.write, string(handle), uint64(offset), string(content.subarray(offset, offset + piece))));
  for (const id of ids) expect((await at.answer(id)).status.code).toBe(STATUS.ok);
  await at.ask(TYPE.close, string(handle));
}

async function readAll(at: World, path: string, size: number, piece = 32 * 1024): Promise<Buffer> {
  const handle = await at.open(path, OPEN.read);
  const ids: number[] = [];
  for (let offset = 0; offset < size; offset += piece)
    ids.push(at.send(TYPE.read, string(handle), uint64(offset), uint32(piece)));
  const pieces = await Promise.all(ids.map((id) => at.answer(id)));
  await at.ask(TYPE.close, string(handle));
  return Buffer.concat(pieces.map((one) => one.data));
}

const mode = (answer: Packet) => {
  const { body } = answer;
  expect(answer.type).toBe(TYPE.attrs);
  body.uint32();
  body.uint64();
  body.uint64();
  return body.uint32();
};

describe('looking around', () => {
  test('lists folders, assets and accounts without entering any', async () => {
    const at = world([place('web1', ['app', 'root']), place('db', ['root'], '/prod')]);
    expect(await at.list('/')).toEqual(['.', '..', 'prod', 'web1']);
    expect(await at.list('web1')).toEqual(['.', '..', 'app', 'root']);
    expect(mode(await at.ask(TYPE.stat, string('/prod')))).toBe(0o40755);
    expect(mode(await at.ask(TYPE.lstat, string('/prod/db/root')))).toBe(0o40755);
    expect((await at.ask(TYPE.realpath, string('.'))).names).toEqual(['/']);
    expect((await at.ask(TYPE.realpath, string('/web1/app/../root/.'))).names).toEqual(['/web1/root']);
    expect(at.targets).toEqual([]);
  });

  test('a long list comes in pieces', async () => {
    const at = world(Array.from({ length: 250 }, (_, i) => place(`web${i}`)));
    expect(await at.list('/')).toHaveLength(252);
  });

  test('what is read anew shows what came and what went', async () => {
    const at = world([place('web1')]);
    expect(await at.list('/')).toEqual(['.', '..', 'web1']);
    at.places = [place('web2')];
    at.clock.advance(2000);
    expect(await at.list('/')).toEqual(['.', '..', 'web2']);
    expect((await at.ask(TYPE.stat, string('/web1'))).status.code).toBe(STATUS.noSuchFile);
  });

  test('names nobody has are not there, whatever is asked', async () => {
    const at = world([place('web1')]);
    for (const path of ['/nothing', '/web1/nobody', '/nothing/root/etc/passwd']) {
      for (const type of [TYPE.stat, TYPE.lstat, TYPE.opendir, TYPE.readlink, TYPE.remove, TYPE.rmdir])
        expect((await at.ask(type, string(path))).status.code).toBe(STATUS.noSuchFile);
      expect((await at.ask(TYPE.open, string(path), uint32(OPEN.read), NO_ATTRS)).status.code).toBe(STATUS.noSuchFile);
    }
    expect(at.targets).toEqual([]);
  });

  test('nothing of it can be changed, and it is said why', async () => {
    const at = world([place('web1')]);
    const denied = { code: STATUS.permissionDenied, text: expect.stringContaining('name an account') };
    const path = (name: string) => string(name);
    const answers = [
      await at.ask(TYPE.mkdir, path('/new'), NO_ATTRS),
      await at.ask(TYPE.mkdir, path('/web1/new'), NO_ATTRS),
      await at.ask(TYPE.rmdir, path('/web1')),
      await at.ask(TYPE.remove, path('/web1/root')),
      await at.ask(TYPE.setstat, path('/web1'), NO_ATTRS),
      await at.ask(TYPE.open, path('/file'), uint32(WRITE_NEW), NO_ATTRS),
      await at.ask(TYPE.rename, path('/web1'), path('/web2')),
      await at.ask(TYPE.rename, path('/web1/root'), path('/web1/other')),
      await at.ask(TYPE.rename, path('/web1/root/x'), path('/x')),
      await at.ask(TYPE.symlink, path('/etc'), path('/web1/link')),
      await at.ask(TYPE.extended, extended('hardlink@openssh.com'), path('/web1/root/a'), path('/web1/b')),
    ];
    for (const answer of answers) expect(answer.status).toEqual(denied);
    // clients that do not show the text of a STATUS show stderr, which has it once
    expect(at.errors).toEqual([
      expect.stringMatching(/^bastion: folders, assets and accounts .* name an account .*\n$/),
    ]);
    expect((await at.ask(TYPE.mkdir, path('/web1'), NO_ATTRS)).status).toEqual({
      code: STATUS.failure,
      text: 'it is there already',
    });
    expect((await at.ask(TYPE.extended, extended('statvfs@openssh.com'), path('/'))).status.code).toBe(
      STATUS.unsupported,
    );
    expect(at.targets).toEqual([]);
  });
});

describe('below an account', () => {
  test('files go both ways, many requests at a time, over one session', async () => {
    const at = world([place('web1')]);
    const dir = tempDir();
    const content = randomBytes(3_000_001);
    await writeAll(at, `/web1/root${dir}/file`, content);
    expect(sha256(readFileSync(join(dir, 'file')))).toBe(sha256(content));
    expect(sha256(await readAll(at, `/web1/root${dir}/file`, content.length))).toBe(sha256(content));
    // with blocks as large as OpenSSH's client takes them
    await writeAll(at, `/web1/root${dir}/large`, content, 255 * 1024);
    expect(sha256(await readAll(at, `/web1/root${dir}/large`, content.length, 255 * 1024))).toBe(sha256(content));
    expect(at.targets).toHaveLength(1);
    // VERSION and home at first, and then not one request more than the client's
    const asked = at.targets[0]!.asked;
    expect(asked.slice(0, 2).map(({ type }) => type)).toEqual([TYPE.init, TYPE.realpath]);
    expect(asked).toHaveLength(2 + 8 + 2 * (Math.ceil(3_000_001 / (32 * 1024)) + Math.ceil(3_000_001 / (255 * 1024))));
  });

  test('bytes come through however they are cut', async () => {
    const at = world([place('web1')]);
    const dir = tempDir();
    const handle = await at.open(`/web1/root${dir}/file`, WRITE_NEW);
    const content = randomBytes(1000);
    const body = Buffer.concat([Buffer.of(TYPE.write), uint32(900), string(handle), uint64(0), string(content)]);
    for (const byte of Buffer.concat([uint32(body.length), body])) at.tree.data(Buffer.of(byte));
    expect((await at.answer(900)).status.code).toBe(STATUS.ok);
    expect(readFileSync(join(dir, 'file')).equals(content)).toBe(true);
  });

  test('names the target tells stand below the account', async () => {
    const at = world([place('web1', ['root'], '/prod')]);
    const dir = tempDir();
    writeFileSync(join(dir, 'file'), '');
    const base = `/prod/web1/root${dir}`;
    const real = async (path: string) => (await at.ask(TYPE.realpath, string(path))).names;
    const expand = async (path: string) =>
      (await at.ask(TYPE.extended, extended('expand-path@openssh.com'), string(path))).names;
    expect(await real(`${base}/./x/../file`)).toEqual([`${base}/file`]);
    expect(await expand(`${base}/file`)).toEqual([`${base}/file`]);
    expect(await expand('~')).toEqual(['/']);
    expect(await expand('~/prod')).toEqual(['/prod']);
    expect((await at.ask(TYPE.extended, extended('home-directory'), string(''))).names).toEqual(['/']);
    expect(await real('/prod/web1/root/~')).toEqual([`/prod/web1/root${process.cwd()}`]);

    // a link's text is told in the tree's names, and stored in the target's
    await at.ask(TYPE.symlink, string(`${base}/file`), string(`${base}/link`));
    expect(readlinkSync(join(dir, 'link'))).toBe(join(dir, 'file'));
    expect((await at.ask(TYPE.readlink, string(`${base}/link`))).names).toEqual([`${base}/file`]);
    await at.ask(TYPE.symlink, string('file'), string(`${base}/relative`));
    expect(readlinkSync(join(dir, 'relative'))).toBe('file');
    await at.ask(TYPE.symlink, string('/etc/hosts'), string(`${base}/away`));
    expect(readlinkSync(join(dir, 'away'))).toBe('/etc/hosts');
  });

  test('names need not be UTF-8', async () => {
    const at = world([place('wéb')]);
    const dir = tempDir();
    const path = Buffer.concat([Buffer.from(`/wéb/root${dir}/`), Buffer.of(0xff, 0x41)]);
    expect((await at.ask(TYPE.mkdir, string(path), NO_ATTRS)).status.code).toBe(STATUS.ok);
    expect(lstatSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(0xff, 0x41)])).isDirectory()).toBe(true);
  });

  test('the tail of a path stays as it is', async () => {
    const at = world([place('web1')]);
    const dir = tempDir();
    mkdirSync(join(dir, 'd'));
    await at.ask(TYPE.symlink, string('d'), string(`/web1/root${dir}/link`));
    const link = await at.ask(TYPE.lstat, string(`/web1/root${dir}/link`));
    const behind = await at.ask(TYPE.lstat, string(`/web1/root${dir}/link/`));
    expect([mode(link) & 0o170000, mode(behind) & 0o170000]).toEqual([0o120000, 0o040000]);
  });

  test('what OpenSSH’s server offers goes through', async () => {
    const at = world([place('web1')]);
    const dir = tempDir();
    const base = `/web1/root${dir}`;
    await writeAll(at, `${base}/a`, Buffer.from('hello'));
    const call = (name: string, ...fields: Buffer[]) => at.ask(TYPE.extended, extended(name), ...fields);
    const ok = async (answer: Promise<Packet>) => expect((await answer).status).toMatchObject({ code: STATUS.ok });
    await ok(call('hardlink@openssh.com', string(`${base}/a`), string(`${base}/b`)));
    await ok(call('posix-rename@openssh.com', string(`${base}/b`), string(`${base}/a2`)));
    await ok(call('lsetstat@openssh.com', string(`${base}/a`), Buffer.concat([uint32(4), uint32(0o600)])));
    expect(lstatSync(join(dir, 'a')).mode & 0o777).toBe(0o600);
    const handle = await at.open(`${base}/a`, OPEN.read | OPEN.write);
    await ok(call('fsync@openssh.com', string(handle)));
    expect((await call('fstatvfs@openssh.com', string(handle))).type).toBe(TYPE.extendedReply);
    expect((await call('statvfs@openssh.com', string(base))).type).toBe(TYPE.extendedReply);
    expect((await call('users-groups-by-id@openssh.com', string(uint32(0)), string(''))).type).toBe(TYPE.extendedReply);
    const limits = (await call('limits@openssh.com')).body;
    expect([limits.uint64(), limits.uint64()]).toEqual([262144, 261120]);
    expect((await call('nothing@example.org')).status.code).toBe(STATUS.unsupported);
  });

  test('what a target does not offer is told as unsupported', async () => {
    const at = world([place('old')]);
    at.scripts.set('root@old', greeting());
    const answer = await at.ask(
      TYPE.extended,
      extended('posix-rename@openssh.com'),
      string('/old/root/a'),
      string('/old/root/b'),
    );
    expect(answer.status).toEqual({ code: STATUS.unsupported, text: 'old does not offer posix-rename@openssh.com' });
  });

  test('nothing moves between accounts', async () => {
    const at = world([place('web1', ['app', 'root'])]);
    const failed = { code: STATUS.failure, text: expect.stringContaining('copy it instead') };
    const [from, to] = [string('/web1/root/a'), string('/web1/app/a')];
    expect((await at.ask(TYPE.rename, from, to)).status).toEqual(failed);
    expect((await at.ask(TYPE.extended, extended('posix-rename@openssh.com'), from, to)).status).toEqual(failed);
    expect((await at.ask(TYPE.extended, extended('hardlink@openssh.com'), from, to)).status).toEqual(failed);
    expect((await at.ask(TYPE.symlink, from, to)).status).toEqual(failed);
    expect(at.targets).toEqual([]);
  });
});

describe('copies between targets', () => {
  async function pair() {
    const at = world([place('web1'), place('web2')]);
    const dir = tempDir();
    const copy = async (from: string, to: string, fromAt = 0, length = 0, toAt = 0) => {
      const [source, target] = [
        await at.open(`/web1/root${dir}/${from}`, OPEN.read),
        await at.open(`/web2/root${dir}/${to}`, OPEN.write | OPEN.create),
      ];
      const answer = await at.ask(
        TYPE.extended,
        extended('copy-data'),
        string(source),
        uint64(fromAt),
        uint64(length),
        string(target),
        uint64(toAt),
      );
      await at.ask(TYPE.close, string(source));
      await at.ask(TYPE.close, string(target));
      return answer.status.code;
    };
    return { at, dir, copy };
  }

  test('a whole file, and a part of it', async () => {
    const { dir, copy } = await pair();
    const content = randomBytes(2_345_678);
    writeFileSync(join(dir, 'a'), content);
    expect(await copy('a', 'b')).toBe(STATUS.ok);
    expect(sha256(readFileSync(join(dir, 'b')))).toBe(sha256(content));
    expect(await copy('a', 'c', 1000, 100_000, 5)).toBe(STATUS.ok);
    expect(readFileSync(join(dir, 'c')).equals(Buffer.concat([Buffer.alloc(5), content.subarray(1000, 101_000)]))).toBe(
      true,
    );
    expect(await copy('a', 'd', 2_345_000, 100_000)).toBe(STATUS.eof);
    writeFileSync(join(dir, 'empty'), '');
    expect(await copy('empty', 'e')).toBe(STATUS.ok);
    expect(readFileSync(join(dir, 'e'))).toHaveLength(0);
  });

  test('fails once, with the reason, when a target cannot', async () => {
    const { at, dir } = await pair();
    writeFileSync(join(dir, 'a'), randomBytes(1_000_000));
    writeFileSync(join(dir, 'b'), '');
    const [source, target] = [
      await at.open(`/web1/root${dir}/a`, OPEN.read),
      await at.open(`/web2/root${dir}/b`, OPEN.read),
    ];
    const copy = () =>
      at.ask(TYPE.extended, extended('copy-data'), string(source), uint64(0), uint64(0), string(target), uint64(0));
    expect((await copy()).status.code).not.toBe(STATUS.ok);
    at.targets[1]!.end({ cause: 'terminated', detail: 'eve' });
    expect((await copy()).status.code).toBe(STATUS.failure);
    expect(at.answers.filter(({ id }) => id === at.answers.at(-1)!.id)).toHaveLength(1);
  });

  test('within one target it does the copy itself', async () => {
    const at = world([place('web1')]);
    const dir = tempDir();
    writeFileSync(join(dir, 'a'), 'hello');
    const [source, target] = [
      await at.open(`/web1/root${dir}/a`, OPEN.read),
      await at.open(`/web1/root${dir}/b`, WRITE_NEW),
    ];
    const copied = await at.ask(
      TYPE.extended,
      extended('copy-data'),
      string(source),
      uint64(0),
      uint64(0),
      string(target),
      uint64(0),
    );
    expect(copied.status.code).toBe(STATUS.ok);
    expect(readFileSync(join(dir, 'b'), 'utf8')).toBe('hello');
    expect(at.targets[0]!.asked.at(-1)!.type).toBe(TYPE.extended);
  });
});

describe('sessions', () => {
  test('one that cannot be opened says why, and is not tried again at once', async () => {
    const at = world([place('web1')]);
    let tried = 0;
    at.refusals.set('root@web1', new AppError('target_refused', 'web1 refused the connection; is its sshd running?'));
    const { get } = at.refusals;
    at.refusals.get = (key) => {
      tried++;
      return get.call(at.refusals, key);
    };
    const text = 'web1 refused the connection; is its sshd running?';
    for (let i = 0; i < 5; i++)
      expect((await at.ask(TYPE.stat, string('/web1/root/etc'))).status).toEqual({ code: STATUS.failure, text });
    expect(tried).toBe(1);
    at.refusals.clear();
    at.clock.advance(5000);
    expect((await at.ask(TYPE.stat, string('/web1/root/etc'))).type).toBe(TYPE.attrs);
  });

  test('a refusal by permission is told as one', async () => {
    const at = world([place('web1')]);
    at.refusals.set('root@web1', new AppError('no_permission', 'No asset named "web1" is open to you.'));
    expect((await at.ask(TYPE.opendir, string('/web1/root'))).status.code).toBe(STATUS.permissionDenied);
  });

  test('one that is ended answers what is open, and the others go on', async () => {
    const at = world([place('web1'), place('web2')]);
    const dir = tempDir();
    writeFileSync(join(dir, 'a'), 'hello');
    at.scripts.set('root@web2', greeting());
    const file = await at.open(`/web1/root${dir}/a`, OPEN.read);
    const hung = at.send(TYPE.stat, string('/web2/root/x'));
    await at.ask(TYPE.stat, string(`/web1/root${dir}/a`));
    const web2 = at.targets.find(({ account }) => account.asset.name === 'web2')!;
    web2.channel.writeError(Buffer.from('bastion: Terminated by eve.\n'));
    web2.end({ cause: 'terminated', detail: 'eve' });
    expect((await at.answer(hung)).status).toEqual({ code: STATUS.failure, text: 'Terminated by eve.' });
    expect(at.errors).toEqual(['bastion: Terminated by eve.\n']);
    expect((await at.ask(TYPE.stat, string('/web2/root/x'))).status.text).toBe('Terminated by eve.');
    const read = () => at.ask(TYPE.read, string(file), uint64(0), uint32(10));
    expect((await read()).data.toString()).toBe('hello');
    at.targets[0]!.end({ cause: 'target-closed' });
    expect((await read()).status).toEqual({ code: STATUS.failure, text: 'the connection to root@web1 ended' });
    expect((await at.ask(TYPE.close, string(file))).status.code).toBe(STATUS.failure);
    // a new session, and not the old handle
    expect((await at.ask(TYPE.stat, string(`/web1/root${dir}/a`))).type).toBe(TYPE.attrs);
    expect((await read()).status.code).toBe(STATUS.failure);
  });

  test('what is not used for some minutes is left, what is open is not', async () => {
    const at = world([place('web1'), place('web2')]);
    await at.open('/web1/root/etc/passwd', OPEN.read);
    await at.ask(TYPE.stat, string('/web2/root/etc'));
    at.clock.advance(7 * 60_000);
    await new Promise(setImmediate);
    expect(at.targets.map(({ ended }) => ended)).toEqual([undefined, { cause: 'client-closed' }]);
    expect((await at.ask(TYPE.stat, string('/web2/root/etc'))).type).toBe(TYPE.attrs);
    expect(at.targets).toHaveLength(3);
  });

  test('there are not more than so many: the one unused longest makes room, and where all are used none is', async () => {
    const names = Array.from({ length: MOST_UPSTREAMS + 1 }, (_, i) => `web${i}`);
    const at = world(names.map((name) => place(name)));
    const handles = greeting((asked) => packet(TYPE.handle, asked.id, string('h')));
    for (const name of names) at.scripts.set(`root@${name}`, handles);
    const open: Buffer[] = [];
    for (const name of names.slice(0, -1)) {
      open.push(await at.open(`/${name}/root/file`, OPEN.read));
      at.clock.advance(10);
    }
    const last = `/${names.at(-1)}/root/file`;
    const refused = await at.ask(TYPE.open, string(last), uint32(OPEN.read), NO_ATTRS);
    expect(refused.status.text).toContain(`${MOST_UPSTREAMS} accounts`);
    // closed in the other order: which is idle longest is told by its last request
    for (const i of [5, 3]) {
      at.send(TYPE.close, string(open[i]!));
      at.targets[i]!.say(statusPacket(at.lastId, STATUS.ok, ''));
      at.clock.advance(10);
    }
    await at.open(last, OPEN.read);
    expect(at.targets.filter(({ ended }) => ended).map(({ account }) => account.asset.name)).toEqual(['web5']);
  });

  test('who ends its input still gets its answers', async () => {
    const at = world([place('web1')]);
    const ids = [at.send(TYPE.stat, string('/web1/root/etc')), at.send(TYPE.stat, string('/web1/root/tmp'))];
    await at.tree.finish();
    expect(at.answers.map(({ id, type }) => [id, type])).toEqual(ids.map((id) => [id, TYPE.attrs]));
    await at.tree.finish();
  });

  test('all end with the client', async () => {
    const at = world([place('web1'), place('web2')]);
    await at.ask(TYPE.stat, string('/web1/root/etc'));
    await at.ask(TYPE.stat, string('/web2/root/etc'));
    await at.tree.end({ cause: 'revoked' });
    expect(at.targets.map(({ ended }) => ended)).toEqual([{ cause: 'revoked' }, { cause: 'revoked' }]);
  });
});
