import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/store/model.ts';
import { type Database, startDatabase } from '../commands/database.ts';
import { atShell, brief, rule } from './commands-kit.ts';

const REVIEWER: Actor = { kind: 'user', userId: null, name: 'eve', ip: null, via: 'api' };
const by = { actor: REVIEWER, isAdmin: true };
const AT: Readonly<Record<string, string>> = {
  bash: '$ ',
  zsh: '$ ',
  'zsh-autosuggestions': '$ ',
  fish: '> ',
  dash: '$ ',
  python: '>>> ',
  device: 'sw1>',
  mariadb: '> ',
  sqlite: 'sqlite> ',
};

/** The user was told so often, and a prompt follows. */
const refused = (times: number) => `/(is forbidden[^]*){${times}}\\n[^\\n]*\\$$/`;

describe('a denied line', () => {
  let dir: string;
  let database: Database;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'commands-db-'));
    database = await startDatabase(dir);
  }, 30_000);
  afterAll(async () => {
    await database.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const lines: Readonly<Record<string, readonly [denied: string, allowed: string, shows: RegExp]>> = {
    python: ['print(6 * 111)', 'print(7 * 111)', /^777$/],
    device: ['show version', 'show running-config', /GigabitEthernet/],
    mariadb: ['select 6 * 111;', 'select 7 * 111;', /777/],
    sqlite: ['select 6 * 111;', 'select 7 * 111;', /^777$/],
  };
  for (const shell of Object.keys(AT)) {
    it(`is taken off the prompt of ${shell}, and the next one runs`, async () => {
      const [denied, allowed, shows] = lines[shell] ?? ['echo $((6 * 111))', 'expr 7 \\* 111', /^777$/];
      const rules = [rule('deny', [], { name: 'none of that', regex: '6 \\* 111|show version|6 \\* 111' })];
      const { person, ended } = await atShell(shell, rules, { socket: database.socket });
      await person.at(AT[shell]!);
      await person.type(`${denied}<enter>`);
      await person.expect('/is forbidden by the filter "none of that"[^]*\n[^\n]+$/');
      await person.type(`${allowed}<enter>`);
      await person.expect(`/${shows.source}/`);
      const screen = person.screen();
      expect(screen).not.toMatch(/666|Version 15/);
      // a program that is slow to start echoes its first keys twice: then they are only known as typed
      const rows = (await ended()).map(({ line, verdict }) => `${verdict} ${line}`);
      expect(rows).toEqual([`deny ${denied}`, `pass ${allowed}`]);
    });
  }

  it('is taken off with the cursor in its middle, and in vi mode', async () => {
    const rules = [rule('deny', ['touch'])];
    for (const [name, rc, keys] of [
      ['bash', '', 'touch denied<left><left><left><left><enter>'],
      ['bash', 'set -o vi\n', 'touch denied<esc>hh<enter>'],
      ['bash', 'set -o vi\n', 'touch denied<enter>'],
      ['zsh', 'bindkey -v\n', 'touch denied<esc>bb<enter>'],
    ] as const) {
      const { person, ended, home } = await atShell(name, rules, { rc });
      await person.at('$ ');
      await person.type(keys);
      await person.expect(refused(1));
      await person.type('echo next<enter>');
      await person.expect('/^next$/');
      expect(existsSync(join(home, 'denied'))).toBe(false);
      expect(brief(await ended())).toEqual(['deny screen touch denied', 'pass screen echo next']);
    }
  }, 30_000);

  it('drops what was pasted behind it and says so', async () => {
    const { person, ended, home } = await atShell('bash', [rule('deny', ['touch'])]);
    await person.at('$ ');
    person.fast('echo one\rtouch denied\rtouch other\recho two\r');
    await person.expect('/typed behind it is dropped[^]*\\$$/');
    await person.type('echo three<enter>');
    await person.expect('/^three$/');
    expect(existsSync(join(home, 'denied')) || existsSync(join(home, 'other'))).toBe(false);
    expect(brief(await ended())).toEqual([
      'pass screen echo one',
      'deny screen touch denied',
      'pass screen echo three',
    ]);
  });

  it('is found however it came to the prompt', async () => {
    const { person, ended, home } = await atShell('bash', [rule('deny', ['touch'])], {
      rc: `cat > ~/.bash_history <<< 'touch from-history'\nhistory -r ~/.bash_history\nalias t=touch\n`,
    });
    await person.at('$ ');
    const tried = async (keys: string, times: number) => {
      await person.type(keys);
      await person.expect(refused(times));
    };
    await tried('<up><enter>', 1);
    await tried('<ctrl-r>from<enter>', 2);
    await tried('touc<tab> x<enter>', 3);
    await tried('ouch x<ctrl-a>t<enter>', 4);
    await tried('echo a; touch x<ctrl-j>', 5);
    await tried('touch x<ctrl-o>', 6);
    expect(existsSync(join(home, 'x')) || existsSync(join(home, 'from-history'))).toBe(false);
    const rows = await ended();
    expect(rows.every(({ verdict }) => verdict === 'deny')).toBe(true);
    expect(rows).toHaveLength(6);
  });

  it('is found in a paste that pretends to be bracketed', async () => {
    const { person, ended, home } = await atShell('dash', [rule('deny', ['touch'])]);
    await person.at('$ ');
    person.fast('\x1b[200~touch x\r\x1b[201~');
    await person.expect(refused(1));
    person.fast('\x1b]0;touch y\r');
    await person.expect(refused(2));
    await person.type('echo end<enter>');
    await person.expect('/^end$/');
    expect(existsSync(join(home, 'x')) || existsSync(join(home, 'y'))).toBe(false);
    await ended();
  });
});

