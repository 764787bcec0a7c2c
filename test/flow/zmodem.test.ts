import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TransferView } from '../../src/api/contract/commands.ts';
import { sha256 } from '../kit/hash.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { connectClient } from '../kit/raw-ssh.ts';
import { RemoteShell } from '../kit/remote-shell.ts';
import { TEST_USER } from '../kit/sshd.ts';

/** What sz and rz send first. */
const SENDS = /\*\*\x18B0{14}\r\x8a\x11/;
const RECEIVES = /\*\*\x18B01[0-9a-f]{12}\r\x8a\x11/;
const PROMPT = /\$ $/;

const FILES: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  one: Buffer.from('\n'),
  'big file.bin': randomBytes(1_000_000),
};
const NAMES = Object.keys(FILES);

let house: House;
let bobsKey: Buffer;
/** Directories that the user on the target may write, one for each test. */
let base: string;

beforeAll(async () => {
  house = await startHouse();
  base = mkdtempSync(join(tmpdir(), 'bastion-zmodem-'));
  chmodSync(base, 0o777);
  bobsKey = (await house.addUser('bob')).privateKey;
  await house.api.permissions.add({
    name: 'bob',
    users: ['bob'],
    folders: ['/'],
    accounts: ['@all'],
    actions: ['connect'],
  });
  await house.api.filters.add({ name: 'no-reboot', action: 'deny', words: ['reboot'], priority: 10 });
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  if (base) rmSync(base, { recursive: true, force: true });
});

/** A shell through the bastion, with directories of this machine and of the target. */
async function open(name: string, user: 'alice' | 'bob' = 'alice') {
  const here = join(base, `${name}-here`);
  const there = join(base, `${name}-there`);
  for (const dir of [here, there]) mkdirSync(dir);
  chmodSync(there, 0o777);
  const privateKey = user === 'alice' ? house.key.privateKey : bobsKey;
  const before = new Set((await house.api.sessions.list({ live: true })).items.map((row) => row.id));
  const client = await connectClient(house.bastion.sshPort, { username: `${user}@${TEST_USER.name}@web1`, privateKey });
  const shell = await RemoteShell.open(client);
  const { id } = await house.live((row) => !before.has(row.id));
  await shell.until(PROMPT);
  await shell.until(PROMPT, shell.enter(`cd ${there}`) + there.length + 3);
  const rows = (count: number) =>
    eventually(`${count} transfers of ${name}`, async () => {
      const { items } = await house.api.transfers.list({ session: id });
      return items.length >= count ? items.toReversed() : undefined;
    });
  return { shell, client, id, here, there, rows, [Symbol.dispose]: () => client.destroy() };
}

function put(dir: string): void {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(dir, name), content);
}

function expectFiles(dir: string): void {
  for (const [name, content] of Object.entries(FILES)) {
    expect(sha256(readFileSync(join(dir, name))), name).toBe(sha256(content));
  }
}

const asRow = (direction: TransferView['direction']) => (name: string) => ({
  method: 'zmodem',
  direction,
  path: name,
  bytes: FILES[name]!.length,
  sha256: sha256(FILES[name]!),
  result: 'ok',
});

/** The shell does what it is told. */
async function isUsable(shell: RemoteShell): Promise<void> {
  const from = shell.enter('echo us"able"');
  await shell.until(/\rusable\r\n.*\$ $/, from);
}

test('sz: a batch of files comes down whole, one row each, none of it in the recording', async () => {
  using session = await open('down');
  const { shell, here, there, id } = session;
  put(there);
  const from = shell.enter('sz -q empty one "big file.bin"');
  await shell.until(SENDS, from);
  const { code } = await shell.attach('rz', ['-q'], here).exit;
  expect(code).toBe(0);
  await shell.until(PROMPT, from);
  expectFiles(here);
  expect(await session.rows(3)).toMatchObject(NAMES.map(asRow('download')));
  await isUsable(shell);
  shell.enter('exit');
  await shell.closed;
  const settled = await house.settled(id);
  expect(settled.recordingBytes).toBeLessThan(10_000);
  const cast = join(here, 'cast');
  await house.bastion.ok(['session', 'export', id, '--to', cast]);
  const recording = readFileSync(cast, 'utf8');
  expect(recording).toContain(
    `zmodem download of big file.bin, 1000000 bytes, sha256 ${sha256(FILES['big file.bin']!)}`,
  );
  expect(recording).toContain('usable');
  const commands = await house.api.commands.list({ session: id });
  expect(commands.items.map((row) => row.line).toReversed()).toEqual([
    `cd ${there}`,
    'sz -q empty one "big file.bin"',
    'echo us"able"',
    'exit',
  ]);
  const audit = await house.audit({ action: 'transfer' });
  expect(audit.find((row) => row.details?.path === 'one')).toMatchObject({ outcome: 'ok', actor: { name: 'alice' } });
});

