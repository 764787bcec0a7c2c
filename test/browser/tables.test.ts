import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  const { api } = house;
  await api.users.add({ ...ADMIN, role: 'admin' });
  await api.permissions.add({
    name: 'operators of everything that stands in the second cellar',
    users: [ADMIN.name],
    folders: ['/'],
    accounts: ['@all'],
    actions: ['connect'],
  });
  await api.filters.add({ name: 'nothing that ends machines for good', action: 'deny', words: ['reboot'] });
  // its host key is remembered
  const terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  terminal.enter('exit');
  await terminal.exit;
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
const focused = (page: Page) => page.locator(':focus');

test('a list goes by keys: arrows and Space in it, Enter out of it, and back to the same row', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/users');
  await row(page, 'alice').focus();
  await page.keyboard.press('Space');
  await page.getByText('1 selected').waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await focused(page).textContent()).toContain(ADMIN.name);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: ADMIN.name, level: 1 }).waitFor();
  expect(await focused(page).getAttribute('id')).toBe('content');
  await page.goBack();
  await page.locator('tr:focus').filter({ hasText: ADMIN.name }).waitFor();
  // one stop a row: from the first of these to the second
  await row(page, 'alice').focus();
  await page.keyboard.press('Tab');
  expect(await focused(page).textContent()).toContain(ADMIN.name);
});

test('a drawer takes the focus and gives it back to its row', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/sessions/past');
  await row(page, 'web1').focus();
  await page.keyboard.press('Enter');
  await page.locator('[role=dialog] :focus').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('tr:focus').filter({ hasText: 'web1' }).waitFor();
});

test('in the window of a phone what a row offers is inside of it', async () => {
  const viewport = { width: 420, height: 800 };
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, viewport });
  const { page } = visit;
  for (const path of ['permissions', 'filters', 'host-keys']) {
    await page.goto(`/admin/${path}`);
    await page.locator('tbody tr').first().waitFor();
    const beyond = await page.locator('tbody :is(button, input, a)').evaluateAll((controls, width) => {
      const seen = controls.filter((one) => one.checkVisibility());
      if (seen.length === 0) throw new Error('no row offers anything');
      return seen.filter((one) => one.getBoundingClientRect().right > width).map((one) => one.outerHTML);
    }, viewport.width);
    expect(beyond, path).toEqual([]);
  }
});
