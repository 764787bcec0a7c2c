import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBastion } from '../kit/bastion.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';

interface Hit {
  readonly session: string;
  readonly seconds: number;
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const search = (text: string, count: number) =>
  eventually(`${count} hits for ${text}`, async () => {
    const hits = await house.bastion.json<Hit[]>(['session', 'search', text]);
    return hits.length === count ? hits : undefined;
  });

async function run(command: string, flags: string[] = []): Promise<void> {
  const { code, stderr } = await house.bastion.ssh('alice@web1', house.key.file, [command], { flags });
  expect(code, stderr).toBe(0);
}

test('what a terminal showed is found, and a replay from there shows it come', async () => {
  await run("echo first; sleep 2.2; echo 'needle  in the hay' | sed s/hay/HAY/; sleep 0.2; echo last", ['-tt']);
  const [hit] = await search('NEEDLE in the hay', 1);
  expect(hit!.before + hit!.match + hit!.after).toBe('needle in the HAY');
  expect(hit!.seconds).toBeGreaterThanOrEqual(2);

  const before = await house.bastion.ok([
    'session',
    'replay',
    hit!.session,
    '--at',
    String(hit!.seconds),
    '--speed',
    '0',
  ]);
  expect(before).toContain('needle  in the HAY');
  using terminal = house.cliTerminal(['session', 'replay', hit!.session, '--at', String(hit!.seconds)]);
  // as it stood at that second, and then the line
  await terminal.shows((screen) => screen.includes('first') && !screen.includes('HAY'));
  await terminal.shows(/needle {2}in the HAY/);
});

test('both streams of a command without a terminal are found', async () => {
  await run('echo on-standard-output; echo on-standard-error >&2');
  await search('on-standard-output', 1);
  await search('on-standard-error', 1);
});

test('on a terminal the table names the replay, and the match stands out', async () => {
  await run('echo some words with 磁盘已满 inside');
  await search('磁盘', 1);
  using terminal = house.cliTerminal(['session', 'search', '磁盘'], { cols: 160, rows: 30 });
  await terminal.shows(/See the first: bastion .*session replay \w+ --at \d+/);
  expect(terminal.raw).toContain('some words with \x1b[1m磁盘\x1b[22m已满 inside');
  using narrow = house.cliTerminal(['session', 'search', '磁盘'], { cols: 80, rows: 30 });
  await narrow.shows(/See the first: /);
  expect(narrow.raw).toContain('…words with \x1b[1m磁盘\x1b[22m');
});

test('an index that was lost in a crash is made anew from the recordings', async () => {
  await run('echo before-the-crash');
  await search('before-the-crash', 1);
  await house.bastion.stop('SIGKILL');
  rmSync(join(house.bastion.data, 'search.db'));
  await using again = await startBastion({ dir: house.bastion.dir });
  await eventually('the text in the new index', async () => {
    const hits = await again.json<Hit[]>(['session', 'search', 'before-the-crash']);
    return hits.length === 1 || undefined;
  });
  const needles = await again.json<Hit[]>(['session', 'search', 'needle in the HAY']);
  expect(needles.length).toBe(1);
  await again.stop();
});
