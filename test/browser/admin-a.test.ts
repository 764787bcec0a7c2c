import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { startSshd, TEST_USER } from '../kit/sshd.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
const OTHER = { name: 'oskar', password: 'another long phrase 8' };
const AUDITOR = { name: 'audrey', password: 'a third long phrase 9' };
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  await house.api.users.add({ ...ADMIN, role: 'admin' });
  await house.api.users.add({ ...OTHER, role: 'admin' });
  await house.api.users.add({ ...AUDITOR, role: 'auditor' });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, name: string | RegExp) => page.getByRole('textbox', { name });
/** The window that is open. */
const dialog = (page: Page) => page.getByRole('dialog');
const folder = (page: Page, name: string) => page.getByRole('treeitem', { name, exact: true });
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

test('a user is invited, signs in by the link, is found again, disabled and taken back', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/users');
  await button(page, 'Add user').click();
  await field(page, /^Name/).fill('carol');
  await field(page, 'Full name').fill('Carol <b>Bold</b>');
  await dialog(page).getByRole('button', { name: 'Add user' }).click();
  const link = await page.getByText(/\/invite#/).textContent();

  await using guest = await chromium.visit(house.bastion);
  await guest.page.goto(new URL(link!).pathname + new URL(link!).hash);
  await guest.page.getByText('carol').first().waitFor();

  await button(page, 'Done').click();
  await page.getByPlaceholder('Search').fill('carol');
  // markup in a name is text
  await row(page, 'Carol <b>Bold</b>').waitFor();
  await eventually('two rows', async () => (await page.getByRole('row').count()) === 2);
  expect(new URL(page.url()).searchParams.get('text')).toBe('carol');

  await page.getByRole('checkbox', { name: 'Select carol' }).click();
  await button(page, 'Disable').click();
  await dialog(page).getByRole('button', { name: 'Disable' }).click();
  await row(page, 'carol').getByText('disabled').waitFor();
  expect((await house.api.users.show({ name: 'carol' })).disabled).toBe(true);
  await button(page, 'Undo').click();
  await row(page, 'carol').getByText('invited').waitFor();
  expect((await house.api.users.show({ name: 'carol' })).disabled).toBe(false);
});

test('one page tells everything about a user; roles and removal are asked for', async () => {
  await house.api.users.add({ name: 'dora', password: 'dora likes long ones 3' });
  await house.api.groups.add({ name: 'web' });
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/users/dora');
  await page.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: 'Auditor' }).click();
  await page.getByRole('combobox', { name: 'Groups' }).fill('we');
  await page.getByRole('option', { name: 'web' }).click();
  await button(page, 'Save changes').click();
  await dialog(page).getByText('changes nothing').waitFor();
  await button(page, 'Change the role').click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  const { role, groups } = await house.api.users.show({ name: 'dora' });
  expect({ role, groups }).toEqual({ role: 'auditor', groups: ['web'] });

  await page.getByRole('tab', { name: 'Keys' }).click();
  const { publicKey } = house.targetKey;
  await field(page, 'Add key').fill(publicKey);
  await button(page, 'Add key').click();
  await page.getByText(/^SHA256:/).waitFor();
  expect((await house.api.users.show({ name: 'dora' })).keyCount).toBe(1);

  // what permissions open for somebody is told with the permission that does
  await page.goto('/admin/users/alice?tab=access');
  await row(page, 'web1').getByText(TEST_USER.name).waitFor();

  await page.goto('/admin/users/dora');
  await button(page, 'More').click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  const remove = dialog(page).getByRole('button', { name: 'Remove' });
  expect(await remove.isDisabled()).toBe(true);
  await field(page, 'Type dora to confirm').fill('dora');
  await remove.click();
  await page.waitForURL('**/admin/users');
  await expect(house.api.users.show({ name: 'dora' })).rejects.toThrow(/dora/);
});

