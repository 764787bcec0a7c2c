import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'meiling', password: 'a long enough phrase 7' };
/** Nobody listens there. */
const DEAD = { name: 'dead', address: '127.0.0.1', protocols: [{ name: 'ssh' as const, port: 1 }] };
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  const { api } = house;
  await api.users.add({ ...ADMIN, role: 'admin' });
  await api.groups.add({ name: 'ops' });
  await api.groups.join({ name: 'ops', users: [ADMIN.name] });
  await api.assets.add(DEAD);
  await api.permissions.add({ name: 'everything', groups: ['ops'], folders: ['/'], accounts: ['root'], active: false });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const visitor = () => chromium.visit(house.bastion, { as: ADMIN, language: 'zh-CN' });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Two English words beside each other: no name, no address, no line that is to be typed. */
const ENGLISH = /(?<![\w.`/-])[A-Za-z][a-z]+ [a-z]{2,}(?![\w.`/-])/g;
/** Examples of what is typed, and what the bastion calls its authorities. */
const TYPED: ReadonlySet<string> = new Set(['prod role', 'ssh mysql', 'sudo rm', 'bastion user', 'bastion host']);
function english(text: string): string[] {
  return (text.replaceAll(/`[^`]*`/g, '').match(ENGLISH) ?? []).filter((words) => !TYPED.has(words));
}

/** What a sentence is once it is there, without a word of English. */
async function sentence(locator: Locator): Promise<string> {
  const text = ((await locator.textContent()) ?? '').trim();
  expect(english(text)).toEqual([]);
  return text;
}

test('a wrong password, and one that is not good enough', async () => {
  await using visit = await visitor();
  const { page } = visit;
  await page.goto('/profile/password');
  await page.getByLabel('当前密码').fill('wrong');
  await page.getByLabel('新密码', { exact: true }).fill('three blind mice run');
  await page.getByLabel('再次输入新密码').fill('three blind mice run');
  await page.locator('form').getByRole('button').last().click();
  await page.getByText('当前密码不正确').waitFor();
  await using other = await chromium.visit(house.bastion, { language: 'zh-CN' });
  await other.page.goto('/login');
  await other.page.getByLabel('用户名').fill(ADMIN.name);
  await other.page.getByLabel('密码', { exact: true }).fill('wrong');
  await button(other.page, '登录').click();
  await sentence(other.page.getByRole('alert').filter({ hasText: '用户名或密码不正确' }));
});

test('something that is not there', async () => {
  await using visit = await visitor();
  const { page } = visit;
  await page.goto('/admin/assets/nowhere');
  const told = page.getByText('没有资产 "nowhere"');
  await told.waitFor();
  expect(await told.textContent()).toBe('没有资产 "nowhere"。');
});

test('a file of assets with faults', async () => {
  await using visit = await visitor();
  const { page } = visit;
  await page.goto('/admin/import');
  await page
    .getByLabel('或粘贴文本')
    .fill('name,address,platform\ndead,10.0.0.1,linux\nfresh1,[10.0.0.2],linux\nfresh2,10.0.0.3,beos\n');
  await button(page, '检查').click();
  await page.getByText('name：已有同名资产').waitFor();
  const fault = (name: string) => sentence(page.getByRole('row').filter({ hasText: name }).getByRole('cell').last());
  expect(await fault('dead')).toBe('name：已有同名资产');
  expect(await fault('fresh1')).toMatch(/^address：必须是主机名、IPv4 或 IPv6 地址/);
  expect(await fault('fresh2')).toMatch(/^没有平台 "?beos"?。可用的有：/);
});

test('an asset at which nobody listens', async () => {
  await using visit = await visitor();
  const { page } = visit;
  await page.goto('/admin/assets/dead');
  await button(page, '测试').click();
  const told = page.getByRole('status').filter({ hasText: 'dead' });
  await told.waitFor();
  expect(await sentence(told)).toContain('dead (127.0.0.1:1) 拒绝了连接：请检查其 SSH 服务是否运行、端口是否正确。');
  // and in the audit, where the test is written down in English
  await page.goto('/admin/audit?action=asset.test');
  await page.getByText('拒绝了连接').first().waitFor();
});

test('why somebody may not use an asset, step by step', async () => {
  await using visit = await visitor();
  const { page } = visit;
  await page.goto(`/admin/permissions/explain?user=${ADMIN.name}&asset=dead`);
  await page.getByText('判定过程').waitFor();
  const steps = page.locator('.mantine-Timeline-item');
  await steps.filter({ hasText: '拒绝：' }).waitFor();
  expect(await Promise.all((await steps.all()).map(sentence))).toEqual([
    '用户 meiling 已启用。',
    '资产 dead 存在且已启用。',
    '协议：dead 提供 ssh；ssh 可用于终端。',
    '授权“everything”不适用：已停用。',
    '拒绝：没有生效中的授权允许 meiling 访问 dead。',
  ]);
});

test('the language is changed while an error stands there', async () => {
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto('/admin/assets/nowhere');
  await page.getByText('There is no asset "nowhere"').waitFor();
  await button(page, `Account of ${ADMIN.name}`).click();
  await page.getByRole('menuitem', { name: '简体中文' }).or(page.getByText('简体中文')).first().click();
  await page.getByText('没有资产 "nowhere"').waitFor();
});

test('no page says anything in English, whatever stands on it', async () => {
  await using visit = await visitor();
  const { page } = visit;
  const paths = [
    '',
    '/users',
    '/groups',
    '/assets',
    '/permissions',
    '/filters',
    '/sessions',
    '/sessions/past',
    '/reviews',
  ];
  paths.push(
    '/commands',
    '/transfers',
    '/audit',
    '/audit/verify',
    '/host-keys',
    '/tokens',
    '/lockouts',
    '/authorities',
  );
  paths.push('/import', '/users/meiling', '/groups/ops', '/assets/dead', '/permissions/everything', '/filters/try');
  const left: string[] = [];
  for (const path of [
    ...paths.map((path) => `/admin${path}`),
    '/luna',
    '/profile',
    '/profile/keys',
    '/profile/tokens',
  ]) {
    await page.goto(path);
    await page.getByRole('heading').first().waitFor();
    await page.waitForLoadState('networkidle');
    // what is to be typed, or was, and names of the house are as they are
    const texts = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement!;
        if (!element.closest('code, .mono, script, style, [lang=en]')) found.push(node.textContent ?? '');
      }
      for (const element of document.querySelectorAll(
        ':is([aria-label], [placeholder], [title]):not([aria-hidden=true])',
      ))
        for (const name of ['aria-label', 'placeholder', 'title']) found.push(element.getAttribute(name) ?? '');
      return found;
    });
    left.push(...texts.flatMap(english).map((words) => `${path}: ${words}`));
  }
  expect(left).toEqual([]);
});
