import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditHead } from '../../src/api/contract/audit.ts';
import { CSRF_HEADER } from '../../src/api/contract/ws-limits.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { deriveAuditKeys, signHead } from '../../src/store/audit/keys.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
const AUDITOR = { name: 'audrey', password: 'another long phrase 8' };
const MARKUP = '<img src=x onerror=document.title=1>';
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  await house.api.users.add({ ...ADMIN, role: 'admin' });
  await house.api.users.add({ ...AUDITOR, role: 'auditor' });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const asAdmin = () => chromium.visit(house.bastion, { as: ADMIN });

async function saved(download: { path(): Promise<string> }): Promise<string> {
  return readFileSync(await download.path(), 'utf8');
}

test('a live session is seen, locked and ended from its row; who sits there is told by whom', async () => {
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/sessions');
  await page.getByText('Nobody is connected').waitFor();
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const row = page.getByRole('row').filter({ hasText: 'alice' });
  await row.getByText('web1').waitFor();
  await row.getByRole('button', { name: 'Lock' }).click();
  await row.getByText('locked').waitFor();
  const { id } = await house.live();
  expect((await house.api.sessions.show({ id })).locked).toBe(true);
  await row.getByRole('button', { name: 'Unlock' }).click();
  await row.getByRole('button', { name: 'Lock' }).waitFor();
  expect(await row.getByRole('link', { name: 'Watch' }).getAttribute('href')).toBe(`/watch/${id}`);
  await row.getByRole('button', { name: 'End' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('End the session of alice on web1?').waitFor();
  await dialog.getByRole('button', { name: 'End' }).click();
  await terminal.exit;
  expect(terminal.raw).toContain(`Terminated by ${ADMIN.name}.`);
  await page.getByText('Nobody is connected').waitFor();

  await page.getByRole('tab', { name: 'Past' }).click();
  await page
    .getByRole('row')
    .filter({ hasText: `ended by ${ADMIN.name}` })
    .getByText('Terminal')
    .click();
  const facts = page.getByRole('dialog');
  await facts.getByText(`${ADMIN.name} ended it.`).waitFor();
  const { recordingSha256 } = await house.settled(id);
  await page.reload();
  await facts.getByText(recordingSha256!).waitFor();
  expect(await facts.getByRole('link', { name: 'Replay' }).getAttribute('href')).toBe(`/replay/${id}`);
});

test('a command and what it showed lead to their second of the recording; markup stays text; exports are downloads', async () => {
  const terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter(`printf '%20s\\n' '${MARKUP}' # fi"nd" me`);
  await terminal.shows(/onerror=document.title=1>\n/);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);

  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/commands');
  // what looks like an escape in an address is none
  await page.getByPlaceholder('Anywhere in the command').fill("printf '%20s");
  const line = page.getByRole('row').filter({ hasText: `'${MARKUP}'` });
  await line.waitFor();
  await page.waitForURL((url) => url.searchParams.get('text') === "printf '%20s");
  await page.reload();
  await line.getByText('screen').waitFor();
  expect(await page.getByPlaceholder('Anywhere in the command').inputValue()).toBe("printf '%20s");
  expect(await page.locator('img[src=x]').count()).toBe(0);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^bastion-commands-\d{4}-\d\d-\d\d\.jsonl$/);
  const exported = (await saved(download)).trimEnd().split('\n');
  expect(exported.map((text) => (JSON.parse(text) as { session: string }).session)).toEqual([id]);
  await line.getByText('shell').click();
  await page.waitForURL(new RegExp(`/replay/${id}\\?t=\\d+$`));

  await eventually('the output to be found', async () =>
    (await house.api.search.output({ text: 'onerror=document' })).items.length > 0 ? true : undefined,
  );
  await page.goto('/admin/commands?in=output');
  await page.getByText('Search what machines answered').waitFor();
  await page.getByPlaceholder(/Anywhere in what was shown/).fill('onerror=document');
  await page.keyboard.press('Enter');
  const hit = page.locator('tbody tr').first();
  expect(await hit.locator('mark').textContent()).toBe('onerror=document');
  expect(await page.locator('img[src=x]').count()).toBe(0);
  await hit.locator('mark').click();
  await page.waitForURL(new RegExp(`/replay/${id}\\?t=\\d+$`));
});

