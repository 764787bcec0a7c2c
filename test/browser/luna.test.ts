import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { type Chromium, startChromium } from './kit.ts';
import { asset, copyAll, endOf, openLuna, openTerminal, panes, rowsOf, shows, startWire } from './luna-kit.ts';

const PASSWORD = 'a long enough phrase 7';
const as = { name: 'alice', password: PASSWORD };
const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };
let house: House;
let chromium: Chromium;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse({ config: { session: { watermark: 'on' } } }), startChromium()]);
  await house.api.users.set({ name: 'alice', password: PASSWORD });
  await addTarget(house, 'web2', house.sshd, { folder: '/prod/web' });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

test('a double click opens one terminal, and its files stand beside it with one press', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await asset(page, 'web1').dblclick();
  await shows(panes(page).first(), /bastion-test@\S+:~\$/);
  expect(await page.getByRole('tab').count()).toBe(1);
  await page.getByRole('button', { name: 'Files of web1' }).click();
  await page.getByRole('button', { name: /^New folder/ }).waitFor();
});

test('a session: Tab completes, the size of the window is the program’s, the title of a program is text, Enter connects again', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  expect(await pane.locator('[data-watermark]').textContent()).toMatch(/^alice /);
  await page.keyboard.type('mkdir -p /tmp/bastion-luna-tab; echo ma""de\n');
  await shows(pane, /^made$/m);
  await page.keyboard.type('cd /tmp/bastion-luna-t');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await shows(pane, /:\/tmp\/bastion-luna-tab\$/);
  await page.keyboard.type('clear; stty size\n');
  // rows are drawn one by one: one that was there a moment ago may be between two drawings now
  const sizeOf = async () =>
    (await rowsOf(pane))
      .find((row) => /^\d+ \d+$/.test(row))
      ?.split(' ')
      .map(Number);
  const [rows, cols] = (await eventually('the size', sizeOf)) as [number, number];
  await page.setViewportSize({ width: 1000, height: 600 });
  await eventually(
    'a smaller screen',
    async () => (await pane.locator('.xterm-rows > div').count()) < rows || undefined,
  );
  await page.keyboard.type('clear; stty size\n');
  await eventually('the size of the program', async () => {
    const size = await sizeOf();
    return size && size[0]! < rows && size[1]! < cols ? true : undefined;
  });

  const title = '<img src=x onerror=alert(1)>';
  await page.keyboard.type(`clear; PS1='$ '; printf '\\033]0;${title}%0100d\\007'\n`);
  // the line that sets it is on the screen, too
  await pane.locator('header').getByText(title).waitFor();
  expect(await pane.locator('header').getByText(title).textContent()).toHaveLength(80);
  expect(await page.title()).toBe('web1 · Bastion');

  await page.keyboard.type('exit 3\n');
  expect(await endOf(pane)).toContain('exit code 3');
  await page.keyboard.press('Enter');
  await pane.getByRole('alert').waitFor({ state: 'detached' });
  await shows(pane, /bastion-test@\S+:~\$/);
});

test('a permission that is taken away ends the session and says so; nothing can be reached then, and whom to ask', async () => {
  await house.api.users.add({ name: 'carol', password: PASSWORD });
  await house.api.permissions.add({ name: 'carol', users: ['carol'], folders: ['/'], accounts: ['@all'] });
  await using visit = await openLuna(chromium, house.bastion, { as: { name: 'carol', password: PASSWORD } });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await house.api.permissions.remove({ name: 'carol' });
  expect(await endOf(pane)).toContain('Your permission for this was taken away while you were connected.');
  await page.keyboard.press('Enter');
  await pane.getByText('Not connected').waitFor();
  await page.reload();
  await page.getByText('Ask an administrator for a permission').first().waitFor();
});

