import { once } from 'node:events';
import type { Connection } from 'ssh2';
import { expect, onTestFinished, test } from 'vitest';
import { createAccess } from '../../src/access/authorize.ts';
import { decide } from '../../src/access/decide.ts';
import type { Grant, Limits } from '../../src/access/grant.ts';
import { parseAuthorizedOptions } from '../../src/auth/authorized-options.ts';
import { Identity } from '../../src/auth/identity.ts';
import { userKeyFrom } from '../../src/auth/links.ts';
import { parsePublicKeyLine } from '../../src/auth/public-key-line.ts';
import { configSchema } from '../../src/config/schema.ts';
import { ForwardedAgent } from '../../src/gateways/ssh/agent.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { Store } from '../../src/store/store.ts';
import { createHostKeyGuard } from '../../src/targets/host-keys.ts';
import { createLocalConnector } from '../../src/targets/pty-local.ts';
import { StandingClock } from '../kit/clock.ts';
import { connectClient, exec, openExec } from '../kit/raw-ssh.ts';
import { accountRow, assetRow, userRow } from '../kit/rows.ts';
import { blobOf, Keys, openRoom, proofOf, wire } from './auth-support.ts';
import { PASSWORD, World } from './gateway-kit.ts';
import { FakeClient, grant, house, openOptions } from './session-kit.ts';
import { actor, draft, newAccount, newAsset, newPermission, newUser, T0, testStore } from './store-kit.ts';

/** Guards behind other guards, which no client can reach by itself. */

async function aliceOnWeb1() {
  const clock = new StandingClock(T0);
  const store: Store = await testStore({ clock });
  const user = await store.users.create(newUser('alice'), draft('x'));
  const asset = await store.assets.create(newAsset('web1'), draft('x'));
  const account = await store.accounts.create(newAccount(asset.id, 'root', { secretKind: 'none' }), draft('x'));
  const secret = { secretKind: 'password', secret: Buffer.from('sealed') } as const;
  await store.accounts.update(account.id, secret, draft('x'));
  await store.permissions.create(newPermission('ops', { users: ['alice'], assets: ['web1'] }), draft('x'));
  const factors = { password: false, publicKey: null, certificate: null, totp: 'none', token: false } as const;
  const who = Identity.bind(user, factors, { ip: '192.0.2.7', via: 'ssh' }, null, T0);
  const access = createAccess({ store, config: configSchema.parse({}), clock, log: silentLog() });
  return { store, access, who, asset, account, secret };
}

test('a destination comes with a forwarded connection, and with nothing else', async () => {
  const { access, who } = await aliceOnWeb1();
  const to = { kind: 'tcp', host: 'localhost', port: 80 } as const;
  await expect(access.authorize({ who, asset: 'web1', use: 'exec', to } as never)).rejects.toMatchObject({
    code: 'internal',
  });
  await expect(access.authorize({ who, asset: 'web1', use: 'forward' } as never)).rejects.toMatchObject({
    code: 'internal',
  });
});

test('an account that took the place of another one of that login is not the one a grant was for', async () => {
  const { store, access, who, asset, account, secret } = await aliceOnWeb1();
  const decision = await access.authorize({ who, asset: 'web1', use: 'shell' });
  if (decision.kind !== 'allow') throw new Error(JSON.stringify(decision));
  expect(await access.recheck(decision.grant)).toMatchObject({ ok: true });
  await store.accounts.remove(account.id, draft('x'));
  await store.accounts.create(newAccount(asset.id, 'root', secret), draft('x'));
  expect(await access.recheck(decision.grant)).toEqual({ ok: false, cause: 'revoked' });
});

test('connecting by one account is no right to another one, for which there is only the right to upload', () => {
  const asset = assetRow();
  const accounts = [accountRow(asset, 'deploy'), accountRow(asset, 'root')];
  const permission = (login: string, action: 'connect' | 'upload') => ({
    ...newPermission(login, { users: ['alice'], assets: [asset.name], accounts: [login], actions: [action] }),
    createdAt: 0,
    version: 1,
  });
  const facts = {
    user: userRow(),
    groups: [],
    permissions: [permission('deploy', 'connect'), permission('root', 'upload')],
    asset,
    accounts,
    key: null,
    now: T0,
  };
  const ask = (account: string) => decide(facts, { userName: 'alice', asset: asset.name, use: 'shell', account });
  expect(ask('deploy')).toMatchObject({ kind: 'allow' });
  expect(ask('root')).toMatchObject({ kind: 'deny', code: 'no_account' });
});

test('a grant opens what it was minted for, and nothing else', async () => {
  const { registry, targets } = await house();
  const forSftp = registry.open(grant({}, 'exec'), new FakeClient(), {
    ...openOptions(),
    pty: undefined,
    program: { kind: 'subsystem', name: 'sftp' },
  });
  await expect(forSftp).rejects.toMatchObject({ code: 'forbidden' });
  const forShell = registry.open(grant({}, 'files'), new FakeClient(), openOptions());
  await expect(forShell).rejects.toMatchObject({ code: 'forbidden' });
  expect(targets).toEqual([]);
});

test('a session that is locked while it is dialled is locked when it stands', async () => {
  let connect = () => {};
  let arrived = () => {};
  const dialling = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { registry, open, targets } = await house({
    dial: (target) => {
      arrived();
      return new Promise((resolve) => {
        connect = () => resolve(target);
      });
    },
  });
  const opening = open();
  await dialling;
  registry.live()[0]!.lock('eve');
  connect();
  const { client } = await opening;
  client.sink.data(Buffer.from('reboot\r'));
  expect(targets[0]!.received).toEqual([]);
});

