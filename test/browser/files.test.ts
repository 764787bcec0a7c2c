import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCutProxy } from '../kit/cut-proxy.ts';
import { sha256, sha256OfFile } from '../kit/hash.ts';
import { eventually } from '../kit/process.ts';
import { Seeded } from '../kit/seeded.ts';
import { openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';
import { type Chromium, startChromium } from './kit.ts';

const ALICE = { name: 'alice', password: 'a long enough phrase 7' };
const READER = { name: 'download', password: 'another long phrase 8' };
const MIB = 1024 * 1024;
let at: TransferHouse;
let chromium: Chromium;
let here: string;

beforeAll(async () => {
  [at, chromium, here] = await Promise.all([
    startTransferHouse(),
    startChromium(),
    mkdtemp(join(tmpdir(), 'bastion-upload-')),
  ]);
  for (const { name, password } of [ALICE, READER]) await at.house.api.users.set({ name, password });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await at?.[Symbol.asyncDispose]();
  await rm(here, { recursive: true, force: true });
});

/** A folder of a test's own on the target, and the page that shows it. */
async function inFolder(page: Page, name: string): Promise<string> {
  const folder = await openDirectory(join(at.there, name));
  await goTo(page, folder);
  return folder;
}

async function goTo(page: Page, folder: string): Promise<void> {
  if (!page.url().includes('/files')) await page.goto('/files?asset=web1');
  await page.getByTestId('files').waitFor();
  await page.getByRole('button', { name: 'Type a path' }).click();
  await page.getByRole('textbox', { name: 'Path' }).fill(folder);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Path' }).getByText(folder.split('/').at(-1)!).waitFor();
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
const uploads = (page: Page, state: string) => page.locator(`[data-testid=upload][data-state=${state}]`);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('names of a hostile target are text and nothing else', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: ALICE });
  const { page } = visit;
  const folder = await openDirectory(join(at.there, 'hostile'));
  const name = '<img src=x onerror="document.title=1">';
  await writeFile(join(folder, name), 'x');
  await mkdir(join(folder, '"><script>document.title=1<'));
  await writeFile(join(folder, 'evil\u202egpj.exe'), 'x');
  await writeFile(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9), Buffer.from('\n.txt')]), 'raw bytes');
  await goTo(page, folder);
  await row(page, name).waitFor();
  await row(page, '"><script>document.title=1<').waitFor();
  await row(page, 'evil\ufffdgpj.exe').waitFor();
  await row(page, 'caf\ufffd␊.txt').dblclick();
  expect(await page.getByRole('dialog').getByRole('textbox').inputValue()).toBe('raw bytes');
  await page.keyboard.press('Escape');
  await button(page, `What can be done with ${name}`).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted one file or folder').waitFor();
  await expect(stat(join(folder, name))).rejects.toThrow();
  expect(await page.title()).toContain('Files');
});

test('up and down are the same bytes; what is there already is asked about', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: ALICE });
  const { page } = visit;
  const folder = await inFolder(page, 'both-ways');
  const bytes = new Seeded(21).bytes(5 * MIB + 7);
  await writeFile(join(here, 'report.bin'), bytes);
  const input = page.getByTestId('upload-files');
  await input.setInputFiles(join(here, 'report.bin'));
  await uploads(page, 'done').waitFor();
  expect(sha256OfFile(join(folder, 'report.bin'))).toBe(sha256(bytes));
  const download = page.waitForEvent('download');
  await row(page, 'report.bin').click();
  await button(page, 'Download').click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('report.bin');
  expect(sha256OfFile(await saved.path())).toBe(sha256(bytes));

  await writeFile(join(here, 'report.bin'), 'second');
  await input.setInputFiles(join(here, 'report.bin'));
  await button(page, 'Keep both').click();
  await row(page, 'report (2).bin').waitFor();
  expect(await readFile(join(folder, 'report (2).bin'), 'utf8')).toBe('second');
  await input.setInputFiles(join(here, 'report.bin'));
  await button(page, 'Skip').click();
  await uploads(page, 'skipped').waitFor();
  expect(sha256OfFile(join(folder, 'report.bin'))).toBe(sha256(bytes));
  await input.setInputFiles(join(here, 'report.bin'));
  await button(page, 'Overwrite').click();
  await eventually('the file to be another', async () => {
    const text = await readFile(join(folder, 'report.bin'));
    return text.toString() === 'second' || undefined;
  });
  const { items } = await at.house.api.transfers.list({ limit: 500 });
  const ours = items.filter(({ path }) => path.startsWith(folder));
  expect(new Set(ours.map(({ method }) => method))).toEqual(new Set(['web']));
});

test('a whole folder is uploaded, chosen or dropped', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: ALICE });
  const { page } = visit;
  const folder = await inFolder(page, 'folders');
  await mkdir(join(here, 'photos', '2026', 'trip'), { recursive: true });
  for (const name of ['a.jpg', '2026/b.jpg', '2026/trip/c.jpg']) await writeFile(join(here, 'photos', name), name);
  await page.getByTestId('upload-folder').setInputFiles(join(here, 'photos'));
  await row(page, 'photos').waitFor();
  await uploads(page, 'done').nth(2).waitFor();
  expect(await readFile(join(folder, 'photos/2026/trip/c.jpg'), 'utf8')).toBe('2026/trip/c.jpg');

  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], 'dropped.txt'));
    return data;
  });
  const list = page.getByTestId('files');
  await list.dispatchEvent('dragenter', { dataTransfer: data });
  await page.getByText(`Drop to upload to ${folder}`).waitFor();
  await list.dispatchEvent('drop', { dataTransfer: data });
  await row(page, 'dropped.txt').waitFor();
  expect(await readFile(join(folder, 'dropped.txt'), 'utf8')).toBe('dropped');
});

