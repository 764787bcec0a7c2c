import { once } from 'node:events';
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ParsedKey } from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseCertificate } from '../../src/auth/ssh-cert.ts';
import type { ConnectionContext } from '../../src/gateways/ssh/context.ts';
import { innerDestination } from '../../src/gateways/ssh/destination.ts';
import { findJump } from '../../src/gateways/ssh/jump.ts';
import type { Asset } from '../../src/store/model.ts';
import { eventually } from '../kit/process.ts';
import { collect, connectClient, exec, insideOf } from '../kit/raw-ssh.ts';
import { assetRow } from '../kit/rows.ts';
import { PASSWORD, World } from './gateway-kit.ts';

const outerOf = (world: World) => connectClient(world.port, { username: 'alice', password: PASSWORD });

function openJump(outer: Client, host = 'web1', port = 22): Promise<ClientChannel> {
  return new Promise((resolve, reject) =>
    outer.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

/** A login inside a jump. `methods`: what the client tries, in this order. */
async function inside(outer: Client, options: ConnectConfig & { methods?: readonly object[] } = {}): Promise<Client> {
  const { methods = [{ type: 'none', username: 'root' }], ...more } = options;
  const sock = await openJump(outer);
  const client = new ssh2.Client();
  onTestFinished(() => void client.destroy());
  const left = [...methods];
  const ready = once(client, 'ready');
  client.connect({
    sock,
    username: 'root',
    authHandler: ((_left: unknown, _partial: unknown, next: (method: unknown) => void) =>
      next(left.shift() ?? false)) as never,
    ...more,
  });
  await ready;
  client.on('error', () => {});
  return client;
}

describe('the login inside', () => {
  test.each([
    ['none', { type: 'none', username: 'root' }],
    ['a password nobody looks at', { type: 'password', username: 'root', password: 'anything' }],
    [
      'a key nobody knows',
      { type: 'publickey', username: 'root', key: ssh2.utils.generateKeyPairSync('ed25519').private },
    ],
    [
      'keyboard-interactive, without a question',
      { type: 'keyboard-interactive', username: 'root', prompt: () => expect.unreachable() },
    ],
  ])('%s succeeds at once: who this is was proven outside', async (_what, method) => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const client = await inside(outer, { methods: [method] });
    expect(await exec(client, 'exit 3')).toMatchObject({ code: 3 });
    expect(world.calls).toEqual(['password alice']);
    expect(world.requests).toMatchObject([{ asset: world.web1.id, account: 'root', protocol: 'ssh', use: 'exec' }]);
    expect(world.requests[0]!.who.user.name).toBe('alice');
  });

  test('the certificate is for the name the client used, by the authority, for a day', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    let blob = Buffer.alloc(0);
    const client = await inside(outer, {
      algorithms: { serverHostKey: ['ssh-ed25519-cert-v01@openssh.com' as never] },
      hostVerifier: (key: Buffer) => {
        blob = Buffer.from(key);
        return true;
      },
    });
    client.end();
    const certificate = parseCertificate(blob);
    expect(certificate).toMatchObject({ kind: 2, signed: true, principals: ['web1', world.web1.address] });
    expect(certificate.authority.blob.toString('base64')).toBe(world.authorityLine.split(' ')[1]);
    const seconds = BigInt(Math.floor(Date.now() / 1000));
    expect(Number(seconds - certificate.validAfter)).toBeGreaterThanOrEqual(299);
    expect(Number(certificate.validBefore - seconds)).toBeLessThanOrEqual(86_401);
    expect(certificate.critical.size).toBe(0);
  });

  test('keys are renewed inside as outside', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const client = await inside(outer);
    const renewed = once(client, 'handshake');
    (client as unknown as { _protocol: { rekey(): void } })._protocol.rekey();
    await renewed;
    expect(await exec(client, 'exit 4')).toMatchObject({ code: 4 });
  });
});

