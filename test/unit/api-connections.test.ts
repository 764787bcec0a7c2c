import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientLines } from '../../src/api/handlers/client-lines.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { Client } from '../../src/sdk/client.ts';
import { run } from '../kit/process.ts';
import { assetRow } from '../kit/rows.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKBG+xPiu4Ezq6sdR8n+nL9PWGm/YAyj5IIXnyLbbOCf';

let house: ApiHouse;
/** How the configuration says people reach the bastion. */
let reachedAs: string | undefined;
let alice: Client;
beforeEach(async () => {
  reachedAs = 'bastion.example';
  const sshDoor = {
    get host() {
      return reachedAs;
    },
    port: 2222,
    hostKeys: async () => [HOST_KEY],
  };
  house = await openApiHouse({ sshDoor });
  alice = (await house.person('alice', 'user')).client;
  const { owner } = house;
  await owner.assets.add({
    name: 'web1',
    address: '192.0.2.1',
    folder: '/prod',
    labels: { env: 'live' },
    protocols: [{ name: 'ssh' }, { name: 'telnet' }],
  });
  await owner.assets.add({ name: 'sw1', address: '192.0.2.2', platform: 'network', protocols: [{ name: 'telnet' }] });
  await owner.assets.add({ name: 'hidden', address: '192.0.2.3' });
  for (const [asset, login] of [
    ['web1', 'deploy'],
    ['web1', 'root'],
    ['sw1', 'admin'],
    ['hidden', 'root'],
  ] as const)
    await owner.accounts.add({ asset, login, password: 'x' });
});
afterEach(() => house[Symbol.asyncDispose]());

async function permit(name: string, more: object): Promise<void> {
  await house.owner.permissions.add({ name, users: ['alice'], accounts: ['@all'], ...more });
}

