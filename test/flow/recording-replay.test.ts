import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually, finished, run, seen, start } from '../kit/process.ts';
import { Terminal } from '../kit/terminal.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse({ config: { session: { exec_output_limit: '64KiB', recording_limit: '200KiB' } } });
});
afterAll(() => house?.[Symbol.asyncDispose]());

type CastEvent = [number, string, string];

/** The exported recording: its header and its events. */
async function cast(id: string): Promise<{ header: Record<string, unknown>; events: CastEvent[]; file: string }> {
  const file = join(house.dir, `${id}.cast`);
  await house.bastion.ok(['session', 'export', id, '--to', file]);
  const [header, ...events] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return { header: JSON.parse(header!), events: events.map((line) => JSON.parse(line) as CastEvent), file };
}

const text = (events: readonly CastEvent[], kind = 'o') =>
  events
    .filter(([, code]) => code === kind)
    .map(([, , data]) => data)
    .join('');

/** A command of alice on web1, and its settled row. */
async function exec(command: string, stdin = '') {
  const before = new Set((await house.api.sessions.list({ limit: 1000 })).items.map(({ id }) => id));
  const result = await house.bastion.ssh('alice@web1', house.key.file, [command], { stdin });
  const { items } = await house.api.sessions.list({ limit: 1000 });
  return { result, row: await house.settled(items.find(({ id }) => !before.has(id))!.id) };
}

test('an exported recording is asciicast v2 that asciinema plays: header, output, sizes, marks of their time', async () => {
  using terminal = house.terminal('alice@web1', { size: { cols: 90, rows: 24 } });
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter('echo 你好 "€" 🚀');
  await terminal.shows(/\n你好 € 🚀/);
  terminal.resize(70, 20);
  terminal.enter('stty size');
  await terminal.shows(/\n20 70\n/);
  terminal.enter('exit 3');
  await terminal.exit;
  const row = await house.settled(id);

  const { header, events, file } = await cast(id);
  expect(header).toMatchObject({
    version: 2,
    width: 90,
    height: 24,
    timestamp: Math.floor(Date.parse(row.startedAt) / 1000),
    env: { TERM: 'xterm-256color' },
  });
  expect(text(events)).toMatch(/\r你好 € 🚀\r\n/);
  expect(events.filter(([, code]) => code === 'r').map(([, , size]) => size)).toEqual(['70x20']);
  expect(events.some(([, code]) => code === 'i')).toBe(false);
  const times = events.map(([at]) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan((Date.parse(row.endedAt!) - Date.parse(row.startedAt)) / 1000 + 1);

  using asciinema = new Terminal('asciinema', ['cat', file], { cols: 90, rows: 24 });
  expect(await asciinema.exit).toMatchObject({ exitCode: 0 });
  expect(asciinema.raw).toBe(text(events));

  // what was shown is what was recorded, beside what the bastion itself said while connecting
  const { stdout } = await house.bastion.cli(['session', 'replay', id, '--speed', 'max']);
  expect(stdout).toBe(text(events));
  expect(terminal.raw.endsWith(stdout) || terminal.raw.includes(stdout)).toBe(true);
});

test('characters split between packets are whole in the recording', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter("stty -echo; printf '\\xe4'; sleep 0.3; printf '\\xbd'; sleep 0.3; printf '\\xa0\\nok\\n'; exit");
  await terminal.exit;
  expect(terminal.screen()).toMatch(/你\nok/);
  await house.settled(id);
  const { events } = await cast(id);
  expect(text(events)).toMatch(/你\r\nok\r\n/);
  expect(text(events)).not.toContain('\ufffd');
});

test('files of recordings are private, and the row holds their true size and sha256', async () => {
  const { row } = await exec('echo private');
  const day = row.startedAt.slice(0, 10).replaceAll('-', '/');
  const file = join(house.bastion.data, 'recordings', day, `${row.id}.cast.zst`);
  expect((await run('sha256sum', [file])).stdout.split(' ')[0]).toBe(row.recordingSha256);
  expect(statSync(file).size).toBe(row.recordingBytes);
  expect((await run('zstd', ['-dc', file])).stdout).toMatch(
    /^\{"version":2.*\n\[[\d.]+, "m", "\$ echo private"\]\n\[[\d.]+, "o", "private\\r\\n"\]\n/,
  );
  const loose = await run('find', [house.bastion.data, '-perm', '/077', '!', '-name', '*.pub', '-printf', '%P %m\n']);
  expect(loose.stdout).toBe('');
  const audit = await house.audit({ action: 'recording.stored' });
  expect(audit.find(({ target }) => target?.id === row.id)?.details).toMatchObject({ sha256: row.recordingSha256 });
});

test('what is typed without an echo is not in the recording', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter('read -s -p "Password: " secret; echo; echo -n "$secret" | wc -c');
  await terminal.shows(/Password:$/);
  terminal.enter('hunter2-and-more');
  await terminal.shows(/\n16\n/);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);
  const { file, events } = await cast(id);
  expect(text(events)).toMatch(/\r\n16\r\n/);
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  const { row } = await exec('cat >/dev/null', 'hunter2-and-more\n');
  expect(readFileSync((await cast(row.id)).file, 'utf8')).not.toContain('hunter2');
});

