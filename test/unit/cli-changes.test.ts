import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, realData } from './cli-kit.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbGTfy5VYSSCTTDXKTK9YlTeZgRlZjCnZQ0XyKeNpVo alice@laptop';

test('none takes a date away: until when a user, a permission or a token holds', async () => {
  const { backend, store } = await realData();
  const run = async (...args: string[]) =>
    expect(await cli(backend, args), args.join(' ')).toMatchObject({ code: 0, stderr: '' });
  await run('user', 'add', 'alice', '--until', '+30d');
  await run('user', 'set', 'alice', '--until', 'none');
  expect((await store.users.byName('alice'))?.validUntil).toBeNull();
  await run('permission', 'add', 'p', '--user', 'alice', '--folder', '/', '--account', '@all', '--until', '+8h');
  await run('permission', 'set', 'p', '--until', 'none', '--from', 'none');
  expect(await store.permissions.byName('p')).toMatchObject({ from: null, until: null });
  await run('token', 'add', 'alice', '--until', 'none');
});

test('a permission keeps who and what: emptied it would silently allow nothing', async () => {
  const { backend, store } = await realData();
  await cli(backend, ['user', 'add', 'alice']);
  await cli(backend, ['permission', 'add', 'p', '--user', 'alice', '--folder', '/', '--account', '@all']);
  for (const what of ['users', 'folders']) {
    const result = await cli(backend, ['permission', 'set', 'p', '--clear', what]);
    expect(result, what).toMatchObject({ code: 2, stderr: expect.stringContaining('--inactive') });
  }
  expect(await store.permissions.byName('p')).toMatchObject({ users: ['alice'], folders: ['/'] });
  await cli(backend, ['user', 'remove', 'alice']);
  expect(await cli(backend, ['permission', 'set', 'p', '--comment', 'left']), 'other changes').toMatchObject({
    code: 0,
  });
  expect((await cli(backend, ['permission', 'list'])).stdout).toMatch(/^p +nobody +\/ /m);
});

test('every command says in its help what it does', async () => {
  const { backend } = await realData();
  const help = await cli(backend, ['asset', 'add', '--help']);
  expect(help.stdout).toContain('bastion asset add [options] <name>\n\nAdd an asset.\n');
});

test('the list of users shows what each can log in with', async () => {
  const { backend, data } = await realData();
  const keyFile = join(data, 'alice.pub');
  writeFileSync(keyFile, `${KEY}\n`);
  await cli(backend, ['user', 'add', 'alice', '--key-file', keyFile]);
  await cli(backend, ['user', 'set', 'alice', '--password-stdin'], 'correct horse 4711\n');
  await cli(backend, ['user', 'add', 'bob']);
  const { stdout } = await cli(backend, ['user', 'list']);
  expect(stdout).toMatch(/^alice +user +active +key, password +/m);
  expect(stdout).toMatch(/^bob +user +active +none +/m);
});
