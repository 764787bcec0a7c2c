import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { WatchClient, type WatchClientOptions } from '../kit/web-watch.ts';

interface Person {
  readonly name: string;
  readonly token: string;
  readonly client: Client;
}

let house: House;
let admin: Person;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  house = await startHouse();
  await house.api.users.add({ name: 'edith', role: 'admin' });
  await house.api.users.add({ name: 'other', role: 'admin', password: 'long enough a phrase 1' });
  await house.api.users.add({ name: 'bob' });
  await house.api.permissions.set({ name: 'alice', actions: ['connect', 'share'] });
  await house.api.filters.add({ name: 'no tea', action: 'deny', words: ['make-tea'] });
  [admin, alice, bob] = await Promise.all([person('edith'), person('alice'), person('bob')]);
});
afterAll(() => house?.[Symbol.asyncDispose]());

async function person(name: string): Promise<Person> {
  const { secret } = await house.api.tokens.add({ user: name });
  const url = `http://127.0.0.1:${house.bastion.httpPort}`;
  return { name, token: secret, client: createClient({ transport: fetchTransport({ url, token: secret }) }) };
}

async function atPrompt() {
  const before = new Set((await house.api.sessions.list({ live: true })).items.map(({ id }) => id));
  const terminal = house.terminal('alice@web1', { size: { cols: 90, rows: 24 } });
  await terminal.shows(PROMPT);
  const { id } = await house.live((row) => !before.has(row.id));
  return { terminal, id };
}

function watch(id: string, options: WatchClientOptions): WatchClient {
  return new WatchClient(`ws://127.0.0.1:${house.bastion.httpPort}/ws/watch/${id}`, options);
}

test('a late watcher sees the full screen at once, then what happens, the lock and the end', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  terminal.enter('vi -c "set number" /etc/passwd');
  await terminal.shows(/ 1 root:x:0/);
  using eye = watch(id, { token: admin.token });
  expect(await eye.message('ready')).toMatchObject({ user: 'alice', asset: 'web1', mayJoin: true, locked: false });
  await eye.shows(/nologin/);
  expect(await eye.message('snapshot')).toMatchObject({ cols: 90, rows: 24 });
  expect((await house.api.sessions.show({ id })).people).toEqual([{ name: 'edith', typing: false }]);
  terminal.type(':q!\r');
  await terminal.shows(PROMPT);
  terminal.resize(80, 20);
  expect(await eye.message('resize')).toMatchObject({ cols: 80, rows: 20 });
  await house.api.sessions.lock({ id });
  expect(await eye.message('locked')).toMatchObject({ by: expect.any(String) });
  await house.api.sessions.unlock({ id });
  expect(await eye.message('locked', 1)).toMatchObject({ by: null });
  terminal.enter('exit 4');
  expect(await eye.message('ended')).toMatchObject({ cause: 'target-closed', exitCode: 4 });
  expect(await eye.over()).toBe(1000);
  const looks = await house.audit({ action: 'session.watch', actor: 'edith' });
  expect(looks.filter(({ target }) => target?.id === id)).toHaveLength(1);
});

test('what a joined person types reaches the target, is filtered as any, and is not taken while locked', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  using hand = watch(id, { token: admin.token });
  await hand.message('ready');
  hand.type('echo too soon\r');
  hand.say({ type: 'join' });
  await hand.message('joined');
  await terminal.shows(/edith types along now\./);
  hand.type('echo by ed"ith"\r');
  await terminal.shows(/\nby edith\n/);
  hand.type('make-tea\r');
  await terminal.shows(/is forbidden by the filter "no tea"/);
  await house.api.sessions.lock({ id });
  await hand.message('locked');
  hand.type('echo lo"st"\r');
  await house.api.sessions.unlock({ id });
  await hand.message('locked', 1);
  hand.type('echo he"ard"\r');
  await terminal.shows(/\nheard\n/);
  expect(terminal.screen()).not.toMatch(/lost|too soon/);
  hand.say({ type: 'leave' });
  await terminal.shows(/edith no longer types\./);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);
  const lines = (await house.api.commands.list({ session: id })).items.map(({ line, verdict }) => `${verdict} ${line}`);
  expect(lines).toEqual(expect.arrayContaining(['pass echo by ed"ith"', 'deny make-tea', 'pass echo he"ard"']));
  for (const action of ['session.join', 'session.leave']) {
    const rows = await house.audit({ action, actor: 'edith' });
    expect(rows.filter(({ target }) => target?.id === id)).toHaveLength(1);
  }
  let cast = '';
  for await (const piece of house.api.sessions.recording({ id })) cast += piece;
  expect(cast).toContain('"m", "edith types along now."');
});

