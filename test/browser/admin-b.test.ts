import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
const REVIEWER = { name: 'rita', password: 'another long phrase 8' };
const MARKUP = '<img src=x onerror=document.title=1>';
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  await house.api.users.add({ ...ADMIN, role: 'admin' });
  await house.api.users.add(REVIEWER);
  await house.api.groups.add({ name: 'ops' });
  await house.api.users.add({ name: 'bob', groups: ['ops'] });
  await house.api.groups.join({ name: 'ops', users: ['bob', REVIEWER.name] });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const { name } of (await house.api.filters.list({})).items) await house.api.filters.remove({ name });
});

const asAdmin = () => chromium.visit(house.bastion, { as: ADMIN });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
/** Types into a picker and takes what it finds. */
async function pick(page: Page, label: string, text: string): Promise<void> {
  const input = page.getByRole('combobox', { name: label, exact: true });
  await input.click();
  await input.pressSequentially(text);
  await page.getByRole('option', { name: text }).first().click();
  await page.keyboard.press('Escape');
}

test('a permission shows whom it covers while it is typed; why somebody may is told step by step', async () => {
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/permissions');
  await page.getByRole('link', { name: 'New permission' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(MARKUP);
  await button(page, 'Create').click();
  await page.getByText('Choose at least one user or group.').waitFor();

  const preview = page.getByRole('region', { name: 'Who may reach what' });
  await pick(page, 'Groups', 'ops');
  await pick(page, 'Folders', '/');
  await preview.getByText('2 people').waitFor();
  await preview.getByText('1 asset').waitFor();
  await preview.getByText(TEST_USER.name).waitFor();
  // an account that no asset has
  await page.getByRole('checkbox', { name: 'Every account of the asset' }).uncheck();
  await page.getByRole('combobox', { name: 'These logins' }).fill('nobody-has-it');
  await page.keyboard.press('Enter');
  await preview.getByText(/nobody-has-it/).waitFor();
  await page.getByRole('checkbox', { name: 'Every account of the asset' }).check();
  await page.getByRole('checkbox', { name: 'Upload' }).uncheck();
  await button(page, 'Create').click();

  await page.getByRole('row').filter({ hasText: MARKUP }).waitFor();
  const made = await house.api.permissions.show({ name: MARKUP });
  expect(made).toMatchObject({
    groups: ['ops'],
    folders: ['/'],
    accounts: ['@all', 'nobody-has-it'],
    record: 'required',
  });
  expect(made.actions).not.toContain('upload');
  expect(await page.locator('img[src=x]').count()).toBe(0);

  await page.goto('/admin/permissions/explain?user=bob&asset=web1');
  await page.getByText('bob may use web1.').waitFor();
  await page.getByText(`Permission "${MARKUP}" applies:`).waitFor();
  await page.goto(`/admin/permissions/explain?user=${ADMIN.name}&asset=web1`);
  await page.getByText(`${ADMIN.name} may not use web1.`).waitFor();

  await page.goto('/admin/permissions');
  await page.getByRole('checkbox', { name: `Select ${MARKUP}` }).check();
  await button(page, 'Deactivate').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('row').filter({ hasText: MARKUP }).getByText('switched off').waitFor();
  await house.api.permissions.remove({ name: MARKUP });
});

test('Enter takes what was typed although the answer is still to come, and sends no form', async () => {
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/permissions/new');
  await page.getByRole('textbox', { name: 'Name' }).fill('by keys');
  await pick(page, 'Folders', '/');
  const answer = Promise.withResolvers<void>();
  await page.route(/\/api\/v1\/users\?.*text=/, async (route) => {
    await answer.promise;
    await route.continue();
  });
  await page.getByRole('combobox', { name: 'Users', exact: true }).click();
  await page.keyboard.type('rit');
  await page.keyboard.press('Enter');
  answer.resolve();
  const preview = page.getByRole('region', { name: 'Who may reach what' });
  await preview.getByText('1 person').waitFor();
  await page.keyboard.type('bob');
  await page.keyboard.press('Enter');
  await preview.getByText('2 people').waitFor();
  await page.keyboard.press('Escape');
  await button(page, 'Create').click();
  await page.getByRole('row').filter({ hasText: 'by keys' }).waitFor();
  expect(await house.api.permissions.show({ name: 'by keys' })).toMatchObject({ users: ['bob', 'rita'] });
  await house.api.permissions.remove({ name: 'by keys' });

  await page.goto('/admin/permissions/explain');
  await page.getByRole('combobox', { name: 'Who' }).click();
  await page.keyboard.type('bo');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/explain?user=bob');
});

test('who saves second is told what the first one changed, and loses nothing', async () => {
  const { id } = await house.api.permissions.add({
    name: 'nightly',
    users: ['bob'],
    assets: ['web1'],
    accounts: ['@all'],
  });
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto(`/admin/permissions/${id}`);
  const comment = page.getByRole('textbox', { name: 'Comment' });
  await comment.fill('typed for a long time');
  await house.api.permissions.set({ name: id, accounts: ['@user'] });
  await button(page, 'Save').click();
  await page.getByText('Somebody else was faster').waitFor();
  await page.getByText('They changed: Accounts.').waitFor();
  expect(await comment.inputValue()).toBe('typed for a long time');
  expect(await house.api.permissions.show({ name: id })).toMatchObject({ comment: '', accounts: ['@user'] });

  await button(page, 'Load theirs').click();
  expect(await page.getByRole('checkbox', { name: 'The account named like the user' }).isChecked()).toBe(true);
  await comment.fill('typed again');
  await house.api.permissions.set({ name: id, active: false });
  await button(page, 'Save').click();
  await button(page, 'Save mine over it').click();
  await page.getByText('nightly is saved.').waitFor();
  expect(await house.api.permissions.show({ name: id })).toMatchObject({ comment: 'typed again', active: true });
  await house.api.permissions.remove({ name: id });
});

test('a filter is tried while it is written, has a place in the order, and is no sandbox', async () => {
  await house.api.filters.add({ name: 'second', action: 'warn', words: ['ls'], priority: 50 });
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/filters');
  await page.getByText('It is no sandbox').waitFor();
  await button(page, 'New filter').click();
  await page.getByRole('menuitem', { name: /Dangerous commands/ }).click();
  const tester = page.getByRole('region', { name: 'Try it' });
  await tester.getByRole('textbox').fill(`cd /tmp && sudo /bin/rm -r -f ${MARKUP}`);
  await tester.getByText('Denied').waitFor();
  await tester.getByText('in sudo').waitFor();
  await tester.getByText('“dangerous-commands” matches', { exact: false }).waitFor();
  await page.getByRole('radio', { name: 'Allow' }).check();
  await tester.getByText('It runs', { exact: true }).waitFor();
  await page.getByRole('radio', { name: 'Deny' }).check();
  await page.getByRole('textbox', { name: 'Priority' }).fill('60');
  await button(page, 'Create').click();

  const names = async () => (await house.api.filters.list({})).items.map(({ name }) => name);
  await page.getByRole('row').filter({ hasText: 'dangerous-commands' }).waitFor();
  expect(await names()).toEqual(['second', 'dangerous-commands']);
  await button(page, 'Ask dangerous-commands earlier').click();
  await eventually('the other order', async () => ((await names())[0] === 'dangerous-commands' ? true : undefined));
  await page.getByText('dangerous-commands has another place.').waitFor();
  const grips = page.locator('[draggable=true]');
  // the list has come anew: what is taken hold of stays where it is
  await page.getByRole('row').nth(1).filter({ hasText: 'dangerous-commands' }).waitFor();
  await grips.nth(0).dragTo(grips.nth(1));
  await eventually('the order of before', async () => ((await names())[0] === 'second' ? true : undefined));

  await page.goto(`/admin/filters/try?user=alice&asset=web1&account=${TEST_USER.name}`);
  await page.getByRole('textbox', { name: 'A line somebody types' }).fill('ls; reboot');
  await page.getByText('Denied').waitFor();
  await page.getByText('Filters that hold there, in their order: second, dangerous-commands').waitFor();
});

test('a reviewer without any other right answers with one press what a terminal waits for', async () => {
  await house.api.filters.add({ name: 'ask', action: 'review', words: ['echo asked'], reviewers: [REVIEWER.name] });
  await using visit = await chromium.visit(house.bastion, { as: REVIEWER });
  const { page } = visit;
  await page.goto('/admin/reviews');
  await page.getByText('Nothing waits').waitFor();
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  terminal.enter(`echo asked '${MARKUP}' $((41 + 1))`);
  await page.getByText(`echo asked '${MARKUP}' $((41 + 1))`).waitFor();
  await eventually('the number in the title', async () => ((await page.title()).startsWith('(1) ') ? true : undefined));
  expect(terminal.raw).not.toContain('42');
  expect(await page.locator('img[src=x]').count()).toBe(0);
  await button(page, 'Approve').click();
  await terminal.shows(/> 42/);
  await page.getByRole('row').filter({ hasText: 'approved' }).filter({ hasText: REVIEWER.name }).waitFor();
  await page.getByText('Nothing waits').waitFor();
  expect(await page.title()).toBe('Reviews · Bastion');

  terminal.enter('echo asked again');
  await button(page, 'Deny').click();
  await terminal.shows(/refused|denied|not approved/i);
  // of the rest of the console there is nothing for them
  expect(await page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
});
