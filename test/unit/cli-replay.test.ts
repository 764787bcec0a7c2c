import { expect, test } from 'vitest';
import { fakeDaemon, onTerminal, onTerminalThenStty, SESSION } from './cli-terminal-kit.ts';

type Event = [at: number, kind: 'o' | 'r' | 'm', data: string];
const cast = (events: Event[], header: object = { version: 2, width: 40, height: 10 }) =>
  [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');

const daemonWith = (recording: string) =>
  fakeDaemon({
    'GET /sessions': { items: [{ ...SESSION, state: 'ended' }], next: null },
    [`GET /sessions/${SESSION.id}`]: { ...SESSION, state: 'ended' },
    [`GET /sessions/${SESSION.id}/recording`]: recording,
  });

/** One line a second, `s0` to `s99`. */
const SECONDS = cast(Array.from({ length: 100 }, (_, i): Event => [i, 'o', `\u001b[2J\u001b[Hs${i}`]));

test('plays to the end, then leaves the last screen behind', async () => {
  const daemon = await daemonWith(
    cast([
      [0.1, 'o', 'one\r\n'],
      [0.2, 'm', 'ls'],
      [0.3, 'o', 'two'],
    ]),
  );
  const run = onTerminalThenStty(daemon.data, ['session', 'replay', 'zabcd']);
  await run.shows(/^one\ntwo\nEnd of session \w{8} \(alice as root on web1\), 0:00\.\nexit=0\nicanon\necho$/m);
  expect(run.onAlternateScreen).toBe(false);
});

test('space pauses, . steps, arrows go back and on, q quits', async () => {
  const daemon = await daemonWith(SECONDS);
  const run = onTerminalThenStty(daemon.data, ['session', 'replay', SESSION.id, '--at', '50']);
  await run.shows(/^s50\n/);
  run.type(' ');
  await run.shows(/· paused ·/);
  const at = Number(/^s(\d+)/.exec(run.rows()[0]!)![1]);
  run.type('.');
  await run.shows(new RegExp(`^s${at + 1}\\n`));
  run.type('\u001b[D');
  await run.shows(new RegExp(`^s${at - 4}\\n`));
  run.type('\u001bOC\u001b[C');
  await run.shows(new RegExp(`^s${at + 6}\\n`));
  run.type('\u001b[D'.repeat(40));
  await run.shows(/^s0\n/);
  run.type('q');
  await run.shows(/^exit=0\nicanon\necho$/m);
  expect(run.screen()).not.toContain('End of session');
});

test('speed: + and - change it, 0 shows the end at once', async () => {
  const daemon = await daemonWith(SECONDS);
  const run = onTerminal(daemon.data, ['session', 'replay', SESSION.id]);
  await run.shows(/^s0\n/);
  run.type('++');
  await run.shows(/· 4x ·/);
  run.type('-');
  await run.shows(/· 2x ·/);
  run.type('q');
  await run.exit;
  const all = onTerminal(daemon.data, ['session', 'replay', SESSION.id, '--speed', '0']);
  expect((await all.exit).exitCode).toBe(0);
  expect(all.screen()).toMatch(/^s99\nEnd of session/m);
});

test('long pauses are shortened by the idle limit', async () => {
  const daemon = await daemonWith(
    cast([
      [0, 'o', 'a'],
      [100_000, 'o', 'b'],
      [200_000, 'o', 'c'],
    ]),
  );
  const run = onTerminal(daemon.data, ['session', 'replay', SESSION.id, '--idle-limit', '0.05']);
  expect((await run.exit).exitCode).toBe(0);
  expect(run.screen()).toContain('abc\nEnd of session');
});

test('a recording larger than the distance of kept screens goes back to the right screen', async () => {
  const filler = '.'.repeat(64 * 1024);
  const events = Array.from(
    { length: 200 },
    (_, i): Event => [i, 'o', `${filler}\u001b[2J\u001b[H\u001b[?25ls${i} \u001b[3${i % 8}mcolour`],
  );
  const daemon = await daemonWith(cast(events));
  const run = onTerminal(daemon.data, ['session', 'replay', SESSION.id, '--at', '190']);
  await run.shows(/^s190 colour/);
  run.type(' ');
  await run.shows(/paused/);
  const at = Number(/^s(\d+)/.exec(run.rows()[0]!)![1]);
  run.type('\u001b[D'.repeat(10));
  await run.shows(new RegExp(`^s${at - 50} colour`));
  run.type('\u001b[C'.repeat(4));
  await run.shows(new RegExp(`^s${at - 30} colour`));
  run.type('q');
  expect((await run.exit).exitCode).toBe(0);
});

test('resizes are followed; what a hostile target wrote stays inside', async () => {
  const daemon = await daemonWith(
    cast([
      [0, 'o', '\u001b]52;c;ZXZpbA==\u0007\u001b[c'],
      [0.1, 'r', '60x20'],
      [0.2, 'o', `${'w'.repeat(60)}next`],
    ]),
  );
  const run = onTerminal(daemon.data, ['session', 'replay', SESSION.id]);
  expect((await run.exit).exitCode).toBe(0);
  expect(run.screen()).toMatch(/^w{60}\nnext\nEnd/m);
  expect(run.raw).not.toMatch(/52;c|\u001b\[c/);
});

test('a torn last line is no error; what is no recording is told', async () => {
  const torn = await daemonWith(`${cast([[0, 'o', 'kept']])}[1.5,"o","lo`);
  const run = onTerminal(torn.data, ['session', 'replay', SESSION.id, '--speed', '0']);
  expect((await run.exit).exitCode).toBe(0);
  expect(run.screen()).toContain('kept\nEnd of session');
  const other = await daemonWith('<html>\n');
  const failed = onTerminal(other.data, ['session', 'replay', SESSION.id]);
  expect((await failed.exit).exitCode).toBe(1);
  expect(failed.raw).toContain('bastion: This recording cannot be played here');
  expect(failed.raw).not.toContain('\u001b[?1049h');
});