describe('a warning', () => {
  it('is told, and the line runs', async () => {
    const { person, ended } = await atShell('bash', [rule('warn', ['echo'])]);
    await person.at('$ ');
    await person.type('echo hello<enter>');
    await person.expect('/warns about `echo hello`/');
    await person.expect('/^hello$/');
    expect(brief(await ended())).toEqual(['warn screen echo hello']);
  });
});

describe('a review', () => {
  const rules = [rule('review', ['touch'], { name: 'ask first', reviewers: ['eve'] })];

  it('names who may approve, takes no other key, and runs once when approved', async () => {
    const { person, pending, registry, ended, home } = await atShell('bash', rules);
    await person.at('$ ');
    await person.type('touch approved<enter>');
    await person.expect('needs approval by eve');
    person.fast('echo lost\r');
    const { id } = await pending();
    await registry.reviews.settle(id, 'approved', by);
    await person.expect('Approved by eve');
    await person.at('$ ');
    await person.type('echo kept<enter>');
    await person.expect('/^kept$/');
    expect(existsSync(join(home, 'approved'))).toBe(true);
    const rows = await ended();
    expect(brief(rows)).toEqual(['approved screen touch approved', 'pass screen echo kept']);
    expect(rows[0]).toMatchObject({ filter: 'ask first', reviewer: 'eve' });
  });

  it('does not let run what is forbidden by the time it is approved', async () => {
    const { person, pending, registry, session, ended, home } = await atShell('bash', rules);
    await person.at('$ ');
    await person.type('touch late<enter>');
    const { id } = await pending();
    await person.expect('needs approval');
    const { limits } = session.grant;
    (session as unknown as { replaceLimits(limits: unknown): void }).replaceLimits({
      ...limits,
      commands: [rule('deny', ['touch'])],
    });
    await registry.reviews.settle(id, 'approved', by);
    await person.expect(refused(1));
    expect(existsSync(join(home, 'late'))).toBe(false);
    expect(brief(await ended())).toEqual(['deny screen touch late']);
  });

  it('that is refused names who refused and clears the line', async () => {
    const { person, pending, registry, ended, home } = await atShell('zsh', rules);
    await person.at('$ ');
    await person.type('touch refused<enter>');
    const { id } = await pending();
    await registry.reviews.settle(id, 'refused', by);
    await person.expect('/Refused by eve[^]*\\$$/');
    await person.type('echo next<enter>');
    await person.expect('/^next$/');
    expect(existsSync(join(home, 'refused'))).toBe(false);
    expect(brief(await ended())).toEqual(['refused screen touch refused', 'pass screen echo next']);
  });

  it('is given up with Ctrl-C, with a lock, and with the session', async () => {
    const { person, pending, session, store, ended, home } = await atShell('bash', rules);
    await person.at('$ ');
    await person.type('touch one<enter>');
    await pending();
    await person.expect('needs approval');
    await person.type('<ctrl-c>');
    await person.expect('/it does not run[^]*\\$$/');
    await person.type('touch two<enter>');
    await pending();
    session.lock('admin');
    session.unlock('admin');
    await person.type('<ctrl-u>touch three<enter>');
    await pending();
    const rows = await ended();
    expect(brief(rows)).toEqual([
      'cancelled screen touch one',
      'cancelled screen touch two',
      'cancelled screen touch three',
    ]);
    expect(['one', 'two', 'three'].some((name) => existsSync(join(home, name)))).toBe(false);
    expect((await store.reviews.list({})).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});

describe('without rules or beside them', () => {
  it('secrets are neither judged nor kept', async () => {
    const { person, ended } = await atShell('bash', [rule('deny', ['reboot'])]);
    await person.at('$ ');
    await person.type('stty -echo; read -p "Password: " x; stty echo<enter>');
    await person.at('Password: ');
    person.fast('reboot\r');
    await person.at('$ ');
    await person.type('echo $' + '{#x}<enter>');
    await person.expect('/^6$/');
    const rows = await ended();
    // that something was entered may be said
    expect(brief(rows.filter(({ confidence }) => confidence !== 'unparsed'))).toEqual([
      'pass screen stty -echo; read -p "Password: " x; stty echo',
      'pass screen echo $' + '{#x}',
    ]);
    expect(JSON.stringify(rows)).not.toContain('reboot');
  });

  it('new rules hold from the next Enter on', async () => {
    const { person, session, ended } = await atShell('bash');
    await person.at('$ ');
    await person.type('echo one<enter>');
    await person.expect('/^one$/');
    await person.at('$ ');
    await person.type('echo two');
    const { limits } = session.grant;
    (session as unknown as { replaceLimits(limits: unknown): void }).replaceLimits({
      ...limits,
      commands: [rule('deny', ['echo'])],
    });
    await person.type('<enter>');
    await person.expect('is forbidden');
    expect(brief(await ended())).toEqual(['pass screen echo one', 'deny screen echo two']);
  });

  it('what an expansion turns out to be is told when it ran', async () => {
    const { person, ended } = await atShell('bash', [rule('deny', ['touch'])], {
      rc: `history -s 'touch expanded'\n`,
    });
    await person.at('$ ');
    await person.type('!to<enter>');
    await person.expect('/^touch expanded$/');
    await person.at('$ ');
    const rows = await ended();
    expect(brief(rows)).toEqual(['warn screen touch expanded']);
    expect(rows[0]!.filter).toBe('no touch');
  });
});