test('rz: a batch of files goes up whole, with filter rules on', async () => {
  using session = await open('up');
  const { shell, here, there } = session;
  put(here);
  const from = shell.enter('rz -q');
  await shell.until(RECEIVES, from);
  const { code, errors } = await shell.attach('sz', ['-q', ...NAMES], here).exit;
  expect({ code, errors }).toMatchObject({ code: 0 });
  await shell.until(PROMPT, from);
  expectFiles(there);
  expect(await session.rows(3)).toMatchObject(NAMES.map(asRow('upload')));
  await isUsable(shell);
});

test('a download that goes on where another one stopped', async () => {
  using session = await open('resume');
  const { shell, here, there } = session;
  put(there);
  const big = FILES['big file.bin']!;
  writeFileSync(join(here, 'big file.bin'), big.subarray(0, 300_000));
  const from = shell.enter('sz -q -r "big file.bin"');
  await shell.until(SENDS, from);
  expect((await shell.attach('rz', ['-q', '-r'], here).exit).code).toBe(0);
  expectFilesEqual(join(here, 'big file.bin'), big);
  const [row] = await session.rows(1);
  expect(row).toMatchObject({ result: 'ok', sha256: null, detail: expect.stringMatching(/^resumed at byte \d+$/) });
  const at = Number(/\d+/.exec(row!.detail!)![0]);
  expect(row!.bytes).toBe(big.length - at);
  expect(at).toBeGreaterThan(0);
});

function expectFilesEqual(file: string, content: Buffer): void {
  expect(sha256(readFileSync(file))).toBe(sha256(content));
}

/** A download of more than flows at once, under way. */
async function underWay(name: string) {
  const session = await open(name);
  const { shell, here, there } = session;
  writeFileSync(join(there, 'huge'), randomBytes(30_000_000));
  const from = shell.enter('sz -q huge');
  await shell.until(SENDS, from);
  const receiver = shell.attach('rz', ['-q'], here);
  await eventually('bytes of the file', () => (shell.text.length > from + 200_000 ? true : undefined));
  return { ...session, from, receiver };
}

test('the client gives it up', async () => {
  using session = await underWay('cancel');
  const { shell, receiver } = session;
  receiver.child.kill('SIGINT');
  await receiver.exit;
  await shell.until(PROMPT, shell.text.length);
  expect(await session.rows(1)).toMatchObject([{ path: 'huge', result: 'cancelled', sha256: null }]);
  await isUsable(shell);
});

test('a lock stops it on both sides', async () => {
  using session = await underWay('lock');
  const { shell, receiver, id } = session;
  await house.api.sessions.lock({ id });
  expect((await receiver.exit).code).not.toBe(0);
  expect(await session.rows(1)).toMatchObject([
    { path: 'huge', result: 'cancelled', detail: 'the session was locked' },
  ]);
  await house.api.sessions.unlock({ id });
  await shell.until(/Unlocked by/);
  await isUsable(shell);
});

test('a session that is ended in mid-transfer', async () => {
  using session = await underWay('end');
  const { shell, receiver, id } = session;
  await house.api.sessions.end({ id });
  await shell.closed;
  expect((await receiver.exit).code).not.toBe(0);
  expect(shell.text).toMatch(/\x18{8}\x08{10}[\s\S]*Terminated by/);
  expect(await session.rows(1)).toMatchObject([
    { path: 'huge', result: 'cancelled', detail: 'the session ended: terminated' },
  ]);
});

test.each([
  { direction: 'download', command: 'sz -q one', what: 'Downloads' },
  { direction: 'upload', command: 'rz -q', what: 'Uploads' },
])('a $direction without its action is refused, and the prompt comes back', async (step) => {
  using session = await open(`denied-${step.direction}`, 'bob');
  const { shell, here, there } = session;
  put(there);
  put(here);
  const from = shell.enter(step.command);
  await shell.until(PROMPT, from + step.command.length + 2);
  const shown = shell.text.slice(from);
  expect(shown).toContain(`${step.what} are not allowed here. Ask an administrator for the action ${step.direction}.`);
  expect(shown).not.toMatch(/\x18B0/);
  expect(await session.rows(1)).toMatchObject([{ direction: step.direction, path: '', result: 'denied', bytes: 0 }]);
  await isUsable(shell);
  const audit = await house.audit({ action: 'transfer', actor: 'bob' });
  expect(audit[0]).toMatchObject({ outcome: 'denied', details: { direction: step.direction } });
});

test('a file that only holds the bytes of a start is shown as it is', async () => {
  using session = await open('fake');
  const { shell, there } = session;
  writeFileSync(join(there, 'fake'), 'before **\x18B00000000000000\r\x8a\x11 after\n');
  const from = shell.enter('cat fake');
  await shell.until(/ after\r\n.*\$ $/, from);
  expect(shell.text.slice(from)).toContain('before **\x18B00000000000000');
  await isUsable(shell);
});
