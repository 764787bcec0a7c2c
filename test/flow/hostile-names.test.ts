import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, type House, PROMPT, startHouse } from '../kit/house.ts';

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house?.[Symbol.asyncDispose]());

const ESCAPES = '\x1b]0;owned\x07\x1b[2J\u009b31m\u202etxt.exe\u200b\ufeff';
/** What no table, no menu and no log line of ours may hold. */
const HOSTILE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u200b\ufeff]/;

test('names cannot hold escapes, and the refusal does not repeat them', async () => {
  const { bastion } = house;
  for (const words of [
    ['asset', 'add', `evil${ESCAPES}`, '--address', '192.0.2.1', '--protocol', 'ssh'],
    ['asset', 'add', 'evil', '--address', `192.0.2.1${ESCAPES}`, '--protocol', 'ssh'],
    ['asset', 'add', 'evil', '--address', '192.0.2.1', '--protocol', 'ssh', '--folder', `/a${ESCAPES}`],
    ['user', 'add', `evil${ESCAPES}`],
    ['account', 'add', 'web1', `root${ESCAPES}`, '--generate-key'],
    ['permission', 'add', `evil${ESCAPES}`, '--user', 'alice', '--asset', 'web1', '--account', '@all'],
  ]) {
    const result = await bastion.cli(words);
    expect({ words, code: result.code }).toEqual({ words, code: 2 });
    expect(result.stderr + result.stdout).not.toMatch(HOSTILE);
  }
});

test('names and comments that hold escapes all the same are shown without them', async () => {
  await addTarget(house, 'evil', house.sshd);
  // nothing lets such a text in: whoever writes to the database itself could
  const database = new Database(join(house.bastion.data, 'bastion.db'));
  const { changes } = database
    .prepare("UPDATE assets SET name = 'evil' || ?, comment = ? WHERE name = 'evil'")
    .run(ESCAPES, `before ${ESCAPES} after`);
  database.close();
  expect(changes).toBe(1);
  for (const words of [
    ['asset', 'list'],
    ['asset', 'show', 'evil'],
    ['audit', 'list'],
  ])
    expect(await house.bastion.ok(words)).not.toMatch(HOSTILE);
  using menu = house.terminal('alice');
  await menu.shows(/evil/);
  expect(menu.raw).not.toContain('owned\x07');
  expect(menu.raw).not.toContain('\x1b]0;owned');
  menu.enter('q');
  await menu.exit;
});

test('a title and a clipboard from the target reach the user and nobody else', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  terminal.enter(`printf '\\033]0;owned\\007\\033]52;c;aGk=\\007'; echo "do""ne"`);
  await terminal.shows(/^done/m);
  expect(terminal.raw).toContain('\x1b]0;owned\x07');
  expect(terminal.raw).toContain('\x1b]52;c;aGk=\x07');
  const { id } = await house.live();
  for (const words of [
    ['session', 'list', '--live'],
    ['session', 'show', id],
    ['audit', 'list'],
  ]) {
    const shown = await house.bastion.ok(words);
    expect(shown).not.toMatch(HOSTILE);
    expect(shown).not.toContain('owned');
  }
  terminal.enter('exit');
  await terminal.exit;
});
