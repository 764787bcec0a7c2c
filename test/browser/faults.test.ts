import { afterAll, beforeAll, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  await house.api.users.add({ ...ADMIN, role: 'admin' });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

test('a part of the pages that cannot be fetched says so, and is there once it can', async () => {
  const expected = [/ERR_FAILED/, /Failed to fetch dynamically imported module/];
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, expected });
  const { page } = visit;
  // before the console has an idle moment to fetch it in
  await page.route('**/assets/users-page-*.js', (route) => route.abort());
  await page.goto('/admin');
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await page.getByRole('link', { name: 'Users', exact: true }).first().click();
  await page.getByText('This part of the page broke').waitFor();
  // and the others are as they were
  await page.getByRole('link', { name: 'Groups', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Groups' }).waitFor();
  await page.getByRole('link', { name: 'Users', exact: true }).first().click();
  await page.getByText('This part of the page broke').waitFor();
  await page.unroute('**/assets/users-page-*.js');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.getByRole('heading', { name: 'Users' }).waitFor();
});

test('while the bastion is away what is open stays, and the rest comes by itself once it is back', async () => {
  const expected = [/ERR_FAILED/, /ERR_INTERNET_DISCONNECTED/];
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, expected });
  const { page, context } = visit;
  const away = async () => {
    await context.setOffline(true);
    await page.unrouteAll();
  };
  await page.route(/assets\/(?:users-page|quick-commands|admin-page)-.*\.(?:js|css)/, (route) => route.abort());
  await page.goto('/luna');
  await page.getByText('No asset is open to you yet').first().waitFor();
  await away();
  await page.getByRole('button', { name: 'Quick commands' }).click();
  await page.getByText('The bastion cannot be reached').waitFor();
  // Luna is there as it was
  await page.getByText('No asset is open to you yet').first().waitFor();
  await context.setOffline(false);
  await page.getByRole('dialog', { name: 'Quick commands' }).waitFor();
  await page.getByText('The bastion cannot be reached').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');

  await page.route(/assets\/users-page-.*\.js/, (route) => route.abort());
  await page.goto('/admin/groups');
  await page.getByRole('heading', { name: 'Groups' }).waitFor();
  await away();
  await page.getByRole('link', { name: 'Users', exact: true }).first().click();
  await page.getByRole('heading', { name: 'The bastion cannot be reached' }).waitFor();
  await context.setOffline(false);
  await page.getByRole('heading', { name: 'Users' }).waitFor();
});

test('a broken part does not load itself again into nothing', async () => {
  const expected = [/ERR_FAILED/, /ERR_INTERNET_DISCONNECTED/, /Failed to fetch dynamically imported module/];
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, expected });
  const { page, context } = visit;
  await page.route('**/assets/users-page-*.js', (route) => route.abort());
  await page.goto('/admin/users');
  await page.getByText('This part of the page broke').waitFor();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.getByText('The bastion cannot be reached: check your network').waitFor();
  await page.getByRole('link', { name: 'Users', exact: true }).first().waitFor();
});

test('what an idle page fetches ahead is there while the bastion is away', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN, expected: [/ERR_INTERNET_DISCONNECTED/] });
  const { page, context } = visit;
  const ahead = page.waitForResponse(/assets\/share-dialog-.*\.js/);
  await page.goto('/luna');
  await ahead;
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Quick commands' }).click();
  await page.getByRole('dialog', { name: 'Quick commands' }).waitFor();
});

test('a session that never was is told from one that has ended', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  const terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter('exit');
  await terminal.exit;
  await page.goto(`/watch/${id}`);
  await page.getByRole('heading', { name: 'This session is not live any more' }).waitFor();
  for (const path of ['/watch/', '/replay/', '/admin/sessions/']) {
    await page.goto(`${path}01hzzzzzzzzzzzzzzzzzzzzzzz`);
    await page.getByRole('heading', { name: 'There is no such session' }).waitFor();
  }
  await page.goto(`/admin/sessions/${id}`);
  await page.getByRole('dialog', { name: /alice → .*@web1/ }).waitFor();
});

test('what may be reached is asked for while Luna itself is still being fetched', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  const held = Promise.withResolvers<void>();
  await page.route('**/assets/luna-page-*.js', async (route) => {
    await held.promise;
    await route.continue();
  });
  await Promise.all([page.waitForResponse('**/api/v1/me/assets'), page.goto('/luna', { waitUntil: 'commit' })]);
  held.resolve();
  await page.getByText('No asset is open to you yet').first().waitFor();
});
