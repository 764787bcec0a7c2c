import { afterAll, beforeAll, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
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
  await page.goto('/admin');
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await page.route('**/assets/users-page-*.js', (route) => route.abort());
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
