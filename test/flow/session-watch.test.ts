import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WatchEvent } from '../../src/api/contract/sessions.ts';
import { createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house?.[Symbol.asyncDispose]());

/** A session of alice on web1 with a prompt, and its row. */
async function atPrompt(size = { cols: 80, rows: 20 }) {
  const before = new Set((await house.api.sessions.list({ live: true })).items.map((row) => row.id));
  const terminal = house.terminal('alice@web1', { size });
  await terminal.shows(PROMPT);
  return { terminal, row: await house.live((row) => !before.has(row.id)) };
}

test('session list and show tell what runs and what has ended', async () => {
  const { terminal, row } = await atPrompt();
  using _ = terminal;
  const live = await house.bastion.ok(['session', 'list', '--live']);
  expect(live).toMatch(new RegExp(`${row.id} +alice +web1 +${TEST_USER.name} +ssh +127.0.0.1 .* live`));
  expect(await house.bastion.ok(['session', 'show', row.id.slice(-8)])).toMatch(/state +live\n/);

  terminal.enter('exit 7');
  expect(await terminal.exit).toMatchObject({ exitCode: 7 });
  const settled = await house.settled(row.id);
  expect(settled).toMatchObject({ state: 'ended', endCause: 'target-closed', exitCode: 7, recording: 'ready' });
  const shown = await house.bastion.ok(['session', 'show', row.id]);
  expect(shown).toMatch(/exit +7\n/);
  expect(shown).toMatch(/permission +alice\n/);
  expect(await house.bastion.ok(['session', 'list', '--user', 'alice'])).toMatch(new RegExp(`${row.id} .*exit 7`));
  // on a terminal the table fits it
  using list = house.cliTerminal(['session', 'list'], { cols: 80, rows: 10 });
  await list.exit;
  expect(list.rows()[1]).toMatch(new RegExp(`^${row.id.slice(-8)} +alice +web1 .* exit 7$`));
  expect((await house.bastion.cli(['session', 'show', 'zzzzzzzz'])).code).toBe(3);
});