describe('names inside', () => {
  test.each([
    ['root', 'root'],
    ['a%40b', 'a@b'],
    ['a@b', 'a@b'],
    ['a#b', 'a#b'],
    ['DOM\\user', 'DOM\\user'],
    ['@input', '@input'],
    ['100%', '100%'],
    ['_', undefined],
    ['', undefined],
    ['%5F', '_'],
  ])('%j means the account %j', (name, account) => {
    expect(innerDestination(name, 'alice', 'id')).toEqual({
      login: 'alice',
      asset: 'id',
      account,
      protocol: 'ssh',
      problem: undefined,
    });
  });

  test.each(['ro\0ot', 'ro\x1b[2Jot', 'ro\not', '%ff', '%00', '\u202eroot', 'x'.repeat(513)])(
    '%j means none',
    (name) => {
      expect(innerDestination(name, 'alice', 'id')).toMatchObject({ problem: expect.any(String), account: undefined });
    },
  );

  test('a hostile name is told off in one clean line, and asks nobody', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const name = 'ro\x1b[2Jot';
    const client = await inside(outer, { methods: [{ type: 'none', username: name }], username: name });
    const { code, err } = await exec(client, 'true');
    expect(code).toBe(254);
    expect(err).toMatch(/^bastion: the account holds characters[^\x00-\x1f]*\n$/);
    expect(world.requests).toEqual([]);
  });
});

describe('where a jump leads', () => {
  const web1 = {
    ...assetRow({ name: 'web1' }),
    address: '10.0.0.5',
    protocols: [{ name: 'ssh', port: 2200 }],
  } as Asset;
  const six = { ...assetRow({ name: 'six' }), address: '2001:db8::5', protocols: [{ name: 'ssh', port: 22 }] } as Asset;
  const loop = {
    ...assetRow({ name: 'loop' }),
    address: '127.0.0.1',
    protocols: [{ name: 'ssh', port: 2022 }],
  } as Asset;
  const twins = ['one', 'two'].map(
    (name) => ({ ...assetRow({ name }), address: '10.0.0.9', protocols: [{ name: 'ssh', port: 22 }] }) as Asset,
  );
  const db = { ...assetRow({ name: 'db' }), address: '10.0.0.7', protocols: [{ name: 'mysql', port: 3306 }] } as Asset;
  const all = [web1, six, loop, db, ...twins];

  function context(own?: string, over: Partial<ConnectionContext> = {}): ConnectionContext {
    const reachableAs = async (_who: unknown, text: string) =>
      all
        .filter(({ name, address, id }) => [name, address, id].includes(text.toLowerCase()))
        .map((asset) => ({ asset, protocols: asset.protocols.map(({ name }) => name) }));
    return {
      access: { reachableAs },
      destination: { asset: own },
      config: { ssh: { max_channels: 10 } },
      jumped: undefined,
      jumpCount: { open: 0 },
      ...over,
    } as unknown as ConnectionContext;
  }
  const meant = async (host: string, port: number, own?: string) =>
    (await findJump(context(own), { kind: 'tcp', host, port }))?.asset.name;

  test.each([
    ['web1', 22, 'web1'],
    ['web1', 2200, 'web1'],
    ['WEB1', 22, 'web1'],
    ['web1.', 22, 'web1'],
    [web1.id, 22, 'web1'],
    ['10.0.0.5', 2200, 'web1'],
    ['167772165', 2200, 'web1'],
    ['0xa.0.0.5', 2200, 'web1'],
    ['012.0.0.5', 2200, 'web1'],
    ['::ffff:10.0.0.5', 2200, 'web1'],
    ['2001:DB8:0:0::5', 22, 'six'],
    ['127.0.0.1', 2022, 'loop'],
    ['one', 22, 'one'],
  ])('%s port %i is %s', async (host, port, name) => {
    expect(await meant(host, port)).toBe(name);
  });

  test.each([
    ['10.0.0.5', 22],
    ['web1', 80],
    ['web1\0', 22],
    ['web1\n', 22],
    ['web1,six', 22],
    ['web*', 22],
    ['web?', 22],
    ['root@web1', 22],
    ['web1..', 22],
    ['', 22],
    ['.', 22],
    ['x'.repeat(256), 22],
    ['nowhere', 22],
    ['db', 22],
    ['db', 3306],
    ['localhost', 22],
    ['2130706433', 22],
  ])('%j port %i is none', async (host, port) => {
    expect(await meant(host, port)).toBeUndefined();
  });

  test.each([
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.1',
    '127.9.9.9',
    '2130706433',
    '0x7f000001',
    '::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '::',
    '0',
    'localhost.',
  ])('%s is the asset the connection is for', async (host) => {
    expect(await meant(host, 2200, web1.name)).toBe('web1');
    expect(await meant(host, 22, web1.name)).toBeUndefined();
  });

  test('an address of several assets is refused, with their names', async () => {
    await expect(meant('10.0.0.9', 22)).rejects.toThrow(/several assets .*: one, two; use the name/);
  });

  test('a socket is none', async () => {
    expect(await findJump(context(), { kind: 'socket', path: '/web1' })).toBeUndefined();
  });

  test('how many, and how deep, is bounded; what is no jump is not asked', async () => {
    const at = (over: Partial<ConnectionContext>, host = 'web1') =>
      findJump(context(undefined, over), { kind: 'tcp', host, port: 22 });
    await expect(at({ jumpCount: { open: 10 } })).rejects.toMatchObject({ code: 'rate_limited' });
    const jump = { asset: web1, host: 'web1', port: 22 };
    await expect(at({ jumped: { jump, depth: 4 } })).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await at({ jumped: { jump, depth: 3 } })).toBeDefined();
    expect(await at({ jumpCount: { open: 10 } }, 'nowhere')).toBeUndefined();
  });
});