test('a pasted login becomes an asset with an account, and both are tested', async () => {
  await using sshd = asDisposable(await startSshd({ password: true }));
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/assets');
  await button(page, 'Add asset').click();
  await field(page, 'Paste a login').fill(`ssh -p ${sshd.it.port} ${TEST_USER.name}@127.0.0.1`);
  expect(await field(page, /^Address/).inputValue()).toBe('127.0.0.1');
  await field(page, /^Name/).fill('pasted');
  await dialog(page).getByRole('button', { name: 'Add asset' }).click();

  // the login of the paste is asked for its secret at once
  await field(page, /^Login/).waitFor();
  expect(await field(page, /^Login/).inputValue()).toBe(TEST_USER.name);
  await dialog(page)
    .getByLabel(/^Password/)
    .fill('wrong');
  await dialog(page).getByRole('button', { name: 'Add account' }).click();
  const test = page.getByRole('button', { name: 'Test', exact: true }).last();
  await dialog(page).waitFor({ state: 'detached' });
  await test.click();
  await page.getByRole('status').filter({ hasText: TEST_USER.name }).waitFor();

  await button(page, `What to do with ${TEST_USER.name}`).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'How the bastion signs in' }).click();
  await page.getByRole('option', { name: 'Password' }).click();
  await dialog(page)
    .getByLabel(/^Password/)
    .fill(TEST_USER.password);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await test.click();
  await page
    .getByRole('status')
    .filter({ hasText: /logged in/i })
    .waitFor();
  await button(page, 'SSH line').click();
  await page.getByText(`ssh -p ${house.bastion.sshPort} NAME@pasted@127.0.0.1`).waitFor();
  const shown = await house.api.assets.show({ name: 'pasted' });
  expect(shown.accounts.map(({ login, secretKind }) => ({ login, secretKind }))).toEqual([
    { login: TEST_USER.name, secretKind: 'password' },
  ]);
});

test('a generated key is shown to be put on the machine', async () => {
  await house.api.assets.add({ name: 'keyed', address: '127.0.0.1' });
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/assets/keyed?account=deploy');
  await page.getByRole('combobox', { name: 'How the bastion signs in' }).click();
  await page.getByRole('option', { name: 'New key' }).click();
  await dialog(page).getByRole('button', { name: 'Add account' }).click();
  await page.getByText('Put this public key on the machine').waitFor();
  const [account] = (await house.api.assets.show({ name: 'keyed' })).accounts;
  await page.getByText(account!.publicKey!, { exact: true }).waitFor();
});

test('labels of an asset are read as a whole, beside the other columns', async () => {
  const labels = { env: 'production', team: 'payments' };
  await house.api.assets.add({ name: 'labelled', address: '127.0.0.1', labels });
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto('/admin/assets?text=labelled');
  for (const label of ['env=production', 'team=payments']) {
    const text = row(page, 'labelled').getByRole('button', { name: label }).getByText(label);
    expect(await text.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    const cut = await text.evaluate((element) => {
      const [inner, cell] = [element.getBoundingClientRect(), element.closest('td')!.getBoundingClientRect()];
      return inner.right > cell.right;
    });
    expect(cut).toBe(false);
  }
});

test('assets and folders are dragged, and moved back', async () => {
  await house.api.folders.add({ path: '/prod' });
  await house.api.folders.add({ path: '/old' });
  await house.api.assets.add({ name: 'dragged', address: '127.0.0.1' });
  const folderOf = async () => (await house.api.assets.show({ name: 'dragged' })).folder;
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/assets');
  await row(page, 'dragged').getByText('127.0.0.1').dragTo(folder(page, 'prod'));
  await page.getByText('1 asset is in /prod now.').waitFor();
  expect(await folderOf()).toBe('/prod');
  await button(page, 'Undo').click();
  await page.getByText('1 asset is in / now.').waitFor();
  expect(await folderOf()).toBe('/');

  // with the keyboard alone
  await page.getByRole('checkbox', { name: 'Select dragged' }).focus();
  await page.keyboard.press('Space');
  await button(page, 'Move to…').press('Enter');
  await page.getByRole('combobox', { name: 'To which folder?' }).fill('prod');
  await page.getByRole('option', { name: '/prod' }).waitFor();
  // what the server sends late is there, but not yet the one that Enter takes
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  // a key reaches a button also while it is disabled, and does nothing there
  const move = dialog(page).getByRole('button', { name: 'Move', exact: true });
  await eventually('a folder to be chosen', () => move.isEnabled());
  await move.press('Enter');
  await eventually('the asset to be there', async () => (await folderOf()) === '/prod');

  await folder(page, 'prod').dragTo(folder(page, 'old'));
  await page.getByText('/prod is /old/prod now.').waitFor();
  expect(await folderOf()).toBe('/old/prod');
  await folder(page, 'old').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('folder') === '/old/prod');
  await row(page, 'dragged').waitFor();
});

