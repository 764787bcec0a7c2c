import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { type KeyPair, TEST_USER } from '../kit/sshd.ts';
import type { Terminal } from '../kit/terminal.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse();
  const rows = Array.from({ length: 500 }, (_, i) => {
    const n = String(i + 1).padStart(3, '0');
    const folder = ['prod/web', 'prod/db', 'lab'][i % 3];
    return `host-${n},10.1.${Math.floor(i / 250)}.${i % 250},ssh:22,linux,/${folder},env=${folder!.split('/')[0]},rack ${i % 40},root`;
  });
  rows.push('网络-核心,127.0.0.1,ssh:1,linux,/lab,,数据库 主机,root');
  const file = join(house.dir, 'assets.csv');
  writeFileSync(file, `name,address,protocols,platform,folder,labels,comment,login\n${rows.join('\n')}\n`);
  await house.bastion.ok(['asset', 'import', file]);
});
afterAll(() => house?.[Symbol.asyncDispose]());

async function open(size = { cols: 80, rows: 24 }, key?: KeyPair, login = 'alice'): Promise<Terminal> {
  const terminal = house.terminal(login, key ? { size, key } : { size });
  await terminal.shows(/page 1\/|assets? ·/);
  return terminal;
}

/** No row is longer than the terminal is wide, and the cursor stands in the input line. */
function tidy(terminal: Terminal): void {
  expect(terminal.rows()[terminal.cursor.y]).toMatch(/^\S*> |^\S*>$/);
  expect(terminal.screen()).not.toContain('\ufffd');
}