test('an upload goes on after the network was cut, and is exact', async () => {
  await using network = await startCutProxy(at.house.bastion.httpPort);
  const bastion = { ...at.house.bastion, httpPort: network.port };
  await using visit = await chromium.visit(bastion, { as: ALICE, expected: [/net::ERR_/] });
  const { page } = visit;
  const folder = await inFolder(page, 'cut');
  const bytes = new Seeded(22).bytes(6 * MIB);
  await writeFile(join(here, 'long.bin'), bytes);
  network.holdAfter(2 * MIB);
  await page.getByTestId('upload-files').setInputFiles(join(here, 'long.bin'));
  const size = async () => (await stat(join(folder, 'long.bin')).catch(() => undefined))?.size ?? 0;
  await eventually('some of it there', async () => (await size()) > MIB || undefined);
  network.cut();
  await page.getByText('The connection was cut.').waitFor();
  const begun = await eventually('the cut to be written down', async () => {
    const { items } = await at.house.api.transfers.list({ limit: 10 });
    return items.find(({ path, result }) => path.endsWith('/long.bin') && result === 'cancelled');
  });
  expect([begun.bytes, begun.method]).toEqual([await size(), 'web']);
  network.heal();
  await button(page, 'Go on').click();
  await uploads(page, 'done').waitFor();
  expect(sha256OfFile(join(folder, 'long.bin'))).toBe(sha256(bytes));
  const rest = await eventually('the rest to be written down', async () => {
    const { items } = await at.house.api.transfers.list({ limit: 10 });
    return items.find(({ path, result }) => path.endsWith('/long.bin') && result === 'ok');
  });
  expect(rest).toMatchObject({ partial: true, method: 'web', bytes: bytes.length - begun.bytes });
});

test('the keyboard goes through folders, renames and deletes', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: ALICE });
  const { page } = visit;
  const folder = await inFolder(page, 'keyboard');
  await button(page, 'New folder').click();
  await page.getByLabel('Name of the folder').fill('inner');
  await page.keyboard.press('Enter');
  await row(page, 'inner').waitFor();
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(join(folder, 'inner', name), name, { mode: 0o666 });
  await chmod(join(folder, 'inner'), 0o777);
  await page.getByTestId('files').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await row(page, 'b.txt').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('F2');
  await page.getByLabel('Rename').fill('renamed.txt');
  await page.keyboard.press('Enter');
  await row(page, 'renamed.txt').waitFor();
  expect(await readFile(join(folder, 'inner/renamed.txt'), 'utf8')).toBe('a.txt');
  await page.getByTestId('files').focus();
  await page.keyboard.press('Control+a');
  await page.getByText('3 selected').waitFor();
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('This folder is empty').waitFor();
  await page.getByTestId('files').focus();
  await page.keyboard.press('Backspace');
  await row(page, 'inner').waitFor();
});

test('a small text is edited, its line ends stay, and a change by others is not lost', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: ALICE });
  const { page } = visit;
  const folder = await openDirectory(join(at.there, 'texts'));
  const path = join(folder, 'windows.ini');
  await writeFile(path, '[a]\r\nx=1\r\n');
  await writeFile(join(folder, 'binary'), Buffer.of(0xff, 0xfe, 0));
  for (const name of ['windows.ini', 'binary']) await chmod(join(folder, name), 0o666);
  await goTo(page, folder);
  await row(page, 'windows.ini').dblclick();
  const text = page.getByRole('dialog').getByRole('textbox');
  expect(await text.inputValue()).toBe('[a]\nx=1\n');
  await text.fill('[a]\nx=2\n');
  await button(page, 'Save').click();
  await page.getByText('Not saved yet').waitFor({ state: 'hidden' });
  expect(await readFile(path, 'utf8')).toBe('[a]\r\nx=2\r\n');
  await text.fill('[a]\nx=3\n');
  await writeFile(path, 'somebody else');
  await button(page, 'Save').click();
  await page.getByText('has changed on the target').waitFor();
  expect(await readFile(path, 'utf8')).toBe('somebody else');
  await button(page, 'Load it again').click();
  await page.waitForFunction(() => document.querySelector('textarea')?.value === 'somebody else');
  await page.keyboard.press('Escape');
  await row(page, 'binary').dblclick();
  await page.getByText('This is no UTF-8 text').waitFor();
});

test('what one may not do is off, and says why', async () => {
  await using visit = await chromium.visit(at.house.bastion, { as: READER, viewport: { width: 360, height: 640 } });
  const { page } = visit;
  const folder = await openDirectory(join(at.there, 'read-only'));
  await writeFile(join(folder, 'seen.txt'), 'seen');
  await goTo(page, folder);
  await row(page, 'seen.txt').click();
  for (const [name, action] of [
    ['New folder', 'upload'],
    ['Delete', 'delete'],
  ] as const) {
    const off = button(page, name);
    expect(await off.getAttribute('aria-disabled')).toBe('true');
    await off.hover();
    await page.getByText(`does not have the action "${action}"`).waitFor();
  }
  await page.keyboard.press('Delete');
  expect(await page.getByRole('dialog').count()).toBe(0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
  // a session that ended is opened again by the next look
  const { items } = await at.house.api.sessions.list({ live: true });
  const session = items.find(({ user, use }) => user === READER.name && use === 'files')!;
  await at.house.api.sessions.end({ id: session.id });
  await at.house.settled(session.id);
  await button(page, 'Refresh').click();
  await row(page, 'seen.txt').waitFor();
  await at.house.live((one) => one.user === READER.name && one.id !== session.id);
});