test('a watcher sees the whole screen at once, also of vim on the alternate screen, then what happens; q leaves', async () => {
  const { terminal, row } = await atPrompt();
  using _ = terminal;
  terminal.enter('seq 1 12; printf "\\033[31mred\\033[0m\\n"');
  await terminal.shows(/red\n/);

  using watcher = house.cliTerminal(['session', 'watch', row.id], { cols: 100, rows: 30 });
  await watcher.shows(/12\nred\nbastion-test/);
  expect(watcher.raw).toMatch(/\x1b\[0;38;5;1mred/);
  expect(watcher.onAlternateScreen).toBe(true);
  // below the session's 20 rows there is nothing but the status line
  expect(watcher.rows().slice(20, 29).join('')).toBe('');
  expect(watcher.rows().at(-1)).toContain(`watching alice as ${TEST_USER.name} on web1 · q leaves`);
  terminal.type('echo li"ve"');
  await watcher.shows(/echo li"ve"/);
  expect(watcher.cursor.x).toBe(terminal.cursor.x);

  terminal.type('\x15');
  terminal.enter('vi -c "set number" /etc/passwd');
  await terminal.shows(/ 1 root:x:0/);
  await watcher.shows(/ 1 root:x:0/);
  using second = house.cliTerminal(['session', 'watch', row.id.slice(-8)], { cols: 80, rows: 21 });
  await second.shows(/ 1 root:x:0/);
  expect(second.rows().slice(0, 20)).toEqual(terminal.rows());

  second.type('q');
  expect(await second.exit).toMatchObject({ exitCode: 0 });
  expect(second.onAlternateScreen).toBe(false);
  expect(second.screen()).toContain('goes on.');

  // leaving vim brings the shell's screen back to both
  terminal.type(':q!\r');
  await terminal.shows(PROMPT);
  await watcher.shows(/12\nred\n/);
  terminal.enter('exit');
  expect(await watcher.exit).toMatchObject({ exitCode: 0 });
  expect(watcher.screen()).toMatch(/Session \S+ \(alice as bastion-test on web1\) has ended: target-closed/);
  expect(await house.audit({ action: 'session.watch' })).toMatchObject([
    { actor: { kind: 'machine' }, target: { id: row.id } },
    { actor: { kind: 'machine' }, target: { id: row.id } },
  ]);
});

test('a watcher follows the size of the session, and is told when its own terminal is too small', async () => {
  const { terminal, row } = await atPrompt({ cols: 100, rows: 20 });
  using _ = terminal;
  using watcher = house.cliTerminal(['session', 'watch', row.id], { cols: 60, rows: 15 });
  await watcher.shows(/this terminal is smaller than the session's 100x20/);
  terminal.resize(50, 12);
  terminal.enter('stty size');
  await terminal.shows(/\n12 50\n/);
  await watcher.shows(/\n12 50\n/);
  await watcher.shows(/watching alice/);
  terminal.enter('exit');
  await watcher.exit;
});

test('watching, controlling and replaying over the API is for auditors and administrators by their roles', async () => {
  const { terminal, row } = await atPrompt();
  using _ = terminal;
  await house.addUser('audrey', { role: 'auditor' });
  const as = async (user: string) => {
    const { secret } = await house.bastion.json<{ secret: string }>(['token', 'add', user, '--name', `of ${user}`]);
    return createClient({
      transport: fetchTransport({ url: `http://127.0.0.1:${house.bastion.httpPort}`, token: secret }),
    });
  };
  const [auditor, user] = [await as('audrey'), await as('alice')];

  const abort = new AbortController();
  const events: WatchEvent[] = [];
  for await (const event of auditor.sessions.watch({ id: row.id }, { signal: abort.signal })) {
    events.push(event);
    break;
  }
  expect(Buffer.from((events[0] as { data: string }).data, 'base64').toString()).toMatch(/bastion-test@/);
  await expect(auditor.sessions.end({ id: row.id })).rejects.toMatchObject({ status: 403 });
  await expect(auditor.sessions.lock({ id: row.id })).rejects.toMatchObject({ status: 403 });

  const look = async () => {
    for await (const _event of user.sessions.watch({ id: row.id })) break;
  };
  await expect(look()).rejects.toMatchObject({ status: 403 });
  await expect(user.sessions.list()).rejects.toMatchObject({ status: 403 });
  const watched = await house.audit({ action: 'session.watch', actor: 'audrey' });
  expect(watched).toMatchObject([{ target: { id: row.id }, actor: { name: 'audrey', via: 'api' } }]);
});

test('locked input is dropped and said so; unlocked it goes on', async () => {
  const { terminal, row } = await atPrompt();
  using _ = terminal;
  expect(await house.bastion.ok(['session', 'lock', row.id])).toMatch(/is locked\./);
  await terminal.shows(/Locked by .+: what is typed is dropped until it is unlocked\./);
  expect(await house.bastion.ok(['session', 'list', '--live'])).toMatch(/live, locked/);
  const { bytesIn } = await house.api.sessions.show({ id: row.id });
  terminal.enter('touch /tmp/should-not-be; echo lo"st"');
  using watcher = house.cliTerminal(['session', 'watch', row.id]);
  await watcher.shows(/Locked by/);
  await house.bastion.ok(['session', 'unlock', row.id]);
  await terminal.shows(/Unlocked by/);
  terminal.enter('echo he"ard"');
  await terminal.shows(/\nheard\n/);
  expect(terminal.screen()).not.toMatch(/lost/);
  expect((await house.api.sessions.show({ id: row.id })).bytesIn).toBe(bytesIn + 'echo he"ard"\r'.length);
  expect((await house.audit({ action: 'session.lock' })).map(({ target }) => target?.id)).toEqual([row.id]);
  expect((await house.audit({ action: 'session.unlock' })).map(({ target }) => target?.id)).toEqual([row.id]);
});

test('a session that is ended says by whom, and ssh exits with 254; others go on', async () => {
  const [one, other] = [await atPrompt(), await atPrompt()];
  using _one = one.terminal;
  using _other = other.terminal;
  // a terminal in a full-screen program is put back first
  one.terminal.enter('less /etc/services');
  await one.terminal.shows(/services|#/);
  await eventually('less on the alternate screen', () => one.terminal.onAlternateScreen || undefined);
  await house.bastion.ok(['session', 'end', one.row.id]);
  expect(await one.terminal.exit).toMatchObject({ exitCode: 254 });
  expect(one.terminal.onAlternateScreen).toBe(false);
  const { name } = (await house.audit({ action: 'session.terminate' }))[0]!.actor;
  expect(one.terminal.screen()).toContain(`Terminated by ${name}.`);
  expect(await house.settled(one.row.id)).toMatchObject({ endCause: 'terminated', endDetail: name });
  expect(await house.bastion.ok(['session', 'list'])).toMatch(new RegExp(`${one.row.id} .*terminated by`));
  expect((await house.bastion.cli(['session', 'end', one.row.id])).code).toBe(4);

  other.terminal.enter('echo st"ill"');
  await other.terminal.shows(/\nstill\n/);
});

test('a watcher that stands still neither slows the session nor misses where it stands', async () => {
  const { terminal, row } = await atPrompt();
  using _ = terminal;
  using slow = house.cliTerminal(['session', 'watch', row.id], { cols: 80, rows: 21 });
  await slow.shows(/watching alice/);
  using other = house.cliTerminal(['session', 'watch', row.id], { cols: 80, rows: 21 });
  await other.shows(/watching alice/);
  process.kill(slow.pid, 'SIGSTOP');
  terminal.enter('seq 1 400000; echo fin"ished"');
  await terminal.shows(/400000\nfinished\n/);
  await other.shows(/400000\nfinished\n/);
  process.kill(slow.pid, 'SIGCONT');
  await slow.shows(/400000\nfinished\n/);
  terminal.enter('echo to" both"');
  await Promise.all([slow.shows(/\nto both\n/), other.shows(/\nto both\n/)]);
});