test('a denied command is told in the terminal', async () => {
  await house.api.filters.add({
    name: 'danger',
    action: 'deny',
    words: ['rm -rf'],
    users: ['alice'],
  });
  await using visit = await openLuna(chromium, house.bastion, { as });
  const pane = await openTerminal(visit.page, 'web1');
  await visit.page.keyboard.type('rm -rf /nowhere\n');
  await shows(pane, /Command `rm -rf \/nowhere` is forbidden by the filter "danger"/);
  await visit.page.keyboard.type('echo still he""re\n');
  await shows(pane, /^still here$/m);
  await house.api.filters.remove({ name: 'danger' });
});

test('a cut network: what was typed meanwhile arrives, and no byte of output is missing or doubled', async () => {
  await using wire = await startWire(house.bastion.httpPort);
  const expected = [/WebSocket connection to .* failed/, /net::ERR_/];
  await using visit = await openLuna(
    chromium,
    { ...house.bastion, httpPort: wire.httpPort },
    { as, expected, context: clipboard },
  );
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await page.keyboard.type(
    "clear; PS1='$ '; printf '%s-%s\\n' wai ting; read x; echo \"got $x\"; seq -f 'line %g' 4000; echo d''one\n",
  );
  await shows(pane, /^wai-ting$/m);

  wire.cut();
  await pane.getByText('The connection was lost').waitFor();
  await page.keyboard.type('hello');
  const flood = wire.cutAfter(12_000);
  wire.mend();
  await pane.getByText('The connection was lost').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await flood;
  await pane.getByText('The connection was lost').waitFor();
  wire.mend();
  await shows(pane, /^done$/m);

  const text = await copyAll(page, pane);
  const lines = text.split('\n').map((line) => line.trimEnd());
  const from = lines.indexOf('wai-ting');
  const numbers = Array.from({ length: 4000 }, (_, at) => `line ${at + 1}`);
  expect(lines.slice(from, from + 4004)).toEqual(['wai-ting', 'hello', 'got hello', ...numbers, 'done']);
});

test('an address opens its asset; another one says that it cannot be reached', async () => {
  await using visit = await openLuna(
    chromium,
    house.bastion,
    { as },
    '/luna?asset=web2&account=bastion-test&protocol=ssh',
  );
  const { page } = visit;
  await shows(panes(page).first(), /bastion-test@\S+:~\$/);
  await page.getByRole('tab', { name: 'web2' }).waitFor();
  expect(new URL(page.url()).search).toBe('');
  // waits for the page to be left although something is live
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto('/luna?asset=nowhere');
  await page.getByText('You cannot reach “nowhere”').waitFor();
  // sooner than a lost connection would be waited for
  await eventually('the session of the page that was left to be over', async () => {
    const { items } = await house.api.sessions.list({ live: true, limit: 100 });
    return items.every((row) => row.asset !== 'web2') || undefined;
  });
});

test('one line for two tabs, and for the one of a folder', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await openTerminal(page, 'web1');
  await openTerminal(page, 'web2');
  await page.getByRole('button', { name: 'Batch input' }).click();
  const line = page.getByLabel('Line for the chosen terminals');
  await line.fill('echo to bo""th');
  await line.press('Control+Enter');
  await page.getByText('Sent to bastion-test@web1, bastion-test@web2').waitFor();
  await shows(panes(page).first(), /^to both$/m);
  await page.getByRole('button', { name: '2 terminals' }).click();
  await page.getByLabel('/prod/web').uncheck();
  await page.getByRole('button', { name: '1 terminal' }).click();
  await line.fill('echo to o""ne');
  await line.press('Control+Enter');
  await page.getByText('Sent to bastion-test@web1', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'web1' }).click();
  await shows(panes(page).first(), /^to both$[\s\S]*^to one$/m);
  await page.getByRole('tab', { name: 'web2' }).click();
  await shows(panes(page).first(), /^to both$/m);
  expect((await rowsOf(panes(page).first())).join('\n')).not.toContain('to one');
});

