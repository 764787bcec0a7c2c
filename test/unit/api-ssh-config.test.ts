import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReachableEntry } from '../../src/access/access.ts';
import { sshConfigOf } from '../../src/api/handlers/ssh-config-text.ts';
import { assetRow } from '../kit/rows.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

const choice = (name: string) => ({ name, login: name === '@input' ? null : name });
const entry = (name: string, accounts: string[], folder = '/', address = '10.0.0.5'): ReachableEntry => ({
  asset: { ...assetRow({ name }), folder, address },
  accounts: accounts.map(choice),
});
const of = (entries: readonly ReachableEntry[], over: object = {}) =>
  sshConfigOf({
    user: 'alice',
    host: 'b.example.com',
    port: 2222,
    hostKeys: ['ssh-ed25519 AAAAkey'],
    authority: 'ssh-ed25519 AAAAca bastion-host-ca',
    entries,
    ...over,
  });

describe('the texts', () => {
  it('name what is there, the account named like the user first', () => {
    const { config, assets } = of([entry('web1', ['alice', 'deploy', 'root'])]);
    expect(config).toContain(
      '# accounts: alice, deploy, root\nHost web1\n  HostName web1\n  ProxyJump bastion\n  User alice\n',
    );
    expect(assets[0]).toMatchObject({ account: 'alice', accounts: ['alice', 'deploy', 'root'] });
    expect(of([entry('web1', ['deploy', 'root'])]).assets[0]!.account).toBe('deploy');
    expect(of([entry('web1', ['@input'])]).config).toContain('  User "@input"'.replaceAll('"', ''));
  });

  it('call an asset by its id where its name means something to OpenSSH', () => {
    for (const name of ['a*b', 'x?', '-oProxyCommand=id', 'a,b', "a'b", '$(id)', '%h', 'a\\b', '!x', '"q"']) {
      const { assets, config, knownHosts } = of([entry(name, ['root'])]);
      const [asset] = assets;
      expect(asset!.hostName).toMatch(/^[0-9a-z]{26}$/);
      expect(asset!.alias).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u);
      expect(config).toContain(`# ${name}\n`);
      expect(knownHosts).toContain(`@cert-authority ${asset!.hostName},10.0.0.5 `);
    }
  });

  it('give no two hosts one name', () => {
    const { assets, bastion } = of([entry('bastion', ['root']), entry('a*b', ['root']), entry('a?b', ['root'])]);
    expect(bastion.alias).toBe('bastion-jump');
    expect(assets.map(({ alias }) => alias)).toEqual(['bastion', 'a-b', 'a-b-2']);
  });

  it('quote accounts, and leave out those that no file can name', () => {
    const { config, assets } = of([entry('a', ['DOM\\my user']), entry('b', ['50%']), entry('c', [`${'$'}{HOME}`])]);
    expect(config).toContain('  User "DOM\\\\my user"\n');
    expect(assets.map(({ account }) => account)).toEqual(['DOM\\my user', null, null]);
    expect(config.match(/# say the account: /g)).toHaveLength(2);
  });

  it('say so where nobody knows how the bastion is reached', () => {
    const { config, knownHosts } = of([entry('web1', ['root'])], { host: null });
    expect(config).toMatch(/# write the host name of the bastion here.*\n {2}HostName BASTION-HOST-NAME\n/);
    expect(knownHosts).toContain('[BASTION-HOST-NAME]:2222 ssh-ed25519 AAAAkey\n');
  });

  it('need no brackets for port 22, and never let this machine be an asset', () => {
    const loops = ['127.0.0.1', 'localhost', '::1', '0.0.0.0'].map((at, i) => entry(`w${i}`, ['root'], '/', at));
    const { knownHosts } = of([...loops, entry('six', ['root'], '/', '2001:DB8::5')], { port: 22 });
    expect(knownHosts).toBe(
      'b.example.com ssh-ed25519 AAAAkey\n@cert-authority w0,w1,w2,w3,six,2001:db8::5 ssh-ed25519 AAAAca bastion-host-ca\n',
    );
  });

  it('are comments alone where nothing is reached', () => {
    const { config, knownHosts } = of([]);
    expect(config).toContain('# alice reaches no asset over SSH yet.\n');
    expect(knownHosts).not.toContain('@cert-authority');
  });
});

describe('who may see them', () => {
  let house: ApiHouse;
  beforeAll(async () => {
    house = await openApiHouse();
    await house.owner.assets.add({ name: 'web1', address: '10.0.0.1', protocols: [{ name: 'ssh' }] });
    await house.owner.accounts.add({ asset: 'web1', login: 'root', password: 'x' });
    for (const name of ['ann', 'bob']) await house.person(name, 'user');
    await house.owner.permissions.add({ name: 'p', users: ['ann'], assets: ['web1'], accounts: ['@all'] });
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('people their own, administrators everybody’s', async () => {
    const { client: ann } = await house.person('ann2', 'user');
    const { client: admin } = await house.person('root-ann', 'admin');
    expect((await ann.sshConfig.show({ name: 'ANN2' })).assets).toEqual([]);
    await expect(ann.sshConfig.show({ name: 'ann' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(ann.sshConfig.show({ name: 'nobody' })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await admin.sshConfig.show({ name: 'ann' })).assets).toMatchObject([{ name: 'web1', account: 'root' }]);
    expect((await house.owner.sshConfig.show({ name: 'bob' })).assets).toEqual([]);
    await house.owner.users.disable({ name: 'ann' });
    expect((await house.owner.sshConfig.show({ name: 'ann' })).assets).toEqual([]);
  });

  it('a host that is none is refused', async () => {
    for (const host of ['a b', 'a,b', '*', 'x\ny', 'a"b', "a'b", '#'])
      await expect(house.owner.sshConfig.show({ name: 'bob', host })).rejects.toMatchObject({ code: 'invalid' });
  });
});