describe('POST /connections', () => {
  it('answers a ticket, a choice, or what has to be typed; a denial is written down', async () => {
    await permit('all', { assets: ['web1', 'sw1'] });
    expect(await alice.connections.open({ asset: 'web1' })).toEqual({
      state: 'choose',
      asset: 'web1',
      protocol: 'ssh',
      accounts: ['deploy', 'root'],
    });
    const made = await alice.connections.open({ asset: 'WEB1', account: 'root' });
    expect(made).toMatchObject({ state: 'ticket', asset: 'web1', account: 'root', protocol: 'ssh', input: null });
    if (made.state !== 'ticket') throw new Error();
    expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    const [row] = (await house.owner.audit.list({ action: 'connection.ticket' })).items;
    expect(row).toMatchObject({ actor: { name: 'alice' }, target: { name: 'web1' }, outcome: 'ok' });
    // nothing was allowed yet
    expect((await house.owner.audit.list({ action: 'access.allow' })).items).toEqual([]);

    for (const wish of [{ asset: 'hidden' }, { asset: 'nothing' }])
      await expect(alice.connections.open(wish)).rejects.toMatchObject({ code: 'no_permission' });
    await expect(alice.connections.open({ asset: 'sw1', use: 'files' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(alice.connections.open({ asset: 'web1', account: 'bob' })).rejects.toMatchObject({
      code: 'no_account',
    });
    expect((await house.owner.audit.list({ action: 'access.deny' })).items).toHaveLength(4);
  });

  it('says what has to be typed for @input', async () => {
    await permit('typed', { assets: ['web1'], accounts: ['@input'] });
    expect(await alice.connections.open({ asset: 'web1' })).toMatchObject({
      account: '@input',
      input: { login: null },
    });
    expect(await alice.connections.open({ asset: 'web1', account: 'bob' })).toMatchObject({
      account: 'bob',
      input: { login: 'bob' },
    });
  });

  it('is for people; the ticket is bound to the token that asked', async () => {
    await permit('all', { assets: ['sw1'] });
    await expect(house.owner.connections.open({ asset: 'sw1' })).rejects.toMatchObject({ code: 'invalid' });
    const made = await alice.connections.open({ asset: 'sw1' });
    if (made.state !== 'ticket') throw new Error();
    const other = (await house.owner.tokens.add({ user: 'alice' })).secret;
    const who = (await house.authenticator.bearer(Secret.of(other), { ip: '192.0.2.9' }))!;
    await expect(house.authenticator.tickets.redeem(Secret.of(made.ticket), who)).rejects.toMatchObject({
      code: 'expired',
    });
  });
});

describe('GET /me/assets', () => {
  it('is what one may reach, with the accounts of each protocol and the actions of each account', async () => {
    expect(await alice.me.assets()).toEqual([]);
    await permit('look', { assets: ['web1'], accounts: ['deploy'], protocols: ['ssh'], actions: ['connect', 'copy'] });
    await permit('more', { folders: ['/prod'], accounts: ['deploy'], protocols: ['ssh'], actions: ['upload'] });
    await permit('switch', { assets: ['sw1'], accounts: ['@input'], actions: ['connect'] });
    expect(await alice.me.assets()).toMatchObject([
      {
        name: 'sw1',
        kind: 'device',
        protocols: [{ name: 'telnet', accounts: [{ name: '@input', actions: ['connect'] }] }],
      },
      {
        name: 'web1',
        address: '192.0.2.1',
        folder: '/prod',
        platform: 'linux',
        kind: 'host',
        labels: { env: 'live' },
        protocols: [{ name: 'ssh', accounts: [{ name: 'deploy', actions: ['connect', 'upload', 'copy'] }] }],
      },
    ]);
  });
});

describe('GET /me/client', () => {
  it('gives lines to copy and the keys to expect', async () => {
    await permit('all', { assets: ['web1', 'sw1'] });
    const lines = await alice.me.clientLines({ asset: 'web1', account: 'root' });
    expect(lines).toMatchObject({
      host: 'bastion.example',
      port: 2222,
      ssh: 'ssh -p 2222 alice@root@web1@bastion.example',
      sftp: 'sftp -P 2222 alice@root@web1@bastion.example',
      scpUpload: 'scp -P 2222 FILE alice@root@web1@bastion.example:PATH',
      scpDownload: 'scp -P 2222 alice@root@web1@bastion.example:PATH .',
    });
    expect(lines.config).toContain('Host web1\n  HostName web1\n  ProxyJump bastion\n  User root\n');
    expect(lines.knownHosts).toContain(`[bastion.example]:2222 ${HOST_KEY}`);
    expect(lines.hostKeys).toEqual([{ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) }]);
    const fingerprint = await run('ssh-keygen', ['-lf', '-'], { stdin: `${HOST_KEY}\n` });
    expect(fingerprint.stdout).toContain(lines.hostKeys[0]!.fingerprint);
  });

  it('names the bastion as the page was reached, where nothing is configured', async () => {
    await permit('all', { assets: ['sw1'] });
    const lines = (host?: string) => alice.me.clientLines({ asset: 'sw1', ...(host && { host }) });
    expect((await lines('door.example')).host).toBe('bastion.example');
    reachedAs = undefined;
    expect((await lines('[2001:db8::1]')).host).toBe('2001:db8::1');
    expect((await lines('door.example')).knownHosts).toContain(`[door.example]:2222 ${HOST_KEY}`);
    expect((await lines()).host).toBe('BASTION-HOST-NAME');
  });

  it('leaves out what a protocol has not, and names nothing one may not reach', async () => {
    await permit('all', { assets: ['web1', 'sw1'] });
    const lines = await alice.me.clientLines({ asset: 'sw1' });
    expect(lines.ssh).toBe('ssh -p 2222 alice@telnet@admin@sw1@bastion.example');
    expect([lines.sftp, lines.scpUpload, lines.scpDownload, lines.config]).toEqual(['', '', '', '']);
    for (const query of [{ asset: 'hidden' }, { asset: 'nothing' }, { asset: 'web1', account: 'bob' }])
      await expect(alice.me.clientLines(query)).rejects.toMatchObject({ code: 'not_found' });
    await expect(alice.me.clientLines({ asset: 'web1', host: 'x; rm -rf /' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('writes what is odd so that shells and clients read it as it is', async () => {
    const asset = assetRow({ name: 'web one', protocols: [{ name: 'ssh', port: 22 }] });
    const lines = clientLines({
      user: "o'neill",
      host: '2001:db8::1',
      port: 22,
      hostKeys: [HOST_KEY],
      authority: HOST_KEY,
      reachable: { asset, protocols: [{ name: 'ssh', accounts: [{ name: 'DOM\\bob@x', actions: ['connect'] }] }] },
      account: undefined,
    });
    expect(lines.ssh).toBe(`ssh 'o'\\''neill@DOM%5Cbob%40x@${asset.id}@2001:db8::1'`);
    expect(lines.scpUpload).toBe(`scp FILE 'o'\\''neill@DOM%5Cbob%40x@${asset.id}@[2001:db8::1]:PATH'`);
    const { stdout } = await run('bash', ['-c', `printf '%s\\n' ${lines.ssh}`]);
    expect(stdout).toBe(`ssh\no'neill@DOM%5Cbob%40x@${asset.id}@2001:db8::1\n`);
  });
});
