import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, type House, startHouse } from '../kit/house.ts';
import { eventually, finished, run, seen, start } from '../kit/process.ts';
import { type KeyPair, makeKey, TEST_USER } from '../kit/sshd.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse();
  await house.api.permissions.remove({ name: 'alice' });
});
afterAll(() => house?.[Symbol.asyncDispose]());

interface Scene {
  /** Of everything the scene made. */
  readonly name: string;
  readonly key: KeyPair;
}

/** Every way in which somebody loses what a session rests on. */
const CHANGES: readonly (readonly [string, (scene: Scene) => Promise<unknown>])[] = [
  ['the permission is removed', ({ name }) => house.api.permissions.remove({ name })],
  ['the permission is made inactive', ({ name }) => house.api.permissions.set({ name, active: false })],
  ['the permission loses the account', ({ name }) => house.api.permissions.set({ name, accounts: ['other'] })],
  ['the permission loses the action', ({ name }) => house.api.permissions.set({ name, actions: ['upload'] })],
  ['the permission ends now', ({ name }) => house.api.permissions.set({ name, until: new Date().toISOString() })],
  ['the permission loses the protocol', ({ name }) => house.api.permissions.set({ name, protocols: ['vnc'] })],
  ['the user is disabled', ({ name }) => house.api.users.disable({ name })],
  ['the user expires', ({ name }) => house.api.users.set({ name, validUntil: new Date().toISOString() })],
  ['the user is removed', ({ name }) => house.api.users.remove({ name })],
  [
    'the key is removed',
    async ({ name, key }) => {
      const [, fingerprint] = (await run('ssh-keygen', ['-lf', `${key.file}.pub`])).stdout.split(' ');
      return house.api.keys.remove({ name, fingerprint: fingerprint! });
    },
  ],
  ['the user leaves the group', ({ name }) => house.api.groups.leave({ name, users: [name] })],
  ['the group is removed', ({ name }) => house.api.groups.remove({ name })],
  ['the account is removed', ({ name }) => house.api.accounts.remove({ asset: name, login: TEST_USER.name })],
  [
    'the account is made inactive',
    ({ name }) => house.api.accounts.set({ asset: name, login: TEST_USER.name, active: false }),
  ],
  ['the asset is made inactive', ({ name }) => house.api.assets.set({ name, active: false })],
  ['the asset is removed', ({ name }) => house.api.assets.remove({ name })],
  ['the asset moves to another folder', ({ name }) => house.api.assets.set({ name, folder: '/elsewhere' })],
  ['the folder moves', ({ name }) => house.api.folders.move({ path: `/made/${name}`, to: `/moved/${name}` })],
];

/** A user in a group, an asset in a folder, and a permission between group and folder. */
async function makeScene(name: string): Promise<Scene> {
  const key = await makeKey(house.dir, name);
  await house.api.users.add({ name, keys: [key.publicKey] });
  await addTarget(house, name, house.sshd, { folder: `/made/${name}` });
  await house.api.groups.add({ name });
  await house.api.groups.join({ name, users: [name] });
  await house.api.permissions.add({
    name,
    groups: [name],
    folders: name.startsWith('folder') ? [`/made`] : [`/made/${name}`],
    accounts: [TEST_USER.name],
  });
  return { name, key };
}

const COMMAND = 'echo up; exec sleep 300';

test.for(CHANGES.map(([what, change], index) => ({ what, change, index })))(
  '$what: the session ends within a second',
  async ({ what, change, index }) => {
    const scene = await makeScene(`${what === 'the folder moves' ? 'folder' : 'user'}${index}`);
    const child = start('ssh', [...house.bastion.sshArgs(`${scene.name}@${scene.name}`, scene.key.file), COMMAND]);
    const end = finished(child);
    await seen(child.stdout!, /up\n/);
    const row = await house.live(({ user }) => user === scene.name);

    const changed = performance.now();
    await change(scene);
    const { code, stderr } = await end;
    const took = performance.now() - changed;
    // the promise is one second; the rest is for a busy test machine
    expect(took).toBeLessThan(2000);
    expect(code).toBe(254);
    expect(stderr).toMatch(/Your access (to \S+ was withdrawn|was ended)/);
    const settled = await house.settled(row.id);
    expect(settled).toMatchObject({ state: 'ended', endCause: 'revoked', recording: 'ready' });
  },
);

test('changes that concern others leave a session alone, and one that still allows it too', async () => {
  const scene = await makeScene('bystander');
  const child = start('ssh', [...house.bastion.sshArgs(`${scene.name}@${scene.name}`, scene.key.file), 'echo up; cat']);
  const end = finished(child);
  await seen(child.stdout!, /up\n/);
  const row = await house.live(({ user }) => user === scene.name);

  const other = await makeScene('other');
  await house.api.permissions.add({ name: 'second', users: [scene.name], assets: [scene.name], accounts: ['@all'] });
  await house.api.permissions.remove({ name: other.name });
  await house.api.users.remove({ name: other.name });
  await house.api.assets.remove({ name: other.name });
  // another permission still allows it
  await house.api.permissions.remove({ name: scene.name });
  await house.api.assets.set({ name: scene.name, comment: 'changed' });
  // this one ends after all of the above were judged
  const loser = await makeScene('loser');
  const losing = start('ssh', [...house.bastion.sshArgs('loser@loser', loser.key.file), COMMAND]);
  const lost = finished(losing);
  await seen(losing.stdout!, /up\n/);
  await house.api.users.disable({ name: 'loser' });
  expect((await lost).code).toBe(254);

  expect(await house.api.sessions.show({ id: row.id })).toMatchObject({ state: 'live' });
  child.stdin!.end('still here\n');
  expect(await end).toMatchObject({ code: 0, stdout: 'up\nstill here\n' });
});

test('what the audit says about a revoked session: by the bastion, after the change', async () => {
  const scene = await makeScene('audited');
  const child = start('ssh', [...house.bastion.sshArgs('audited@audited', scene.key.file), COMMAND]);
  const end = finished(child);
  await seen(child.stdout!, /up\n/);
  const row = await house.live(({ user }) => user === 'audited');
  await house.api.permissions.remove({ name: 'audited' });
  await end;
  const rows = await eventually('the end in the audit', async () => {
    const found = await house.audit({ action: 'session.end' });
    return found.some(({ target }) => target?.id === row.id) ? found : undefined;
  });
  const told = rows.find(({ target }) => target?.id === row.id)!;
  expect(told).toMatchObject({ actor: { kind: 'system' }, reason: 'revoked', details: { cause: 'revoked' } });
  const [removal] = await house.audit({ action: 'permission.remove', target: 'audited' });
  expect(removal!.at <= told.at).toBe(true);
});
