import { expect, test } from 'vitest';
import { fakeDaemon, onTerminal, onTerminalThenStty, SESSION } from './cli-terminal-kit.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ROUTES = { 'GET /sessions': { items: [SESSION], next: null }, [`GET /sessions/${SESSION.id}`]: SESSION };
const snapshot = (text: string, cols = 80, rows = 24) => ({
  kind: 'snapshot' as const,
  cols,
  rows,
  data: base64(text),
});

test('the whole screen at once, then live; q leaves and gives the terminal back', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminalThenStty(daemon.data, ['session', 'watch', 'zabcd']);
  const watch = await daemon.watching;
  watch.send(snapshot('first line\r\n\u001b[31mred\u001b[0m 界\r\n$ '));
  await run.shows(/^first line\nred 界\n\$/);
  await run.shows(/watching alice as root on web1 · q leaves/);
  expect(run.onAlternateScreen).toBe(true);
  watch.send({ kind: 'output', data: base64('ls\r\nREADME') });
  await run.shows(/^\$ ls\nREADME$/m);
  watch.send({ kind: 'notice', text: 'input is locked by \u001b[2Jbob' });
  await run.shows(/input is locked by \[2Jbob/);
  run.type('q');
  await watch.left;
  await run.shows(/^Session \w{8} \(alice as root on web1\) goes on\.\nexit=0\nicanon\necho$/m);
  expect(run.onAlternateScreen).toBe(false);
});

test('what a hostile target sends does not reach the terminal of the viewer', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminal(daemon.data, ['session', 'watch', SESSION.id]);
  const watch = await daemon.watching;
  watch.send(snapshot('\u001b[?1049h\u001b[Hin vim'));
  await run.shows(/in vim/);
  const hostile =
    '\u001b]52;c;ZXZpbA==\u0007\u001b]0;owned\u0007\u001b[c\u001b[6n\u001b[21t\u001b[?1000h\u001b[?2004h\u001bc\u001b[?1049l\u009b5n\u0005safe';
  watch.send({ kind: 'output', data: base64(hostile) });
  await run.shows(/safe/);
  expect(run.raw).not.toMatch(/52;c|owned|\u001b\[c|\u001b\[6n|\[21t|\?1000h|\?2004h|\u001bc|\u0005|\u009b/);
  expect(run.onAlternateScreen).toBe(true);
  run.type('q');
  expect((await run.exit).exitCode).toBe(0);
});

test('answers of the terminal that hold a q do not leave', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminal(daemon.data, ['session', 'watch', SESSION.id]);
  const watch = await daemon.watching;
  watch.send(snapshot('one'));
  await run.shows(/one/);
  run.type('\u001bP>|xterm(q)\u001b\\\u001b[?62;c\u001b]11;rgb:q\u0007\u001bOq');
  watch.send({ kind: 'output', data: base64(' two') });
  await run.shows(/one two/);
  run.type('\u0003');
  expect((await run.exit).exitCode).toBe(0);
});

test('a smaller terminal is told so, and shows the part with the cursor; a resize is followed', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminal(daemon.data, ['session', 'watch', SESSION.id], { cols: 90, rows: 10 });
  const watch = await daemon.watching;
  watch.send(snapshot(`top\u001b[40;1Hbottom${'x'.repeat(130)}`, 150, 40));
  await run.shows(/this terminal is smaller than the session's 150x40/);
  run.resize(160, 50);
  await run.shows(/^top/);
  await run.shows(/^bottomx{130}$/m);
  watch.send({ kind: 'resize', cols: 60, rows: 20 });
  watch.send(snapshot('after', 60, 20));
  await run.shows(/^after/);
  run.type('q');
  expect((await run.exit).exitCode).toBe(0);
});

test('the end of the session is told with its cause', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminal(daemon.data, ['session', 'watch', SESSION.id]);
  const watch = await daemon.watching;
  watch.send(snapshot('x'));
  await run.shows(/^x/);
  watch.send({ kind: 'ended', cause: 'terminated', detail: 'bob' });
  watch.response.end();
  expect((await run.exit).exitCode).toBe(0);
  expect(run.onAlternateScreen).toBe(false);
  expect(run.screen()).toContain('has ended: terminated, bob.');
});

test('a lost daemon and a signal give the terminal back too', async () => {
  const daemon = await fakeDaemon(ROUTES);
  const run = onTerminalThenStty(daemon.data, ['session', 'watch', SESSION.id]);
  const watch = await daemon.watching;
  watch.send(snapshot('x'));
  await run.shows(/^x/);
  watch.response.destroy();
  await run.shows(/^bastion: The daemon broke off .*\nexit=1\nicanon\necho$/m);
  expect(run.onAlternateScreen).toBe(false);

  const other = await fakeDaemon(ROUTES);
  const killed = onTerminal(other.data, ['session', 'watch', SESSION.id]);
  (await other.watching).send(snapshot('y'));
  await killed.shows(/^y/);
  process.kill(killed.pid, 'SIGTERM');
  expect((await killed.exit).exitCode).toBe(143);
  expect(killed.onAlternateScreen).toBe(false);
});

test('errors before the screen come out plainly', async () => {
  const daemon = await fakeDaemon({ 'GET /sessions': { items: [], next: null } });
  const run = onTerminal(daemon.data, ['session', 'watch', 'zzz']);
  expect((await run.exit).exitCode).toBe(3);
  expect(run.raw).not.toContain('\u001b[?1049h');
});