test('a CSV file is looked at before it is imported', async () => {
  await house.api.assets.add({ name: 'there-already', address: '127.0.0.1' });
  const dir = mkdtempSync(join(tmpdir(), 'bastion-csv-'));
  const file = join(dir, 'assets.csv');
  const head = 'name,address,protocols,labels,login';
  try {
    await using visit = await chromium.visit(house.bastion, { as: ADMIN });
    const { page } = visit;
    await page.goto('/admin/import');
    writeFileSync(
      file,
      `${head}\r\ncsv1,10.1.0.1,ssh:2222,env=prod,deploy\r\nthere-already,10.1.0.2,,,\r\ncsv3,10.1.0.3,sssh,,\r\n"<img src=x>",10.1.0.4,,,\r\n,10.1.0.5,,,\r\n`,
    );
    const input = page.locator('input[type=file]');
    await input.setInputFiles(file);
    await page.getByText('4 rows are wrong').waitFor();
    await row(page, 'there-already').getByText('there is an asset of this name already').waitFor();
    await row(page, 'csv3').getByText('“sssh” is no protocol').waitFor();
    await row(page, '10.1.0.5').getByText('The name is missing.').waitFor();
    expect(await button(page, 'Add 5 assets').isDisabled()).toBe(true);
    expect((await house.api.assets.list({ text: 'csv' })).total).toBe(0);

    await button(page, 'Another file').click();
    writeFileSync(file, `${head}\ncsv1,10.1.0.1,ssh:2222,env=prod,deploy\ncsv2,10.1.0.2,,"env=prod, role=db",\n`);
    await input.setInputFiles(file);
    await page.getByText('2 assets can be added.').waitFor();
    await button(page, 'Add 2 assets').click();
    await page.waitForURL('**/admin/assets');
    const { items } = await house.api.assets.list({ text: 'csv' });
    expect(
      items.map(({ name, protocols, labels, accountCount }) => ({ name, protocols, labels, accountCount })),
    ).toEqual([
      { name: 'csv1', protocols: [{ name: 'ssh', port: 2222 }], labels: { env: 'prod' }, accountCount: 1 },
      { name: 'csv2', protocols: [{ name: 'ssh', port: 22 }], labels: { env: 'prod', role: 'db' }, accountCount: 0 },
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('of two administrators the second is told, keeps what was typed, and overwrites nothing unseen', async () => {
  await house.api.assets.add({ name: 'shared', address: '10.9.9.9', comment: 'as it was' });
  await using first = await chromium.visit(house.bastion, { as: ADMIN });
  await using second = await chromium.visit(house.bastion, { as: OTHER });
  const path = '/admin/assets/shared?tab=settings';
  for (const { page } of [first, second]) {
    await page.goto(path);
    await field(page, 'Comment').waitFor();
  }
  await second.page.getByRole('textbox', { name: 'Comment' }).fill('what the second typed');
  await field(first.page, /^Address/).fill('10.9.9.10');
  await field(first.page, 'Comment').fill('what the first typed');
  await button(first.page, 'Save changes').click();
  await first.page.getByText('Saved.', { exact: true }).waitFor();

  await button(second.page, 'Save changes').click();
  await second.page.getByText('Somebody else changed this meanwhile').waitFor();
  expect(await house.api.assets.show({ name: 'shared' })).toMatchObject({ comment: 'what the first typed' });
  expect(await field(second.page, 'Comment').inputValue()).toBe('what the second typed');

  await button(second.page, 'Load their changes').click();
  await second.page.getByText('You both changed Comment').waitFor();
  expect(await field(second.page, /^Address/).inputValue()).toBe('10.9.9.10');
  expect(await field(second.page, 'Comment').inputValue()).toBe('what the second typed');
  await button(second.page, 'Save changes').click();
  await second.page.getByText('Saved.', { exact: true }).waitFor();
  expect(await house.api.assets.show({ name: 'shared' })).toMatchObject({
    address: '10.9.9.10',
    comment: 'what the second typed',
  });
});

test('a changed host key stands on top with both fingerprints, and counts once it is accepted', async () => {
  const before = await startSshd({ password: true });
  const { port } = before;
  await house.api.assets.add({ name: 'reborn', address: '127.0.0.1', protocols: [{ name: 'ssh', port }] });
  await house.api.assets.test({ name: 'reborn' });
  await before.stop();
  await using after = asDisposable(await startSshd({ password: true, port }));
  expect(await house.api.assets.test({ name: 'reborn' })).toMatchObject({ ok: false });
  const prints = (await house.api.hostKeys.list({ asset: 'reborn' })).items.map(({ fingerprint }) => fingerprint);
  expect(new Set(prints).size).toBe(2);

  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/host-keys');
  const warning = page.getByRole('region').filter({ hasText: 'A target shows another key than before' });
  for (const print of prints) await warning.getByText(print).waitFor();
  await page.getByRole('link', { name: 'Host keys, 1 waits' }).waitFor();
  await button(page, 'Accept the new key').click();
  await dialog(page).getByRole('button', { name: 'Accept the new key' }).click();
  await warning.waitFor({ state: 'detached' });
  expect(await house.api.assets.test({ name: 'reborn' })).toMatchObject({ ok: true });
  expect(after.it.port).toBe(port);
});

test('the menu holds what the role opens; anything is found by typing', async () => {
  await house.api.assets.add({ name: '<i>slanted', address: '10.2.2.2' });
  await using auditor = await chromium.visit(house.bastion, { as: AUDITOR });
  await auditor.page.goto('/admin');
  const menu = auditor.page.getByRole('navigation', { name: 'Menu of the console' });
  await menu.getByRole('link', { name: 'Audit log' }).waitFor();
  expect(await menu.getByRole('link', { name: 'Users' }).count()).toBe(0);
  await auditor.page.getByText('Live sessions').waitFor();

  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/users');
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('slant');
  await page.getByRole('option', { name: '<i>slanted' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '<i>slanted' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/admin/assets/%3Ci%3Eslanted');

  // the id of a session leads to it
  await house.bastion.ssh('alice@web1', house.key.file, ['true']);
  const { id } = await eventually('a session', async () => (await house.api.sessions.list({ limit: 1 })).items[0]);
  await page.keyboard.press('Control+k');
  await page.keyboard.type(id);
  await page.getByRole('option', { name: id }).waitFor();
});

test('in a narrow window the menu is behind a button', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, viewport: { width: 420, height: 800 } });
  const { page } = visit;
  await page.goto('/admin/groups');
  await page.getByRole('heading', { name: 'Groups' }).waitFor();
  await button(page, 'Open the menu').click();
  await page.getByRole('link', { name: 'Host keys' }).click();
  await page.getByRole('heading', { name: 'Host keys', exact: true }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test('an empty house is led to its first session, step by step', async () => {
  await using empty = await startHouse();
  const { api } = empty;
  await api.users.add({ ...ADMIN, role: 'admin' });
  await api.permissions.remove({ name: 'alice' });
  await api.accounts.remove({ asset: 'web1', login: TEST_USER.name });
  await api.assets.remove({ name: 'web1' });
  await api.users.remove({ name: 'alice' });
  await using visit = await chromium.visit(empty.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin');
  const steps = page.getByRole('region', { name: 'First steps' });
  await steps.getByRole('link', { name: 'Add an asset' }).click();
  await field(page, 'Paste a login').fill('root@10.0.0.5:2222');
  await dialog(page).getByRole('button', { name: 'Add asset' }).click();
  await field(page, /^Login/).waitFor();
  expect(await api.assets.list()).toMatchObject({
    items: [{ name: '10.0.0.5', protocols: [{ name: 'ssh', port: 2222 }] }],
  });

  await api.accounts.add({ asset: '10.0.0.5', login: 'root' });
  await api.users.add({ name: 'bert' });
  await page.goto('/admin');
  await steps.getByRole('link', { name: 'Add a permission' }).waitFor();
  expect(await steps.getByText('done').count()).toBe(3);
  await api.permissions.add({ name: 'all', users: ['bert'], folders: ['/'], accounts: ['@all'] });
  await page.reload();
  await page.getByText('Live sessions').waitFor();
  await eventually('the steps to be gone', async () => (await steps.count()) === 0);
});

/** What is stopped at the end of a test. */
function asDisposable<T extends { stop(): Promise<void> }>(it: T): AsyncDisposable & { readonly it: T } {
  return { it, [Symbol.asyncDispose]: () => it.stop() };
}
