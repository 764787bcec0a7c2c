import { afterAll, beforeAll, expect, test } from 'vitest';
import { allRoutes } from '../../src/api/contract/routes.ts';
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

test('the reference of the API is there for anybody: every call, by resource, found by a word', async () => {
  await using visit = await chromium.visit(bastion);
  const { page } = visit;
  await page.goto('/api/docs');
  await page.getByRole('heading', { name: 'API', level: 1 }).waitFor();
  await page.getByRole('heading', { name: 'A token' }).waitFor();
  const calls = page.getByRole('main').locator('.mantine-Accordion-item');
  expect(await calls.count()).toBe(allRoutes().length);
  // nothing is drawn of a call before somebody opens it
  expect(await page.getByText('-X PATCH').count()).toBe(0);

  await page.getByRole('textbox', { name: 'Search calls' }).fill('change user');
  await page.getByRole('heading', { name: 'A token' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /PATCH.*\/users\/\{name\}/ }).click();
  const call = page.locator('[id="users.set"]');
  await call.getByText('-X PATCH').waitFor();
  expect(await call.textContent()).toMatch(
    /needs manage[\s\S]*rename\?: string[\s\S]*role\?: "user" \| "auditor" \| "admin"/i,
  );
  await call.getByRole('tab', { name: 'SDK' }).click();
  await call.getByText("await bastion.users.set({ name: 'alice', comment: '…' })").waitFor();
  await page.getByRole('textbox', { name: 'Search calls' }).fill('zzz');
  await page.getByText('No call fits').waitFor();
  expect(visit.troubles()).toEqual([]);
});

test('a link leads to one call; the page speaks Chinese; its first example works', async () => {
  await using visit = await chromium.visit(bastion, { language: 'zh-CN', viewport: { width: 800, height: 800 } });
  const { page, base } = visit;
  await page.goto('/api/docs#sessions.watch');
  await page.locator('[id="sessions.watch"]').getByText('每行一个 JSON 对象').waitFor();
  await page.getByRole('heading', { name: '快速开始' }).or(page.getByText('快速开始')).first().waitFor();
  const line = await page.getByText(`'${base}/api/v1/me'`).textContent();
  expect(line).toContain('Authorization: Bearer $TOKEN');
  // a narrow window has no scroll bar below
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(visit.troubles()).toEqual([]);
});
