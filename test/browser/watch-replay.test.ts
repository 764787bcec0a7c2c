import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { baseOf, type Chromium, startChromium } from './kit.ts';

const ADMIN = { name: 'edith', password: 'a long enough phrase 7' };
const AUDITOR = { name: 'audrey', password: 'another long phrase 8' };
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

/** A session of alice at its prompt, and its id. */
async function atPrompt() {
  const before = new Set((await house.api.sessions.list({ live: true })).items.map(({ id }) => id));
  const terminal = house.terminal('alice@web1', { size: { cols: 90, rows: 24 } });
  await terminal.shows(PROMPT);
  const { id } = await house.live((row) => !before.has(row.id));
  return { terminal, id };
}

/** What the watched terminal shows, row by row. */
const watched = (page: Page) => page.locator('[data-testid=watched] .xterm-rows');
const replayed = (page: Page) => page.getByTestId('replay-screen');
const clock = async (page: Page) => {
  const [minutes, seconds] = ((await page.getByTestId('clock').textContent()) ?? '')
    .split(' / ')[0]!
    .split(':')
    .map(Number);
  return minutes! * 60 + seconds!;
};

test('watching: the full screen at once, then live; typing along, locking, ending; and the way to the recording', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  terminal.enter('printf "\\033]0;<img src=x onerror=alert(1)>\\007\\033]52;c;aGFja2Vk\\007"; echo be"fore"');
  await terminal.shows(/\nbefore\n/);
  await using visit = await chromium.visit(house.bastion, { as: ADMIN });
  const { page } = visit;
  await page.goto(`/watch/${id}`);
  await watched(page).getByText('before').last().waitFor();
  terminal.enter('echo li"ve"');
  await watched(page).getByText('live', { exact: true }).waitFor();
  expect(await page.title()).toBe('alice on web1 · Bastion');
  // the person at the terminal hears of nobody who only looks
  expect(terminal.screen()).not.toContain(ADMIN.name);

  await page.getByRole('button', { name: 'Type along' }).click();
  await page.getByText('You type along').waitFor();
  await terminal.shows(/edith types along now\./);
  await page.keyboard.type('echo by ed"ith"\n');
  await terminal.shows(/\nby edith\n/);
  await page.getByRole('button', { name: 'Stop typing' }).click();
  await terminal.shows(/edith no longer types\./);

  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await page.getByText('The input is locked by edith.').waitFor();
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByText('The input is locked').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'End session' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
  await page.getByText('edith ended it.').waitFor();
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  await page.getByRole('link', { name: 'Watch the recording' }).click();
  await replayed(page).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/replay/${id}`);
});

test('an auditor looks on and does nothing else; a look ends when the right does', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  await using visit = await chromium.visit(house.bastion, { as: AUDITOR });
  const { page } = visit;
  await page.goto(`/watch/${id}`);
  await watched(page).getByText('bastion-test@').first().waitFor();
  for (const name of ['Type along', 'Lock', 'End session'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
  await page.getByRole('link', { name: 'Bastion' }).click();
  await page
    .getByRole('dialog', { name: /^alice/ })
    .getByRole('link', { name: 'Watch' })
    .click();
  await watched(page).getByText('bastion-test@').first().waitFor();
  await house.api.users.set({ name: AUDITOR.name, role: 'user' });
  await page.getByText('Your right to watch this session was withdrawn.').waitFor();
  await house.api.users.set({ name: AUDITOR.name, role: 'auditor' });
  terminal.enter('exit');
});

test('the replay plays, goes where a command or a hit is pressed, and begins at the second of a link', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  terminal.enter('echo fi"rst"');
  await terminal.shows(/\nfirst\n/);
  terminal.enter('sleep 4; echo "<b>sec</b>ond"');
  await terminal.shows(/\n<b>sec<\/b>ond\n/);
  terminal.enter('clear; echo th"ird"');
  await terminal.shows(/^third\n/m);
  terminal.enter('exit');
  await terminal.exit;
  const { startedAt, endedAt } = await house.settled(id);
  const length = (Date.parse(endedAt!) - Date.parse(startedAt)) / 1000;

  await using visit = await chromium.visit(house.bastion, { as: AUDITOR });
  const { page } = visit;
  await page.goto(`/replay/${id}`);
  // pauses are skipped: it gets to its end sooner than it took
  await eventually('the end', async () => ((await clock(page)) >= Math.floor(length - 1) ? true : undefined));
  await replayed(page).getByText('third', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Play (Space)' }).waitFor();

  const command = page.getByRole('button', { name: /^echo fi"rst"/ });
  await command.click();
  await replayed(page).getByText('third', { exact: true }).waitFor({ state: 'detached' });
  expect(await clock(page)).toBeLessThan(length - 3);
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Pause (Space)' }).waitFor();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Play (Space)' }).waitFor();

  await page.getByRole('tab', { name: 'Search' }).click();
  await page.getByPlaceholder('Find in the output').fill('ond');
  await page
    .getByRole('button', { name: /<b>sec<\/b>ond/ })
    .first()
    .click();
  await replayed(page).getByText('<b>sec</b>ond').first().waitFor();

  const second = Math.floor(length) - 3;
  await page.goto(`/replay/${id}?t=${second}`);
  await replayed(page).getByText('first', { exact: true }).waitFor();
  expect(await clock(page)).toBeGreaterThanOrEqual(second);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download (.cast)' }).click(),
  ]);
  expect(JSON.parse(readFileSync(await download.path(), 'utf8').split('\n')[0]!)).toMatchObject({
    version: 2,
    width: 90,
  });
  await page.getByRole('link', { name: 'Back' }).click();
  await page
    .getByRole('dialog', { name: /^alice/ })
    .getByText('echo fi"rst"')
    .waitFor();
  const looks = await house.audit({ action: 'recording.read', actor: AUDITOR.name });
  expect(looks.filter(({ target }) => target?.id === id)).toHaveLength(3);
});

test('a link that is shared leads who may use it to the terminal, and nobody else anywhere', async () => {
  const [bob, carl] = [
    { name: 'bob', password: 'the third of phrases 9' },
    { name: 'carl', password: 'the fourth of phrases 9' },
  ];
  await house.api.users.add(bob);
  await house.api.users.add(carl);
  await house.api.permissions.set({ name: 'alice', actions: ['connect', 'share'] });
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  const { secret } = await house.api.tokens.add({ user: 'alice' });
  const alice = createClient({ transport: fetchTransport({ url: baseOf(house.bastion), token: secret }) });
  const { token, share } = await alice.shares.add({ id, write: true, users: ['bob'] });

  await using other = await chromium.visit(house.bastion, { as: carl });
  await other.page.goto(`/share#${token}`);
  await other.page.getByText('This link leads nowhere').waitFor();

  // whoever is not signed in does that first, and comes back with the token
  await using visit = await chromium.visit(house.bastion);
  const { page } = visit;
  await page.goto(`/share#${token}`);
  await page.getByLabel('Name').fill(bob.name);
  await page.getByRole('textbox', { name: 'Password' }).fill(bob.password);
  await page.keyboard.press('Enter');
  await page.getByText('alice lets you look on and type along').waitFor();
  expect(terminal.screen()).not.toContain('bob');
  await page.getByRole('button', { name: 'Open the terminal' }).click();
  await terminal.shows(/bob watches this session by a link\./);
  await page.getByRole('button', { name: 'Type along' }).click();
  await page.getByText('You type along').waitFor();
  await page.keyboard.type('echo by b"ob"\n');
  await terminal.shows(/\nby bob\n/);
  expect(await page.getByRole('button', { name: 'End session' }).count()).toBe(0);
  await alice.shares.remove({ id: share.id });
  await page.getByText('Your right to watch this session was withdrawn.').waitFor();
  await terminal.shows(/bob no longer watches\./);
  terminal.enter('exit');
});
