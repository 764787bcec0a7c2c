import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/kernel/errors.ts';
import type { Asset } from '../../src/store/model.ts';
import { createSshConnector } from '../../src/targets/ssh.ts';
import { freePort, type KeyPair, makeKey, type Sshd, startSshd } from '../kit/sshd.ts';
import { never, request, World, watch } from './targets-kit.ts';

let dir: string;
let key: KeyPair;
const servers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bastion-reach-'));
  key = await makeKey(dir, 'user');
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(dir, { recursive: true, force: true });
});

async function sshd(options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> {
  const started = await startSshd({ authorizedKeys: [key.publicKey], ...options });
  servers.push(started);
  return started;
}

async function tcp(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
  return (server.address() as { port: number }).port;
}

/** Runs `whoami` on an asset of this world and gives back what it printed. */
async function whoami(
  world: World,
  asset: Asset,
  options: { progress?: (text: string) => void; signal?: AbortSignal } = {},
) {
  const connector = createSshConnector(world.deps());
  const account =
    world.accounts.find((each) => each.assetId === asset.id) ?? world.account(asset, 'root', { key: key.privateKey });
  try {
    const channel = await connector.open(
      world.grant(asset, account),
      request({ command: 'whoami', progress: options.progress }),
      options.signal ?? never,
    );
    const seen = watch(channel);
    await seen.closed;
    return seen.text().trim();
  } finally {
    connector.close();
  }
}

describe('host keys', () => {
  it('pins the first one, audited and told, and accepts it again', async () => {
    const world = new World();
    const asset = world.asset('web1', (await sshd()).port);
    const told: string[] = [];
    await whoami(world, asset, { progress: (text) => told.push(text) });
    expect(world.hostKeys).toMatchObject([
      { state: 'pinned', type: 'ssh-ed25519', endpoint: `127.0.0.1:${asset.protocols[0]!.port}` },
    ]);
    expect(told.join()).toContain(world.hostKeys[0]!.fingerprint);
    expect(world.audit).toMatchObject([
      { action: 'host-key.pin', actor: { name: 'alice', ip: '192.0.2.7' }, target: { name: 'web1' } },
    ]);
    await whoami(world, asset);
    expect(world.hostKeys).toHaveLength(1);
  });

  it('refuses a changed one, notes it once and names the command', async () => {
    const world = new World();
    const first = await sshd();
    const asset = world.asset('web1', first.port);
    await whoami(world, asset);
    await first.stop();
    await sshd({ port: first.port });
    for (let i = 0; i < 2; i++) {
      await expect(whoami(world, asset)).rejects.toSatisfy(
        (error: AppError) =>
          error.code === 'host_key_changed' && error.message.includes('bastion host-key accept web1'),
      );
    }
    expect(world.hostKeys.map((each) => each.state)).toEqual(['pinned', 'changed']);
    expect(world.audit.filter((row) => row.action === 'host-key.changed')).toHaveLength(2);
    // what `host-key accept` does
    world.hostKeys = [{ ...world.hostKeys[1]!, state: 'pinned' }];
    expect(await whoami(world, asset)).toBe('root');
  });

  it('asks a target with several keys for the pinned one', async () => {
    const world = new World();
    const first = await sshd({ hostKeyTypes: ['rsa'] });
    const asset = world.asset('web1', first.port);
    await whoami(world, asset);
    expect(world.hostKeys[0]!.type).toBe('ssh-rsa');
    await first.stop();
    const rsa = await makeKey(dir, 'kept', 'rsa', '', ['-b', '2048']);
    const ed25519 = await makeKey(dir, 'new', 'ed25519');
    // another machine with a key of another type is a changed key
    await sshd({ port: first.port, hostKeyFiles: [ed25519.file] }).then(async (server) => {
      await expect(whoami(world, asset)).rejects.toMatchObject({ code: 'host_key_changed' });
      await server.stop();
    });
    world.hostKeys = [];
    const both = await sshd({ hostKeyFiles: [rsa.file] });
    const moved = world.asset('web2', both.port);
    await whoami(world, moved);
    await both.stop();
    await sshd({ port: both.port, hostKeyFiles: [ed25519.file, rsa.file] });
    expect(await whoami(world, moved)).toBe('root');
    expect(world.hostKeys).toHaveLength(1);
  });

  it('refuses when the pin cannot be written', async () => {
    const world = new World();
    const asset = world.asset('web1', (await sshd()).port);
    const deps = world.deps();
    Object.assign(deps.store.hostKeys, { pin: () => Promise.reject(new Error('disk full')) });
    const connector = createSshConnector(deps);
    const grant = world.grant(asset, world.account(asset, 'root', { key: key.privateKey }));
    await expect(connector.open(grant, request({ command: 'id' }), never)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('through jump assets', () => {
  it('goes through two, each with its own key and account', async () => {
    const world = new World();
    const [outer, inner, target] = [await sshd(), await sshd(), await sshd()];
    const gate = world.asset('gate', outer.port);
    world.account(gate, 'root', { key: key.privateKey });
    const jump = world.asset('jump1', inner.port, { viaId: gate.id });
    world.account(jump, 'someone', { key: key.privateKey });
    world.account(jump, 'jump', { key: key.privateKey });
    const asset = world.asset('db1', target.port, { viaId: jump.id });
    // the login called jump does not exist there: the error names the jump asset
    await expect(whoami(world, asset)).rejects.toThrow(/jump1 .* for jump/);
    world.accounts.splice(1, 2);
    world.account(jump, 'root', { key: key.privateKey });
    const told: string[] = [];
    expect(await whoami(world, asset, { progress: (text) => told.push(text) })).toBe('root');
    expect(told).toContain('Going through gate.');
    expect(world.hostKeys.map((each) => each.assetId)).toEqual([gate.id, jump.id, asset.id]);
    const passed = world.audit
      .filter((row) => row.action === 'asset.pass')
      .map((row) => [row.target?.name, row.details]);
    expect(passed.slice(-2)).toEqual([
      ['gate', { account: 'root', to: 'db1' }],
      ['jump1', { account: 'root', to: 'db1' }],
    ]);
    // the target sees the inner jump machine's connection, and everything is closed afterwards
    expect(target.log()).toContain('Accepted publickey for root');
  });

  it('finds a circle', async () => {
    const world = new World();
    const a = world.asset('a', 22);
    const b = world.asset('b', 22, { viaId: a.id });
    world.assets[0] = { ...a, viaId: b.id };
    await expect(whoami(world, b)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('says when a jump asset has no account, is off, or cannot go on', async () => {
    const world = new World();
    const jump = world.asset('jump1', (await sshd()).port);
    const asset = world.asset('db1', await freePort(), { viaId: jump.id });
    await expect(whoami(world, asset)).rejects.toMatchObject({ code: 'no_account' });
    world.account(jump, 'root', { key: key.privateKey });
    await expect(whoami(world, asset)).rejects.toSatisfy(
      (error: AppError) => error.code === 'target_refused' && /jump1 cannot connect to db1/.test(error.message),
    );
    const closed = world.asset('jump2', (await sshd({ config: ['AllowTcpForwarding no'] })).port);
    world.account(closed, 'root', { key: key.privateKey });
    await expect(whoami(world, world.asset('db2', 22, { viaId: closed.id }))).rejects.toThrow(/AllowTcpForwarding/);
    world.assets[0] = { ...jump, active: false };
    await expect(whoami(world, asset)).rejects.toThrow(/switched off/);
  });
});

describe('what a person can act on', () => {
  const failing = async (
    port: number,
    extra: Partial<Asset> = {},
    options: { timeout?: number; signal?: AbortSignal } = {},
  ) => {
    const world = new World();
    if (options.timeout) world.connectTimeout = options.timeout;
    const asset = world.asset('web1', port, extra);
    return whoami(world, asset, options.signal ? { signal: options.signal } : {}).then(
      () => {
        throw new Error('it connected');
      },
      (error: AppError) => error,
    );
  };

  it('refused', async () => {
    expect(await failing(await freePort())).toMatchObject({ code: 'target_refused' });
  });

  it('a name that does not exist', async () => {
    const error = await failing(22, { address: 'no-such-host.invalid' });
    expect(error).toMatchObject({ code: 'target_name' });
    expect(error.message).toContain('no-such-host.invalid');
  });

  it('no route', async () => {
    // 240/4 is reserved: the kernel refuses to send there or a router says unreachable
    const error = await failing(22, { address: '255.255.255.255' });
    expect(error).toMatchObject({ code: expect.stringMatching(/target_(unreachable|closed)/) });
  });

  it('silence, from the first byte on and in the middle of the handshake', async () => {
    expect(await failing(await tcp(() => {}), {}, { timeout: 200 })).toMatchObject({ code: 'target_timeout' });
    const stuck = await tcp((socket) => void socket.write('SSH-2.0-stuck\r\n'));
    expect(await failing(stuck, {}, { timeout: 200 })).toMatchObject({ code: 'target_timeout' });
  });

  it('something that is not SSH', async () => {
    const http = await tcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n'));
    expect((await failing(http)).message).toContain('not an SSH server');
    const noise = await tcp((socket) => void socket.write(Buffer.alloc(200_000, 'x')));
    expect(await failing(noise)).toMatchObject({ code: 'target_protocol' });
  });

  it('a server that hangs up at once', async () => {
    expect(await failing(await tcp((socket) => socket.destroy()))).toMatchObject({ code: 'target_closed' });
    expect(await failing(await tcp((socket) => socket.end()))).toMatchObject({ code: 'target_closed' });
  });

  it('an SSH server that has too many connections', async () => {
    const busy = await tcp((socket) => socket.end('Exceeded MaxStartups\r\n'));
    expect(await failing(busy)).toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('MaxStartups'),
    });
  });

  it('nothing when only one of the addresses of a name answers', async () => {
    const world = new World();
    // ::1 and 127.0.0.1; the server listens on the second alone
    const asset = world.asset('web1', (await sshd()).port, { address: 'localhost' });
    expect(await whoami(world, asset)).toBe('root');
  });

  it('garbage instead of a key exchange', async () => {
    const port = await tcp((socket) => void socket.write(`SSH-2.0-x\r\n${'A'.repeat(5000)}`));
    expect(await failing(port)).toMatchObject({ code: 'target_protocol' });
  });

  it('gives up when told to, with the reason it was told', async () => {
    const control = new AbortController();
    const port = await tcp(() => control.abort(new AppError('shutting_down', 'The bastion stops.')));
    expect(await failing(port, {}, { signal: control.signal })).toMatchObject({ code: 'shutting_down' });
  });
});