test('a command is kept whole within its limit; beyond it come counts and the true hash', async () => {
  const small = await exec('echo out; echo err >&2');
  expect(small.result).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  const { events } = await cast(small.row.id);
  expect(text(events)).toMatch(/out/);
  expect(text(events)).toMatch(/err/);

  const big = await exec('seq 1 100000');
  expect(big.result.code).toBe(0);
  expect(big.row.bytesOut).toBe(big.result.bytes.length);
  const limited = await cast(big.row.id);
  expect(text(limited.events).length).toBeLessThan(80 * 1024);
  expect(text(limited.events, 'm')).toMatch(/recording limit reached/);
  const end = (await house.audit({ action: 'session.end' })).find(({ target }) => target?.id === big.row.id);
  const hash = (await run('sha256sum', [], { stdin: big.result.bytes })).stdout.split(' ')[0];
  expect(end?.details).toMatchObject({
    output: { limited: true, stdoutBytes: big.result.bytes.length, stdoutSha256: hash },
  });
});

test('a terminal beyond the limit goes on as pictures, labelled, and ends on the true screen', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter('seq 1 100000; echo the" end"');
  await terminal.shows(/the end\n/);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);
  const { events, file } = await cast(id);
  expect(text(events, 'm')).toMatch(/recording limit reached: from here on one picture of the screen a second/);
  expect(statSync(file).size).toBeLessThan(500 * 1024);
  using player = house.cliTerminal(['session', 'replay', id, '--speed', 'max'], { cols: 100, rows: 31 });
  await player.exit;
  expect(player.screen()).toMatch(/99999\n100000\nthe end\n/);
});

test('a live session can be replayed up to now', async () => {
  const child = start('ssh', [...house.bastion.sshArgs('alice@web1', house.key.file), 'echo first; cat']);
  const end = finished(child);
  await seen(child.stdout!, /first\n/);
  const { id } = await house.live();
  let stdout = '';
  while (!stdout.includes('first')) stdout = await house.bastion.ok(['session', 'replay', id, '--speed', 'max']);
  expect(stdout).toBe('first\n');
  child.stdin!.end('second\n');
  await end;
  // at once, rendered or not
  expect(await house.bastion.ok(['session', 'replay', id, '--speed', 'max'])).toBe('first\nsecond\n');
  expect((await house.audit({ action: 'recording.read', target: id })).length).toBeGreaterThanOrEqual(2);
});

test('the player: pause, step back, faster, and q leaves the terminal as it was', async () => {
  using terminal = house.terminal('alice@web1', { size: { cols: 80, rows: 20 } });
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter('for i in 1 2 3 4 5 6; do echo "tick $i"; sleep 0.5; done; exit');
  await terminal.exit;
  await house.settled(id);

  using player = house.cliTerminal(['session', 'replay', id], { cols: 120, rows: 24 });
  await player.shows(/tick 2/);
  player.type(' ');
  await player.shows(/· paused ·/);
  expect(player.screen()).not.toContain('tick 6');
  player.type('\x1b[D');
  await player.shows((screen) => /0:00 \//.test(screen) && !/tick/.test(screen));
  player.type('+');
  await player.shows(/· 2x/);
  // one event further each: the prompt comes after what the shell tells the terminal before it
  for (let steps = 0; steps < 8 && !/bastion-test@/.test(player.screen()); steps++) {
    const { length } = player.raw;
    player.type('.');
    await eventually('a step', () => player.raw.length > length || undefined, 500).catch(() => {});
  }
  expect(player.screen()).toMatch(/bastion-test@/);
  player.type(' ');
  await player.shows(/tick 3/);
  player.type('\x1b[C');
  await player.shows(/tick 6|End of session/);
  player.type('q');
  expect(await player.exit).toMatchObject({ exitCode: 0 });
  expect(player.onAlternateScreen).toBe(false);

  using quick = house.cliTerminal(['session', 'replay', id, '--idle-limit', '0.1', '--speed', '4']);
  expect(await quick.exit).toMatchObject({ exitCode: 0 });
  expect(quick.screen()).toMatch(/tick 6\n(?:.*\n)*End of session \S+ \(alice as bastion-test on web1\), 0:0\d\./);
  using late = house.cliTerminal(['session', 'replay', id, '--at', '2']);
  await late.shows(/tick 4/);
  late.type('q');
  await late.exit;
});