test('nothing begins on a connection that is ending', async () => {
  await using world = await World.start();
  using client = await connectClient(world.port, { username: 'alice@web1', password: PASSWORD });
  const channel = await openExec(client, 'cat');
  const closed = once(channel.resume(), 'close');
  world.stands = false;
  world.changed.emit();
  await closed;
  await expect(exec(client, 'exit 3')).rejects.toThrow(/access was ended/);
  expect(world.requests).toHaveLength(1);
});

test('a ticket is for one session of its use, and nothing is forwarded for it', async () => {
  await using world = await World.start();
  using client = await connectClient(world.port, { username: 'ticket-shell', password: PASSWORD });
  const forwarded = new Promise((_resolve, reject) => client.forwardOut('127.0.0.1', 1, 'web1', 22, reject));
  await expect(forwarded).rejects.toThrow(/ticket is for one session/);
  await openExec(client, 'cat');
  await expect(exec(client, 'exit 3')).rejects.toThrow(/ticket is for one session/);
  using other = await connectClient(world.port, { username: 'ticket-files', password: PASSWORD });
  expect(await exec(other, 'exit 3')).toMatchObject({ code: 254, err: expect.stringContaining('for use files') });
  expect(world.requests).toHaveLength(1);
});

test('a transfer over exec that stands still ends when its right goes', async () => {
  const { open } = await house();
  const right = grant({ actions: new Set(['connect', 'upload']) }, 'exec');
  const { session, target } = await open({ pty: undefined, command: 'scp -t /srv', grant: right });
  const live = session as unknown as { replaceLimits(limits: Limits): void };
  live.replaceLimits({ ...session.grant.limits, actions: new Set(['connect']) });
  expect(await session.ended).toMatchObject({ cause: 'revoked' });
  expect(target.received).toEqual([]);
});

test('the agent is not asked for who came with a key that forbids it', async () => {
  const { restrictions } = parseAuthorizedOptions('no-agent-forwarding');
  const factors = { password: false, publicKey: 'x', certificate: null, totp: 'none', token: false } as const;
  const who = Identity.bind(userRow(), factors, { ip: '192.0.2.7', via: 'ssh' }, restrictions, T0);
  const agent = new ForwardedAgent({} as Connection, who);
  expect(agent.ask()).toBe(false);
  await expect(agent.open!()).rejects.toMatchObject({ code: 'target_auth' });
});

test('a key is exempt from codes only while it says from where', async () => {
  const room = await openRoom({ totp: 'required' });
  const keys = new Keys();
  onTestFinished(async () => {
    await room.close();
    keys.remove();
  });
  const line = await keys.make('key', 'ed25519');
  const alice = await room.user('alice');
  const key = userKeyFrom(parsePublicKeyLine(line), alice.id, false, room.clock.now());
  await room.store.keys.add({ ...key, totpExempt: true }, draft('x'));
  const proof = proofOf(keys.text('key'), blobOf(line), 'ssh-ed25519');
  const login = room.auth.beginLogin({ ip: '192.0.2.7', via: 'ssh' });
  expect(await login.publicKey('alice', proof)).toMatchObject({ kind: 'more' });
});

test('a key is no proof without its signature', async () => {
  const room = await openRoom();
  const keys = new Keys();
  onTestFinished(async () => {
    await room.close();
    keys.remove();
  });
  const line = await keys.make('key', 'ed25519');
  const alice = await room.user('alice');
  await room.addKey(alice, line);
  const proof = proofOf(keys.text('key'), blobOf(line), 'ssh-ed25519');
  const login = room.auth.beginLogin({ ip: '192.0.2.7', via: 'ssh' });
  const other = { ...proof, signedData: Buffer.from('another request') };
  expect(await login.publicKey('alice', other)).toMatchObject({ kind: 'no' });
  expect(await login.publicKey('alice', proof)).toMatchObject({ kind: 'done' });
});

test('a host key of another type than the pinned one is refused like any other', async () => {
  const { store, asset } = await aliceOnWeb1();
  const deps = { store, clock: new StandingClock(T0), log: silentLog() };
  const machine = { asset, endpoint: '192.0.2.1:22' };
  const shown = async (type: string) => {
    const guard = await createHostKeyGuard(deps, machine, actor, undefined);
    const accepted = await new Promise<boolean>((resolve) => guard.check(wire(type, 'a key'), resolve));
    return { accepted, code: guard.refusal?.code };
  };
  expect(await shown('ssh-ed25519')).toEqual({ accepted: true, code: undefined });
  expect(await shown('ecdsa-sha2-nistp256')).toEqual({ accepted: false, code: 'host_key_changed' });
  expect(await shown('ssh-ed25519')).toEqual({ accepted: true, code: undefined });
});

test('a shell on the bastion itself is started with a grant for one', async () => {
  const connector = createLocalConnector();
  const request = { pty: undefined, program: { kind: 'exec', command: 'true' }, env: [], shareKey: {} } as const;
  const { signal } = new AbortController();
  for (const wrong of [grant(), { ...grant(), protocol: 'local' } as Grant])
    await expect(connector.open(wrong, request, signal)).rejects.toMatchObject({ code: 'internal' });
});