describe('attacks', () => {
  test('a handshake that never begins, or never ends, is ended after the grace; the outer connection stays', async () => {
    await using world = await World.start({ login_grace: '300ms' });
    using outer = await outerOf(world);
    const silent = await openJump(outer);
    const begun = await openJump(outer);
    begun.write('SSH-2.0-x\r\n');
    silent.resume();
    begun.resume();
    await Promise.all([once(silent, 'close'), once(begun, 'close')]);
    expect(await exec(await inside(outer), 'exit 3')).toMatchObject({ code: 3 });
  });

  test('questions about keys are answered so often, and no more', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const sock = await openJump(outer);
    const client = new ssh2.Client();
    client.on('error', () => {});
    const closed = once(client, 'close');
    const key = ssh2.utils.parseKey(ssh2.utils.generateKeyPairSync('ed25519').public) as ParsedKey;
    let answers = 0;
    client.connect({
      sock,
      username: 'root',
      authHandler: (() => {
        const { _protocol: protocol } = client as unknown as {
          _protocol: { authPK(user: string, key: ParsedKey, algorithm: string | undefined): void };
        };
        insideOf(client)._handlers.USERAUTH_PK_OK = () => void answers++;
        for (let i = 0; i < 100; i++) protocol.authPK('root', key, undefined);
      }) as never,
    });
    await closed;
    expect(answers).toBe(64);
  });

  test('something else than SSH is told so and closed', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const channel = await openJump(outer);
    const said = collect(channel);
    channel.write('GET / HTTP/1.1\r\n\r\n');
    expect((await said).out.toString()).toMatch(
      /^SSH-2\.0-Bastion_\S+\r\nThis is an SSH server; that was not an SSH client\.\r\n$/,
    );
  });

  test('as many jumps as channels, then no more, until one is over', async () => {
    await using world = await World.start({ max_channels: 5 });
    using outer = await outerOf(world);
    const opened = await Promise.all(Array.from({ length: 5 }, () => openJump(outer)));
    for (const channel of opened) channel.resume();
    await expect(openJump(outer)).rejects.toThrow(/5 jumps open already/);
    const rush = await Promise.allSettled(Array.from({ length: 300 }, () => openJump(outer)));
    expect(rush.every(({ status }) => status === 'rejected')).toBe(true);
    opened[0]!.close();
    await eventually('a free place', async () => openJump(outer).catch(() => undefined));
    // those who wait for a login of their own meanwhile are not shut out
    expect((await world.ssh('bob@web1', ['exit 6'])).code).toBe(6);
  });

  test('a rush past the bound is cut off when it is served', async () => {
    await using world = await World.start({ max_channels: 5 });
    using outer = await outerOf(world);
    const rush = await Promise.allSettled(Array.from({ length: 100 }, () => openJump(outer)));
    const open = rush.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const greeted = open.map(
      (channel) =>
        new Promise<boolean>((resolve) => {
          channel.once('data', () => resolve(true));
          channel.once('close', () => resolve(false));
          channel.resume();
        }),
    );
    expect((await Promise.all(greeted)).filter(Boolean)).toHaveLength(5);
  });

  test('the outer connection dies in the middle of the inner handshake: nothing is left', async () => {
    await using world = await World.start();
    const outer = await outerOf(world);
    const sock = await openJump(outer);
    const client = new ssh2.Client();
    client.on('error', () => {});
    const handshake = new Promise<void>((resolve) => {
      client.connect({ sock, username: 'root', debug: (text) => void (/Handshake: /.test(text) && resolve()) });
    });
    await handshake;
    outer.destroy();
    await eventually('the end', async () => world.gateway.connections().length === 0 || undefined);
    expect(world.released).toHaveLength(1);
  });

  test('the outer connection dies with a session inside: it ends by its client', async () => {
    await using world = await World.start();
    const outer = await outerOf(world);
    const client = await inside(outer);
    await new Promise<void>((resolve) => client.exec('cat', () => resolve()));
    await eventually('the session', async () => world.sessions.size === 1 || undefined);
    expect(world.gateway.connections()).toHaveLength(2);
    outer.destroy();
    await eventually('the end', async () => world.gateway.connections().length === 0 || undefined);
    expect(world.ends).toEqual([{ cause: 'client-closed' }]);
    expect(world.released).toHaveLength(2);
  });

  test('who may no longer ends both, the inner one with its last words', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const client = await inside(outer);
    const shell = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell({ term: 'xterm' }, (error, channel) => (error ? reject(error) : resolve(channel))),
    );
    const said = collect(shell);
    await eventually('the session', async () => world.sessions.size === 1 || undefined);
    const gone = [once(outer, 'close'), once(client, 'close')];
    world.stands = false;
    world.changed.emit();
    const { out, code } = await said;
    expect(code).toBe(254);
    expect(out.toString()).toContain('ended: revoked');
    await Promise.all(gone);
    expect(world.gateway.connections()).toEqual([]);
  });

  test('the end of the gateway takes them along, and lets no new one in', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const client = await inside(outer);
    const shell = await new Promise<ClientChannel>((resolve) => client.shell((_error, channel) => resolve(channel)));
    const said = collect(shell);
    await eventually('the session', async () => world.sessions.size === 1 || undefined);
    const arriving = await openJump(outer);
    const arrivingSaid = collect(arriving);
    world.gateway.stopListening();
    await arrivingSaid;
    const late = await openJump(outer);
    const lateSaid = collect(late);
    expect((await lateSaid).out).toHaveLength(0);
    const closed = once(client, 'close');
    await world.gateway.close();
    expect((await said).out.toString()).toContain('ended: shutdown');
    await closed;
  });

  test('a flood of requests inside is cut off and does not hold the outer connection', async () => {
    await using world = await World.start();
    using outer = await outerOf(world);
    const client = await inside(outer);
    const closed = once(client, 'close');
    const raw = client as unknown as { _protocol: { ping(): void } };
    (client as unknown as { _sock: ClientChannel })._sock.pause();
    for (let i = 0; i < 60_000; i++) raw._protocol.ping();
    (client as unknown as { _sock: ClientChannel })._sock.resume();
    const other = await inside(outer);
    expect(await exec(other, 'exit 2')).toMatchObject({ code: 2 });
    client.destroy();
    await closed;
  });
});
