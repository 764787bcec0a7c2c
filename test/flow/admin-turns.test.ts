import { expect, it } from 'vitest';
import { startBastion } from '../kit/bastion.ts';

it('lets commands at once on a stopped daemon wait for each other', async () => {
  await using bastion = await startBastion();
  await bastion.stop();
  const names = ['a', 'b', 'c', 'd'];
  const results = await Promise.all(names.map((name) => bastion.cli(['group', 'add', name])));
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(names.map(() => ({ code: 0, stderr: '' })));
  const groups = await bastion.json<{ name: string }[]>(['group', 'list']);
  expect(groups.map(({ name }) => name).sort()).toEqual(names);
});
