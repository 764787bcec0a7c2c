import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Client } from '../../src/sdk/client.ts';
import type { Registry } from '../../src/session/types.ts';
import type { Action } from '../../src/store/model.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { FakeClient, grant, openOptions, house as sessionHouse } from './session-kit.ts';

let registry: Registry | undefined;
let house: ApiHouse;
let admin: Client;
let alice: Client;
let bob: Client;

beforeAll(async () => {
  const live = {
    get: (id) => registry?.get(id),
    get shares() {
      return registry!.shares;
    },
  } as Partial<Registry> as Registry;
  house = await openApiHouse({ registry: live, webAddress: () => 'https://bastion.example' });
  admin = (await house.person('edith', 'admin')).client;
  alice = (await house.person('alice', 'user')).client;
  bob = (await house.person('bob', 'user')).client;
});
afterAll(() => house[Symbol.asyncDispose]());

/** A live session of alice, who may do this with it. */
async function session(actions: Action[] = ['connect', 'share']): Promise<string> {
  const sessions = await sessionHouse({ store: house.store, data: house.data });
  registry = sessions.registry;
  onTestFinished(() => sessions.registry.shutdown(0));
  const { id } = await admin.users.show({ name: 'alice' });
  const held = grant({ actions: new Set(actions) }, 'shell', id);
  return (await registry.open(held, new FakeClient(), openOptions())).id;
}

test('one’s own session is shared, listed and taken back; the token is told once', async () => {
  const id = await session();
  const { share, token, url } = await alice.shares.add({ id, write: true, users: ['bob'], minutes: 5 });
  expect(url).toBe(`https://bastion.example/share#${token}`);
  expect(share).toMatchObject({ session: id, write: true, users: ['bob'], createdBy: 'alice' });
  expect(Date.parse(share.expiresAt) - Date.parse(share.createdAt)).toBeCloseTo(300_000, -3);
  const listed = await alice.shares.list({ id });
  expect(listed).toEqual([share]);
  expect(JSON.stringify(listed)).not.toContain(token);
  expect(await bob.shares.show({ token })).toMatchObject({ session: id, asset: 'web1', account: 'root', write: true });
  await alice.shares.remove({ id: share.id });
  await expect(bob.shares.show({ token })).rejects.toMatchObject({ status: 404 });
  expect(await alice.shares.list({ id })).toEqual([]);
});

test('others’ sessions and links are none, but for who may control all of them, who still shares none', async () => {
  const id = await session();
  const { share, token } = await alice.shares.add({ id, users: ['edith'] });
  const missing = bob.shares.list({ id: '01k8h4qj5n9w7c2v6x0y3zabcd' });
  await expect(missing).rejects.toMatchObject({ status: 404 });
  for (const call of [
    () => bob.shares.list({ id }),
    () => bob.shares.add({ id }),
    () => bob.shares.remove({ id: share.id }),
    () => bob.shares.show({ token }),
    () => bob.shares.show({ token: 'bsh_x' }),
    () => house.owner.shares.show({ token }),
  ]) {
    await expect(call()).rejects.toMatchObject({ status: 404 });
  }
  expect(await admin.shares.list({ id })).toEqual([share]);
  await expect(admin.shares.add({ id })).rejects.toMatchObject({ status: 403 });
  await expect(house.owner.shares.add({ id })).rejects.toMatchObject({ status: 403 });
  await admin.shares.remove({ id: share.id });
  expect(await house.owner.shares.list({ id })).toEqual([]);
});

test('without the action share nothing is shared, nor with people who do not exist', async () => {
  const without = await session(['connect']);
  await expect(alice.shares.add({ id: without })).rejects.toMatchObject({ status: 403 });
  const id = await session();
  await expect(alice.shares.add({ id, users: ['nobody'] })).rejects.toMatchObject({ status: 404 });
  await expect(alice.shares.add({ id, minutes: 0 })).rejects.toMatchObject({ status: 400 });
  expect(await alice.shares.list({ id })).toEqual([]);
});
