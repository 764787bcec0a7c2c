import { readFileSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { Seeded } from '../kit/seeded.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { type Chromium, startChromium } from './kit.ts';
import { openLuna, openTerminal, shows } from './luna-kit.ts';

const as = { name: 'alice', password: 'a long enough phrase 7' };
let house: House;
let chromium: Chromium;
let there: string;

beforeAll(async () => {
  [house, chromium] = await Promise.all([startHouse(), startChromium()]);
  await house.api.users.set(as);
  there = await mkdtemp(join(tmpdir(), 'bastion-luna-z-'));
  const { stdout } = await run('id', ['-u', TEST_USER.name]);
  await chown(there, Number(stdout), Number(stdout));
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
  await rm(there, { recursive: true, force: true });
});

/** Every byte there is, also those that the protocol escapes. */
const content = new Seeded(5).bytes(300_000);

test('sz offers a file, which comes down whole; no asks for more than yes', async () => {
  await Promise.all([writeFile(join(there, 'grüße.bin'), content), writeFile(join(there, 'empty'), '')]);
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await page.keyboard.type(`cd ${there}; sz -q *.bin empty\n`);
  const downloads: Promise<{ name: string; bytes: Buffer }>[] = [];
  page.on('download', (download) =>
    downloads.push(download.path().then((path) => ({ name: download.suggestedFilename(), bytes: readFileSync(path) }))),
  );
  await pane.getByRole('button', { name: 'Receive' }).click();
  await pane.getByText('2 files were received').waitFor();
  await eventually('both downloads', () => downloads.length === 2 || undefined);
  const [file, empty] = await Promise.all(downloads);
  expect(file!.name).toBe('grüße.bin');
  expect(file!.bytes.equals(content)).toBe(true);
  expect(empty).toMatchObject({ name: 'empty', bytes: Buffer.alloc(0) });
  await page.keyboard.type('echo af""ter\n');
  await shows(pane, /^after$/m);

  await pane.getByRole('button', { name: 'Close', exact: true }).click();
  await page.keyboard.type('clear; sz -q empty; echo sz: "$?"\n');
  await pane.getByRole('button', { name: 'Cancel' }).click();
  await pane.getByText('The transfer was cancelled.').waitFor();
  await shows(pane, /^sz: [1-9]/m);
});

test('rz takes files that are chosen, leaves one that is there already, and the log has both rows', async () => {
  await writeFile(join(there, 'kept.txt'), 'was here before');
  await using visit = await openLuna(chromium, house.bastion, { as });
  const { page } = visit;
  const pane = await openTerminal(page, 'web1');
  await page.keyboard.type(`cd ${there}; rz -q; echo rz: "$?"\n`);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    pane.getByRole('button', { name: 'Choose files…' }).click(),
  ]);
  await chooser.setFiles([
    { name: 'kept.txt', mimeType: 'text/plain', buffer: Buffer.from('something else') },
    { name: 'ünï.bin', mimeType: 'application/octet-stream', buffer: content },
  ]);
  await pane.getByText('1 file was sent').waitFor();
  await pane.getByText('kept.txt').waitFor();
  await shows(pane, /^rz: /m);
  expect((await readFile(join(there, 'ünï.bin'))).equals(content)).toBe(true);
  expect(await readFile(join(there, 'kept.txt'), 'utf8')).toBe('was here before');
  const rows = await eventually('the row of the upload', async () => {
    const { items } = await house.api.transfers.list({});
    return items.some((row) => row.path.endsWith('ünï.bin') && row.direction === 'upload') ? items : undefined;
  });
  expect(rows.find((row) => row.path.endsWith('ünï.bin'))).toMatchObject({ bytes: content.length, result: 'ok' });
});
