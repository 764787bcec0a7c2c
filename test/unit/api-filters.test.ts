import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHouse, openApiHouse } from './api-house.ts';

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
  await house.owner.users.add({ name: 'alice' });
  await house.owner.users.add({ name: 'Bob' });
  await house.owner.groups.add({ name: 'ops' });
  await house.owner.groups.join({ name: 'ops', users: ['alice'] });
  await house.owner.assets.add({ name: 'web1', address: '192.0.2.1' });
  await house.owner.assets.add({ name: 'web2', address: '192.0.2.2' });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

const lastAudit = async (action: string) => (await house.owner.audit.list({ action, limit: 1 })).items[0];
const invalid = { code: 'invalid', status: 400 };

describe('command filters', () => {
  it('are added with sensible defaults, shown by name and id, and audited', async () => {
    const { filters } = house.owner;
    const added = await filters.add({ name: 'danger', action: 'deny', words: ['rm -rf', 'mkfs'] });
    expect(added).toMatchObject({
      name: 'danger',
      active: true,
      priority: 50,
      action: 'deny',
      words: ['rm -rf', 'mkfs'],
      regex: null,
      matchCase: false,
      forAllUsers: true,
      forAllAssets: true,
      accounts: [],
      reviewers: [],
    });
    expect(await filters.show({ name: 'DANGER' })).toEqual(added);
    expect(await filters.show({ name: added.id })).toEqual(added);
    expect(await filters.list()).toEqual({ items: [added], next: null, total: 1 });
    expect(await lastAudit('filter.create')).toMatchObject({
      target: { kind: 'filter', id: added.id, name: 'danger' },
      details: { after: { name: 'danger', action: 'deny', words: ['rm -rf', 'mkfs'] } },
    });
    await filters.remove({ name: 'danger' });
    expect(await lastAudit('filter.remove')).toMatchObject({ details: { before: { words: ['rm -rf', 'mkfs'] } } });
    await expect(filters.show({ name: 'danger' })).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  it.each([
    ['neither words nor regex', {}],
    ['both', { words: ['rm'], regex: 'rm' }],
    ['a regex that is none', { regex: '(' }],
    ['a regex that RE2 has not', { regex: '(?=x)' }],
    ['a word that can never match', { words: ['a;b'] }],
    ['an empty word', { words: [''] }],
    ['a priority of 0', { words: ['rm'], priority: 0 }],
    ['a priority of 101', { words: ['rm'], priority: 101 }],
    ['reviewers without review', { words: ['rm'], reviewers: ['alice'] }],
    ['an account @all', { words: ['rm'], accounts: ['@all'] }],
    ['a word with a control character', { words: ['rm\u001b[2J'] }],
  ])('refuse %s', async (_what, fields) => {
    await expect(house.owner.filters.add({ name: 'no', action: 'deny', ...fields })).rejects.toMatchObject(invalid);
    await expect(house.owner.filters.show({ name: 'no' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('name only users, groups, assets and reviewers that exist, and only once', async () => {
    const { filters } = house.owner;
    const base = { name: 'named', action: 'review' as const, words: ['reboot'] };
    for (const fields of [{ users: ['nobody'] }, { groups: ['none'] }, { assets: ['none'] }, { reviewers: ['nobody'] }])
      await expect(filters.add({ ...base, ...fields })).rejects.toMatchObject({ code: 'not_found' });
    expect(await filters.add({ ...base, users: ['ALICE'], assets: ['web1'], reviewers: ['bob'] })).toMatchObject({
      users: ['alice'],
      forAllUsers: false,
      assets: ['web1'],
      forAllAssets: false,
      reviewers: ['Bob'],
    });
    await expect(filters.add(base)).rejects.toMatchObject({ code: 'conflict', status: 409 });
    await filters.remove({ name: 'named' });
  });

  it('are changed field by field; the audit says before and after', async () => {
    const { filters } = house.owner;
    await filters.add({ name: 'one', action: 'review', words: ['reboot'], reviewers: ['alice'], groups: ['ops'] });
    expect(await filters.set({ name: 'one', regex: 're.oot' })).toMatchObject({ words: [], regex: 're.oot' });
    expect((await lastAudit('filter.update'))?.details).toEqual({
      before: { words: ['reboot'], regex: null },
      after: { words: [], regex: 're.oot' },
    });
    expect(await filters.set({ name: 'one', words: ['halt'], rename: 'two', priority: 7 })).toMatchObject({
      name: 'two',
      words: ['halt'],
      regex: null,
      priority: 7,
    });
    for (const fields of [{ words: [] }, { regex: '(' }, { regex: 'a', words: ['b'] }, { priority: 500 }])
      await expect(filters.set({ name: 'two', ...fields })).rejects.toMatchObject(invalid);
    // nobody is asked about what is denied anyway
    expect(await filters.set({ name: 'two', action: 'deny' })).toMatchObject({ action: 'deny', reviewers: [] });
    await expect(filters.set({ name: 'two', reviewers: ['alice'] })).rejects.toMatchObject(invalid);
    expect(await filters.set({ name: 'two', groups: [] })).toMatchObject({ groups: [], forAllUsers: true });
    await filters.remove({ name: 'two' });
  });

  it('are tested with a line: what was found in it, and what each part comes to', async () => {
    const { filters } = house.owner;
    await filters.add({ name: 'no-rm', action: 'deny', words: ['rm'], active: false });
    expect(await filters.test({ name: 'no-rm', line: 'ls; sudo rm -rf /tmp/x' })).toMatchObject({
      action: 'deny',
      filter: 'no-rm',
      command: expect.stringContaining('rm -rf /tmp/x'),
      commands: expect.arrayContaining([
        expect.objectContaining({ text: 'ls', action: 'allow', filter: null, via: [] }),
        expect.objectContaining({ text: 'rm -rf /tmp/x', action: 'deny', filter: 'no-rm', via: ['sudo'] }),
      ]),
      unread: null,
      continues: false,
    });
    expect(await filters.test({ name: 'no-rm', line: 'uptime' })).toMatchObject({ action: 'allow', filter: null });
    expect(await filters.test({ name: 'no-rm', line: "echo 'open" })).toMatchObject({ continues: true });
    const unsure = await filters.test({ name: 'no-rm', line: '$x -rf /' });
    expect(unsure.commands.flatMap((part) => part.undecided)).toContain('$x');
    await expect(filters.test({ name: 'none', line: 'ls' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(filters.test({ name: 'no-rm', line: '' })).rejects.toMatchObject(invalid);
    await filters.remove({ name: 'no-rm' });
  });

  it('are explained together for a user on an account, in the order they are asked', async () => {
    const { filters } = house.owner;
    await filters.add({ name: 'all', action: 'warn', words: ['reboot'], priority: 90 });
    await filters.add({ name: 'ops-web1', action: 'deny', words: ['reboot'], groups: ['ops'], assets: ['web1'] });
    await filters.add({ name: 'root-only', action: 'deny', words: ['reboot'], accounts: ['root'], priority: 1 });
    await filters.add({ name: 'off', action: 'deny', words: ['reboot'], active: false });
    const ask = (user: string, asset: string, account: string) =>
      filters.explain({ user, asset, account, line: 'reboot' });
    expect(await ask('alice', 'web1', 'deploy')).toMatchObject({
      action: 'deny',
      filter: 'ops-web1',
      filters: ['ops-web1', 'all'],
    });
    expect(await ask('bob', 'web1', 'deploy')).toMatchObject({ action: 'warn', filter: 'all', filters: ['all'] });
    expect(await ask('alice', 'web2', 'root')).toMatchObject({ filter: 'root-only', filters: ['root-only', 'all'] });
    await expect(ask('nobody', 'web1', 'root')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('alice', 'none', 'root')).rejects.toMatchObject({ code: 'not_found' });
  });
});
