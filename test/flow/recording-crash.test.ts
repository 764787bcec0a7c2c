import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { startBastion } from '../kit/bastion.ts';
import { PROMPT, startHouse } from '../kit/house.ts';
import { eventually, finished, seen, start } from '../kit/process.ts';
import { Terminal } from '../kit/terminal.ts';

test('kill -9 in mid-session: interrupted, the recording plays up to the last second, everything goes on', async () => {
  await using house = await startHouse();
  const { dir, data } = house.bastion;
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  const command = start('ssh', [...house.bastion.sshArgs('alice@web1', house.key.file), 'echo up; sleep 60']);
  const commandEnd = finished(command);
  await seen(command.stdout!, /up\n/);
  const execRow = await house.live(({ use }) => use === 'exec');
  terminal.enter('for i in $(seq 1 600); do echo "tick $i"; sleep 0.1; done');
  await terminal.shows(/tick 20\n/);

  await house.bastion.stop('SIGKILL');
  const killedAt = Date.now();
  await terminal.exit;
  await commandEnd;
  const last = Math.max(...[...terminal.raw.matchAll(/tick (\d+)\r\n/g)].map(([, n]) => Number(n)));

  await using again = await startBastion({ dir });
  const api = createClient({ transport: socketTransport(join(data, 'admin.sock')) });
  const row = await eventually('the recording', async () => {
    const now = await api.sessions.show({ id });
    return now.recording === 'spool' ? undefined : now;
  });
  expect(row).toMatchObject({ state: 'interrupted', endCause: 'interrupted', recording: 'ready' });
  expect(killedAt - Date.parse(row.endedAt!)).toBeLessThan(2000);
  expect(await api.sessions.show({ id: execRow.id })).toMatchObject({ state: 'interrupted' });
  expect((await api.sessions.list({ live: true })).items).toEqual([]);

  const replayed = await again.ok(['session', 'replay', id, '--speed', 'max']);
  const recorded = Math.max(...[...replayed.matchAll(/tick (\d+)\r\n/g)].map(([, n]) => Number(n)));
  // a tick each 100 ms and a little: a second is ten of them
  expect(recorded).toBeGreaterThanOrEqual(last - 10);
  const exported = join(house.dir, 'killed.cast');
  await again.ok(['session', 'export', id, '--to', exported]);
  using asciinema = new Terminal('asciinema', ['cat', exported]);
  expect(await asciinema.exit).toMatchObject({ exitCode: 0 });
  expect(asciinema.raw).toContain(`tick ${recorded}`);
  await eventually('the spool to be empty', () => readdirSync(join(data, 'spool')).length === 0 || undefined);

  const database = new Database(join(data, 'bastion.db'), { readonly: true });
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
  } finally {
    database.close();
  }
  expect((await api.audit.list({ action: 'session.end', target: id })).items).toMatchObject([
    { reason: 'interrupted' },
  ]);
  expect(await again.ssh('alice@web1', house.key.file, ['echo on'])).toMatchObject({ code: 0, stdout: 'on\n' });
  expect(await again.ok(['session', 'show', id])).toMatch(/state +interrupted/);
});

test('an orderly stop tells the terminals, gives them time, ends the rest and renders before it goes', async () => {
  await using house = await startHouse({ config: { session: { shutdown_grace: '2s' } } });
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  using leaver = house.terminal('alice@web1');
  await leaver.shows(PROMPT);
  const stopped = house.bastion.stop('SIGTERM');
  await leaver.shows(/The bastion is going down in 2 seconds: save your work and log out\./);
  leaver.enter('exit 5');
  expect(await leaver.exit).toMatchObject({ exitCode: 5 });
  terminal.enter('echo go" on"');
  await terminal.shows(/\ngo on\n/);
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  expect(terminal.screen()).toContain('Disconnected: the bastion is going down. Connect again when it is back.');
  expect((await stopped).code).toBe(0);

  // on the stopped daemon's data
  const row = await house.bastion.json<Record<string, unknown>>(['session', 'show', id]);
  expect(row).toMatchObject({ state: 'ended', endCause: 'shutdown', recording: 'ready' });
  const exported = join(house.dir, 'stopped.cast');
  await house.bastion.ok(['session', 'export', id, '--to', exported]);
  expect(readFileSync(exported, 'utf8')).toMatch(/go on/);
  expect(existsSync(join(house.bastion.data, 'admin.sock'))).toBe(false);
});