test('links: to look, to type, for others, taken back, of a session that is over', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  const carl = await (async () => {
    await house.api.users.add({ name: 'carl' });
    return person('carl');
  })();
  const read = await alice.client.shares.add({ id, users: ['bob'] });
  const write = await alice.client.shares.add({ id, write: true, minutes: 5 });
  expect(read.token).toMatch(/^bsh_[\w-]{43}$/);
  expect(read.url).toMatch(new RegExp(`/share#${read.token}$`));
  expect((await alice.client.shares.list({ id })).map((share) => share.write)).toEqual([false, true]);
  // a session of others is none
  await expect(bob.client.shares.add({ id })).rejects.toMatchObject({ status: 404 });
  await expect(bob.client.shares.list({ id })).rejects.toMatchObject({ status: 404 });
  await expect(bob.client.shares.remove({ id: read.share.id })).rejects.toMatchObject({ status: 404 });
  await expect(admin.client.shares.add({ id })).rejects.toMatchObject({ status: 403 });
  expect(await bob.client.shares.show({ token: read.token })).toMatchObject({
    session: id,
    user: 'alice',
    write: false,
  });
  await expect(carl.client.shares.show({ token: read.token })).rejects.toMatchObject({ status: 404 });

  // neither a link of others nor an id alone leads anywhere
  using stranger = watch(id, { token: carl.token, share: read.token });
  expect(await stranger.message('error')).toMatchObject({ code: 'not_found' });
  using guess = watch(id, { token: carl.token });
  using nothing = watch('01k8h4qj5n9w7c2v6x0y3zabcd', { token: carl.token });
  expect(await guess.message('error')).toEqual(await nothing.message('error'));

  using reader = watch(id, { token: bob.token, share: read.token });
  expect(await reader.message('ready')).toMatchObject({ mayJoin: false });
  await terminal.shows(/bob watches this session by a link\./);
  reader.say({ type: 'join' });
  reader.type('echo by b"ob"\r');
  using writer = watch(id, { token: carl.token, share: write.token });
  expect(await writer.message('ready')).toMatchObject({ mayJoin: true });
  writer.say({ type: 'join' });
  await writer.message('joined');
  writer.type('echo by ca"rl"\r');
  await terminal.shows(/\nby carl\n/);
  expect(terminal.screen()).not.toContain('by bob');

  await admin.client.shares.remove({ id: read.share.id });
  expect(await reader.message('error')).toMatchObject({ code: 'forbidden' });
  terminal.enter('exit');
  expect(await writer.message('ended')).toMatchObject({ cause: 'target-closed' });
  await expect(carl.client.shares.show({ token: write.token })).rejects.toMatchObject({ status: 404 });
  const used = await house.audit({ action: 'share.use' });
  expect(used.map(({ actor }) => actor.name).sort()).toEqual(['bob', 'carl']);
});

test('a look ends within a second of the right it rests on: role, login, permission to share', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  await house.api.users.add({ name: 'gone', role: 'auditor' });
  const auditor = await person('gone');
  using eye = watch(id, { token: auditor.token });
  expect(await eye.message('ready')).toMatchObject({ mayJoin: false, mayControl: false });
  await house.api.users.set({ name: 'gone', role: 'user' });
  expect(await eye.message('error')).toMatchObject({ code: 'forbidden' });

  const { token } = await alice.client.shares.add({ id });
  using guest = watch(id, { token: bob.token, share: token });
  await guest.message('ready');
  await house.api.permissions.set({ name: 'alice', actions: ['connect'] });
  expect(await guest.message('error')).toMatchObject({ code: 'forbidden' });
  await expect(bob.client.shares.show({ token })).rejects.toMatchObject({ status: 404 });
  // the session itself goes on
  terminal.enter('echo st"ill"');
  await terminal.shows(/\nstill\n/);
  await house.api.permissions.set({ name: 'alice', actions: ['connect', 'share'] });

  using other = watch(id, { token: admin.token });
  await other.message('ready');
  await house.api.users.disable({ name: 'edith' });
  await eventually('the look to be over', async () => other.closed);
  await house.api.users.enable({ name: 'edith' });
  terminal.enter('exit');
});

test('nobody comes in without a login, or from a page of another origin', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  using nobody = watch(id, {});
  using stranger = watch(id, { token: admin.token, headers: { Origin: 'https://evil.example' } });
  await eventually('both to be refused', async () => (nobody.refused && stranger.refused) || undefined);
  expect([nobody.refused, stranger.refused]).toEqual([401, 403]);
  terminal.enter('exit');
});

test('a recording is read part by part by who may', async () => {
  const { terminal, id } = await atPrompt();
  using _ = terminal;
  terminal.enter('echo in p"arts"');
  await terminal.shows(/\nin parts\n/);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);
  const { cols, rows, parts, duration } = await admin.client.sessions.recordingIndex({ id });
  expect({ cols, rows, parts: parts.length }).toEqual({ cols: 90, rows: 24, parts: 1 });
  let lines = '';
  for await (const piece of admin.client.sessions.recordingPart({ id, part: '0', screen: true })) lines += piece;
  const events = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as [number, string, string]);
  expect(events.at(-1)![0]).toBe(duration);
  expect(
    events
      .filter(([, kind]) => kind === 'o')
      .map(([, , text]) => text)
      .join(''),
  ).toContain('in parts');
  const read = async (part: string, client = admin.client) => {
    for await (const _piece of client.sessions.recordingPart({ id, part })) break;
  };
  for (const part of ['1', '-1', 'x', '0x0', '../../recording'])
    await expect(read(part)).rejects.toMatchObject({ status: 404 });
  await expect(read('0', bob.client)).rejects.toMatchObject({ status: 403 });
  await expect(bob.client.sessions.recordingIndex({ id })).rejects.toMatchObject({ status: 403 });
  const looks = await house.audit({ action: 'recording.read', actor: 'edith' });
  expect(looks.filter(({ target }) => target?.id === id)).toHaveLength(1);

  // who never asks what parts there are, or begins in the middle, leaves a trace, too; a part that is not there is none
  const other = await person('other');
  await expect(read('7', other.client)).rejects.toMatchObject({ status: 404 });
  expect(await house.audit({ action: 'recording.read', actor: 'other' })).toEqual([]);
  await read('0', other.client);
  await read('0', other.client);
  expect(await house.audit({ action: 'recording.read', actor: 'other' })).toMatchObject([{ target: { id } }]);
});
