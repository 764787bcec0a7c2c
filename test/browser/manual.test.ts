import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { type Chromium, startChromium } from './kit.ts';

let chromium: Chromium;
let bastion: Bastion;
beforeAll(async () => {
  [chromium, bastion] = await Promise.all([startChromium(), startBastion()]);
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await bastion?.[Symbol.asyncDispose]();
});

test('every page of the documentation fits wide, middle and narrow windows, and has its pictures', async () => {
  for (const width of [1280, 800, 420]) {
    await using visit = await chromium.visit(bastion, { viewport: { width, height: 900 } });
    const { page } = visit;
    await page.goto('/docs/');
    const addresses = await page
      .locator('nav a[href^="/docs/"]')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')!));
    expect(addresses.length).toBeGreaterThan(15);
    for (const address of addresses) {
      await page.goto(address);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([address, width, over > 0]).toEqual([address, width, false]);
      const broken = await page.evaluate(() =>
        [...document.images].filter((image) => !image.complete || image.naturalWidth === 0).map((image) => image.src),
      );
      expect([address, broken]).toEqual([address, []]);
    }
    expect(visit.troubles()).toEqual([]);
  }
});

test('who is not signed in finds the documentation below the sign-in, and in it what they look for', async () => {
  await using visit = await chromium.visit(bastion);
  const { page } = visit;
  await page.goto('/login');
  await page.getByRole('link', { name: 'Documentation' }).click();
  await page.getByRole('heading', { name: "Bastion's documentation" }).waitFor();

  await page.keyboard.press('/');
  await page.getByRole('searchbox', { name: 'Search' }).pressSequentially('exit code 254');
  const found = page.getByRole('search').getByRole('link');
  await found.first().waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('254');
  await page
    .getByRole('search')
    .getByRole('link', { name: /^Troubleshooting: First things/ })
    .click();
  await page.waitForURL(/\/docs\/troubleshooting\.html#first-things$/);

  await page.getByRole('searchbox', { name: 'Search' }).fill('zzzzz');
  await page.getByText('Nothing found').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Nothing found').waitFor({ state: 'hidden' });
  expect(visit.troubles()).toEqual([]);
});

test('a block is copied with one press, and a narrow window has the contents behind a link', async () => {
  await using visit = await chromium.visit(bastion, {
    viewport: { width: 420, height: 800 },
    context: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const { page } = visit;
  await page.goto('/docs/first-hour.html');
  const block = page.locator('.code').filter({ hasText: 'bastion user invite alice' });
  await block.hover();
  await block.getByRole('button', { name: 'Copy' }).click();
  await block.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('bastion user invite alice\n');

  const contents = page.getByRole('navigation', { name: 'Contents' });
  expect(await contents.isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Contents' }).click();
  await contents.getByRole('link', { name: 'Concepts' }).click();
  await page.getByRole('heading', { name: 'Concepts', level: 1 }).waitFor();
  expect(visit.troubles()).toEqual([]);
});

test('an address that leads nowhere says so, in a page with the contents', async () => {
  await using visit = await chromium.visit(bastion, { expected: [/404/] });
  const { page } = visit;
  await page.goto('/docs/some/where.html');
  await page.getByRole('heading', { name: 'No such page' }).waitFor();
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Install' }).click();
  await page.getByRole('heading', { name: 'Install', level: 1 }).waitFor();
});