test('several lines are shown before they are pasted, and nothing is pasted without the right', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as, context: clipboard });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await page.evaluate(() => navigator.clipboard.writeText('echo pasted o""ne\necho pasted t""wo\n'));
  await page.keyboard.press('Control+Shift+V');
  const dialog = page.getByRole('dialog', { name: 'Paste 2 lines?' });
  await dialog.getByText('echo pasted o""ne').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Shift+V');
  await dialog.getByRole('button', { name: 'Paste' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await shows(pane, /^pasted one$[\s\S]*^pasted two$/m);
  await house.api.permissions.set({ name: 'alice', actions: ['connect'] });
  try {
    await pane.locator('.xterm').click({ button: 'right' });
    await eventually('pasting to be forbidden', async () => {
      await page.keyboard.press('Escape');
      await pane.locator('.xterm').click({ button: 'right' });
      return (await page.getByRole('menuitem', { name: /^Paste/ }).isDisabled()) || undefined;
    });
    await page.keyboard.press('Escape');
    await pane.locator('.xterm').click();
    await page.keyboard.press('Control+Shift+V');
    await page.getByText('does not allow pasting').waitFor();
  } finally {
    await house.api.permissions.set({
      name: 'alice',
      actions: ['connect', 'upload', 'download', 'delete', 'copy', 'paste'],
    });
  }
});

test('names that are markup are shown as they are', async () => {
  const name = '<script>alert(1)<script>';
  const folder = '/<img src=x onerror=alert(2)>';
  await addTarget(house, name, house.sshd, { folder });
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await page.getByRole('treeitem', { name: folder.slice(1) }).waitFor();
  await page.getByLabel('Search assets').fill('script');
  await page.keyboard.press('Enter');
  const pane = panes(page).first();
  await shows(pane, /bastion-test@\S+:~\$/);
  await page.getByRole('tab', { name }).waitFor();
  expect(await page.title()).toBe(`${name} · Bastion`);
  await house.api.assets.remove({ name });
});

test('panes: split by the menu, moved by dragging a tab to an edge, walked by keys, closed with a question', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await openTerminal(page, 'web1');
  await page.getByRole('button', { name: 'Menu of web1' }).click();
  await page.getByRole('menuitem', { name: 'Split to the right' }).click();
  await eventually('two panes', async () => (await panes(page).count()) === 2 || undefined);
  await shows(panes(page).nth(1), /bastion-test@\S+:~\$/);
  const focused = () => page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane'));
  const ids = await panes(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-pane')));
  await eventually('the new one to have the keyboard', async () => (await focused()) === ids[1] || undefined);
  await page.keyboard.press('Control+Shift+ArrowLeft');
  await eventually('the other one to have the keyboard', async () => (await focused()) === ids[0] || undefined);

  await openTerminal(page, 'web2');
  await page.getByRole('tab', { name: /web1/ }).click();
  const box = (await panes(page).first().boundingBox())!;
  await page.getByRole('tab', { name: 'web2' }).dragTo(panes(page).first(), {
    targetPosition: { x: box.width / 2, y: box.height - 12 },
  });
  await eventually('three panes', async () => (await panes(page).count()) === 3 || undefined);
  expect(await page.getByRole('tab').count()).toBe(1);
  const below = (await page.locator('[data-pane][aria-label="web2"]').boundingBox())!;
  expect(below.x).toBeLessThan(box.x + 5);
  expect(below.y).toBeGreaterThan(box.y + box.height / 3);

  await page.getByRole('button', { name: 'Close the pane web2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Close this terminal?' });
  await dialog.getByText('web2').waitFor();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await eventually('two panes again', async () => (await panes(page).count()) === 2 || undefined);
  await eventually('its session to be over', async () => {
    const { items } = await house.api.sessions.list({ live: true, limit: 100 });
    return items.every((row) => row.asset !== 'web2') || undefined;
  });
});

