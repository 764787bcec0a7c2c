import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { GrantCheck } from '../../src/access/access.ts';
import type { Grant } from '../../src/access/grant.ts';
import { systemActor } from '../../src/auth/actor.ts';
import { grant, house } from './session-kit.ts';

/** A permission that is best-effort until it is told otherwise. */
function permission() {
  let record: 'required' | 'best-effort' = 'best-effort';
  return {
    require() {
      record = 'required';
    },
    recheck: async (held: Grant): Promise<GrantCheck> => ({ ok: true, limits: { ...held.limits, record } }),
  };
}

const change = { actor: systemActor(), action: 'x', outcome: 'ok', target: null, reason: null, details: null } as const;

test('a session that runs unrecorded ends when its permission comes to require a recording', async () => {
  const { require, recheck } = permission();
  const { open, store, data } = await house({ recheck });
  rmSync(join(data, 'spool'), { recursive: true });
  const { session, client } = await open({ grant: grant({ record: 'best-effort' }) });
  expect(session.row().recording).toBe('none');
  require();
  await store.groups.create({ id: 'g' as never, name: 'any change', comment: '' }, change);
  expect(await session.ended).toMatchObject({ cause: 'recording-failed' });
  expect(client.shown).toContain('must be recorded');
});

test('one that is recorded goes on', async () => {
  const { require, recheck } = permission();
  const { open, store, registry } = await house({ recheck });
  const { session } = await open({ grant: grant({ record: 'best-effort' }) });
  require();
  await store.groups.create({ id: 'g' as never, name: 'any change', comment: '' }, change);
  await new Promise<void>((resolve) => {
    const off = store.onAccessChanged(() => {
      off();
      resolve();
    });
    void store.groups.create({ id: 'h' as never, name: 'another change', comment: '' }, change);
  });
  expect(registry.get(session.id)).toBe(session);
});