test('an auditor reads what was before and after, verifies the log with a head that was saved, and changes nothing', async () => {
  await house.api.users.set({ name: 'alice', comment: `was ${MARKUP}` });
  await house.api.users.set({ name: 'alice', comment: 'is another' });
  await using visit = await chromium.visit(house.bastion, { as: AUDITOR });
  const { page } = visit;
  await page.goto('/admin/audit?action=user.update&target=alice');
  await page.locator('tbody tr').first().click();
  const row = page.getByRole('dialog');
  const change = row.getByRole('row').filter({ hasText: 'comment' });
  expect(await change.getByRole('cell').allTextContents()).toEqual(['comment', `was ${MARKUP}`, 'is another']);
  expect(await page.locator('img[src=x]').count()).toBe(0);
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Verify' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Save head' }).click(),
  ]);
  const head = JSON.parse(await saved(download)) as AuditHead;
  expect(head.format).toBe('bastion-audit-head-1');
  const box = page.getByRole('textbox', { name: 'Compare with a head that was kept' });
  await box.fill('not a head');
  await page.getByText('This is no head').waitFor();
  expect(await page.getByRole('button', { name: 'Verify now' }).isDisabled()).toBe(true);
  await box.fill(JSON.stringify(head));
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('Nothing was changed').waitFor();
  await page.getByText(head.chain, { exact: true }).waitFor();
  await box.fill(JSON.stringify({ ...head, seq: head.seq + 1 }));
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('The saved head is damaged: its signature does not fit it.').waitFor();
  // genuine, and of another bastion
  const other = signHead(deriveAuditKeys(Secret.of(randomBytes(32))), {
    first: 1,
    seq: 1,
    at: head.at,
    hash: head.hash,
  });
  await box.fill(JSON.stringify(other));
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByText('Something was changed: 1 finding').waitFor();
  await page.getByText(/The saved head of row 1 is of another chain/).waitFor();

  await page.goto('/admin/sessions');
  await page.getByRole('tab', { name: 'Past' }).click();
  // who may not list users and assets types their names
  await page.getByRole('textbox', { name: 'User', exact: true }).fill('nobody');
  await page.getByText('Nothing matches').waitFor();
  expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
});

test('settings say where they come from; a lockout is cleared; a token is shown once', async () => {
  await using visit = await asAdmin();
  const { page } = visit;
  await page.goto('/admin/settings?text=disk_reserve');
  const setting = page.getByRole('row').filter({ hasText: 'session.disk_reserve' });
  await setting.getByText('BASTION_SESSION__DISK_RESERVE').waitFor();
  await setting.getByText('set', { exact: true }).waitFor();

  const refused = await fetch(`${visit.base}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [CSRF_HEADER]: '1', origin: visit.base },
    body: JSON.stringify({ name: 'mallory', password: 'no such thing' }),
  });
  expect(refused.status).toBe(401);
  await page.goto('/admin/lockouts');
  const counted = page.getByRole('row').filter({ hasText: 'mallory' });
  await counted.getByText('counting').waitFor();
  await counted.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('Nobody is locked out').waitFor();
  await page.goto('/admin/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'For' }).fill('alice');
  await page.getByRole('option', { name: 'alice' }).click();
  await dialog.getByRole('textbox', { name: 'What it is for' }).fill('pipeline');
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = (await dialog.getByText(/^bst_/).textContent())!;
  const as = await fetch(`${visit.base}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
  expect(await as.json()).toMatchObject({ name: 'alice' });
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row').filter({ hasText: 'pipeline' }).waitFor();
  await page.getByText(secret).waitFor({ state: 'detached' });
});