test('favourites and quick commands are kept with the person', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await asset(page, 'web1').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Add to favourites' }).click();
  await openTerminal(page, 'web1');
  await page.getByRole('button', { name: 'Quick commands' }).click();
  await page.getByRole('button', { name: 'New command' }).click();
  await page.getByLabel('Name').fill('greet');
  await page.getByLabel('What is typed').fill('echo {{greeting}}, {{user}} on {{asset}}');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Several' }).click();
  await page.getByRole('button', { name: '1 terminal' }).click();
  const all = page.getByRole('checkbox', { name: 'All terminals' });
  await all.press('Escape');
  await all.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Run: greet' }).click();
  await page.getByLabel('greeting').fill('good day');
  await page.getByLabel('greeting').press('Enter');
  await shows(panes(page).first(), /^good day, alice on web1$/m);
  await eventually('both to be kept', async () => {
    const { values } = await page.evaluate(
      async () => (await (await fetch('/api/v1/me/preferences')).json()) as { values: Record<string, unknown[]> },
    );
    return (values['luna.favourites']?.length === 1 && values['luna.quickCommands']?.length === 1) || undefined;
  });
  await using other = await openLuna(chromium, house.bastion, { as });
  await other.page.getByText('Favourites').click();
  await asset(other.page, 'web1').waitFor();
});

test('an account that asks: login and secret are typed, and asked again for the next connection', async () => {
  await house.api.users.add({ name: 'dora', password: PASSWORD });
  await house.api.permissions.add({ name: 'dora', users: ['dora'], folders: ['/'], accounts: ['@input'] });
  await using visit = await openLuna(chromium, house.bastion, { as: { name: 'dora', password: PASSWORD } });
  const { page } = visit;
  await asset(page, 'web1').click();
  const pane = panes(page).first();
  const answer = async (secret: string) => {
    await pane.getByLabel('Login').fill(TEST_USER.name);
    await pane.locator('input[type=password]').fill(secret);
    await pane.getByRole('button', { name: 'Connect' }).click();
  };
  await answer('not the password');
  await pane.getByText('Not connected').waitFor();
  await pane.getByRole('button', { name: 'Reconnect (Enter)' }).click();
  await answer(TEST_USER.password);
  await shows(pane, /bastion-test@\S+:~\$/);
});

test('a program gets at neither browser nor clipboard by itself', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as, context: clipboard });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await page.evaluate(() => navigator.clipboard.writeText('mine'));
  // OSC 52 writes the clipboard: not unless the person has switched it on
  const stolen = `printf '\\033]52;c;%s\\007' ${Buffer.from('stolen').toString('base64')}; echo do""ne\n`;
  await page.keyboard.type(stolen);
  await shows(pane, /^done$/m);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
  await page.getByRole('button', { name: 'Settings of the terminals' }).click();
  await page.getByRole('switch', { name: 'Programs may write the clipboard' }).click();
  await page.keyboard.press('Escape');
  await pane.locator('.xterm').click();
  await page.keyboard.type(`clear; ${stolen}`);
  await eventually(
    'the clipboard of the program',
    async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'stolen' || undefined,
  );

  await page.keyboard.type("clear; PS1=; printf 'https://example.invalid/path\\n'\n");
  await shows(pane, /^https:\/\/example\.invalid\/path$/m);
  const address = pane.locator('.xterm-rows').getByText('https://example.invalid/path').last();
  const { x, y, width, height } = (await address.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 3 });
  await pane.locator('.xterm-cursor-pointer').waitFor();
  await page.mouse.click(x + width / 2, y + height / 2);
  const dialog = page.getByRole('dialog', { name: 'Open this address?' });
  await dialog.getByText('https://example.invalid/path').waitFor();
  await page.keyboard.press('Escape');
  expect(visit.context.pages()).toHaveLength(1);
});

test('going anywhere by typing: Ctrl+K outside of terminals, which keep it for themselves', async () => {
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox', { name: 'Go to a tab' }).fill('web2');
  await page.keyboard.press('Enter');
  const pane = panes(page).first();
  await shows(pane, /bastion-test@\S+:~\$/);
  await page.keyboard.type('echo one two');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+K');
  await page.keyboard.type('echo cu""t\n');
  await shows(pane, /^cut$/m);
  await page.keyboard.press('Control+Shift+K');
  await page.getByRole('combobox', { name: 'Go to a tab' }).fill('split');
  await page.keyboard.press('Enter');
  await eventually('two panes', async () => (await panes(page).count()) === 2 || undefined);
});