test('500 assets: listed, paged, searched as one types, and left with q, exit 0', async () => {
  using terminal = await open();
  expect(terminal.screen()).toMatch(/Welcome to Bastion, alice/);
  expect(terminal.screen()).toMatch(/ID +NAME +ADDRESS +PLATFORM/);
  expect(terminal.screen()).toContain('502 assets');
  tidy(terminal);
  terminal.enter('n');
  await terminal.shows(/page 2\//);
  terminal.type('host-123');
  await terminal.shows((screen) => /host-123 .*10\.1\.0\.122/.test(screen) && !/host-124/.test(screen));
  tidy(terminal);
  terminal.type('\x15');
  terminal.type('数据库');
  await terminal.shows((screen) => /网络-核心 +127\.0\.0\.1/.test(screen) && !/host-0/.test(screen));
  terminal.type('\x15');
  await terminal.shows(/page \d+\/\d+ · 502 assets/);
  terminal.enter('g');
  await terminal.shows(/prod \(334\)/);
  terminal.enter('q');
  expect(await terminal.exit).toMatchObject({ exitCode: 0 });
});

test('narrow, wide, and resized while open', async () => {
  using narrow = await open({ cols: 40, rows: 12 });
  tidy(narrow);
  expect(narrow.screen()).toMatch(/ 1 +host-001/);
  narrow.resize(200, 60);
  await narrow.shows(/rack 0\n/);
  expect(narrow.screen()).toMatch(/host-045/);
  tidy(narrow);
  narrow.resize(60, 14);
  await narrow.shows((screen) => /host-001/.test(screen) && !/host-045/.test(screen));
  tidy(narrow);
  narrow.type('\x04');
  expect(await narrow.exit).toMatchObject({ exitCode: 0 });
  using wide = await open({ cols: 200, rows: 60 });
  tidy(wide);
  expect(wide.rows().filter((row) => /host-\d/.test(row)).length).toBeGreaterThan(45);
  wide.type('\x03');
  wide.enter('q');
  expect(await wide.exit).toMatchObject({ exitCode: 0 });
});

test('pick, work, exit, and back in the menu; a failure is told above the list', async () => {
  using terminal = await open();
  terminal.enter('web1');
  await terminal.shows(PROMPT);
  terminal.enter('echo "in session"; exit 3');
  await terminal.shows(/502 assets/);
  expect(terminal.screen()).toContain('in session');
  tidy(terminal);
  terminal.enter('网络');
  await terminal.shows(/Password of root on 网络-核心> \(not shown\)/);
  terminal.enter('of no use');
  await terminal.shows(/网络-核心 \(127\.0\.0\.1:1\) refused the connection/);
  await terminal.shows(/502 assets/);
  terminal.enter('web1');
  await terminal.shows(PROMPT);
  terminal.enter('vi /etc/passwd');
  await terminal.shows(/root:x:0/);
  const row = await house.live(({ user }) => user === 'alice');
  await house.api.sessions.end({ id: row.id });
  await terminal.shows(/Terminated by/);
  await terminal.shows(/502 assets/);
  expect(terminal.onAlternateScreen).toBe(false);
  terminal.enter('q');
  expect(await terminal.exit).toMatchObject({ exitCode: 0 });
  const rows = (await house.api.sessions.list({ asset: 'web1' })).items;
  expect(rows.map(({ endCause }) => endCause)).toEqual(['terminated', 'target-closed']);
});

test('several accounts: the menu asks which', async () => {
  await house.api.accounts.add({ asset: 'web1', login: 'deploy', password: 'does not matter' });
  onTestFinished(async () => void (await house.api.accounts.remove({ asset: 'web1', login: 'deploy' })));
  using terminal = await open();
  terminal.enter('web1');
  await terminal.shows(/Accounts of web1/);
  expect(terminal.screen()).toMatch(/1 +\S+\n +2 +\S+/);
  terminal.enter(TEST_USER.name);
  await terminal.shows(PROMPT);
  terminal.enter('whoami; exit');
  await terminal.shows(/502 assets/);
  expect(terminal.screen()).toMatch(/^bastion-test$/m);
  terminal.enter('web1');
  await terminal.shows(/Accounts of web1/);
  terminal.type('\x1b');
  await terminal.shows(/502 assets/);
  terminal.enter('q');
  await terminal.exit;
});

test('what changes is seen: a permission taken away and given, a user disabled', async () => {
  const key = await house.addUser('bob');
  await house.api.permissions.add({ name: 'bob', users: ['bob'], assets: ['web1', 'host-001'], accounts: ['@all'] });
  using terminal = house.terminal('bob', { key });
  await terminal.shows(/2 assets/);
  await house.api.permissions.set({ name: 'bob', assets: ['web1', 'host-001', 'host-002'] });
  terminal.enter('r');
  await terminal.shows(/3 +web1/);
  expect(terminal.screen()).toContain('The list is up to date.');
  await house.api.permissions.set({ name: 'bob', assets: ['web1'] });
  terminal.enter('host-001');
  await terminal.shows(/No asset named "host-001" is open to you|1 asset/);
  using second = house.terminal('bob', { key });
  await second.shows(/1 asset/);
  second.enter('web1');
  await second.shows(PROMPT);

  await house.api.users.disable({ name: 'bob' });
  expect((await terminal.exit).exitCode).toBe(254);
  expect(terminal.screen()).toContain('Your access was ended; ask an administrator.');
  expect((await second.exit).exitCode).toBe(254);
  expect(second.screen()).toMatch(/Your access (to web1 was withdrawn|was ended)/);
  expect(second.screen()).not.toMatch(/1 asset ·/);
  const denied = await house.bastion.ssh('bob@web1', key.file, ['true']);
  expect(denied.code).toBe(255);
});

test('two menus of one user at once do not disturb each other', async () => {
  using one = await open();
  using two = await open({ cols: 100, rows: 20 });
  one.type('host-4');
  two.type('host-2');
  await one.shows((screen) => /host-400/.test(screen) && !/host-200/.test(screen));
  await two.shows((screen) => /host-200/.test(screen) && !/host-400/.test(screen));
  one.type('\x15');
  one.enter('q');
  expect(await one.exit).toMatchObject({ exitCode: 0 });
  two.type('\x15');
  await two.shows(/502 assets/);
  two.kill('SIGHUP');
  await two.exit;
});

test('without a terminal there is no menu: usage on stderr, exit 254; the end of stdin leaves', async () => {
  const flags = ['-T'];
  const plain = await house.bastion.ssh('alice', house.key.file, [], { flags, stdin: '' });
  expect(plain).toMatchObject({ code: 254, stdout: '' });
  expect(plain.stderr).toBe(
    'bastion: say where to: user@asset, user@account@asset or user@protocol@account@asset (the menu needs a terminal: ssh -t)\n',
  );
  const command = await house.bastion.ssh('alice', house.key.file, ['uptime']);
  expect(command).toMatchObject({ code: 254, stdout: '' });
  // a pty whose other end sends EOF at once
  const args = house.bastion.sshArgs('alice', house.key.file);
  const ended = await run('ssh', [...args.slice(0, -1), '-tt', args.at(-1)!], { stdin: '' });
  expect(ended.code === 0 || ended.code === 254).toBe(true);
});

test('menu and session inside tmux', async () => {
  const tmux = (...args: string[]) => run('tmux', ['-L', `bastion-${process.pid}`, '-f', '/dev/null', ...args]);
  const command = ['ssh', ...house.bastion.sshArgs('alice', house.key.file)].map((arg) => `'${arg}'`).join(' ');
  const pane = async () => (await tmux('capture-pane', '-p')).stdout;
  const shows = (pattern: RegExp) =>
    eventually(`${pattern} on the screen`, async () => pattern.test(await pane()) || undefined);
  await tmux('new-session', '-d', '-x', '100', '-y', '30', command);
  try {
    await shows(/502 assets/);
    await tmux('send-keys', 'web1', 'Enter');
    await shows(/bastion-test@\S+:~\$/);
    await tmux('send-keys', 'tput cols; exit', 'Enter');
    await shows(/^100\n(?:.*\n)*.*502 assets/m);
    await tmux('resize-window', '-x', '60', '-y', '15');
    await shows(/page 1\//);
    await tmux('send-keys', 'Down', 'Down');
    await shows(/page 1\//);
    await tmux('send-keys', 'q', 'Enter');
  } finally {
    await tmux('kill-server');
  }
});
