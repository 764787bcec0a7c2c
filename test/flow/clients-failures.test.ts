// What every client is told when a transfer breaks off: an error, so that no short file is taken for a whole one.
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBastion } from '../kit/bastion.ts';
import { type Form, formsOf } from '../kit/client-forms.ts';
import { CLIENTS, type Client, place, type Transfer } from '../kit/clients.ts';
import { filesBelow } from '../kit/file-tree.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, type RunResult, run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';

/** So much that nobody is through before the test is. */
const HUGE = 64 * 1024 ** 3;
/** A transfer that has brought so much is under way. */
const UNDER_WAY = 512 * 1024;
const CONFIG = { session: { max_per_user: 200, disk_reserve: '1MiB', shutdown_grace: '1s' } };
const WAYS = ['put', 'get'] as const;

let house: House;
let root: string;
let huge: string;
let form: Form;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bastion-failures-'));
  chmodSync(root, 0o755);
  huge = join(root, 'source', 'huge');
  mkdirSync(join(root, 'source'));
  writeFileSync(huge, '');
  truncateSync(huge, HUGE);
  house = await startHouse({ config: CONFIG });
  form = (await formsOf(house)).named;
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  if (root) rmSync(root, { recursive: true, force: true });
});

interface UnderWay {
  readonly what: string;
  readonly sink: string;
  readonly ended: Transfer;
}

/** A transfer of the huge file that has brought something. */
async function begin(client: Client, way: 'put' | 'get'): Promise<UnderWay> {
  const sink = await place(root, `${way}-${client.name}`, TEST_USER.name);
  const ended = way === 'put' ? client.put(form, huge, sink) : client.get(form, huge, sink);
  const what = `${client.name} ${way}`;
  const early = ended.then(({ code, stderr }) => {
    throw new Error(`${what} ended at once with ${code}: ${stderr}`);
  });
  await Promise.race([
    early,
    eventually(`${what} to be under way`, () => filesBelow(sink).some((file) => sizeOf(file) > UNDER_WAY), 50_000),
  ]);
  early.catch(() => {});
  return { what, sink, ended };
}

const sizeOf = (file: Buffer) => lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;

function failed(what: string, { code, stderr }: Pick<RunResult, 'code' | 'stderr'>): void {
  expect(code, `${what} must fail; it said ${stderr}`).not.toBe(0);
}

const endAll = async (all: readonly UnderWay[]) => {
  const running = new Set(all);
  for (const one of all) one.ended.then(() => running.delete(one));
  const names = () => [...running].map(({ what }) => what);
  await eventually(
    () => `these to end: ${names().join(', ')}`,
    () => running.size === 0,
  );
  for (const { what, ended } of all) failed(what, await ended);
  for (const { sink } of all) rmSync(sink, { recursive: true, force: true });
};

describe('the target is gone in the middle of transfers', () => {
  test.each(WAYS)('%s: every client fails, and so do their rows', async (way) => {
    // as on a direct connection lftp connects again and goes on, and curl waits for ever for a channel that has ended
    const clients = CLIENTS.filter(({ name }) => name !== 'lftp' && name !== 'curl');
    const all = await Promise.all(clients.map((client) => begin(client, way)));
    await house.sshd.dropConnections();
    await endAll(all);
    await eventually('the sessions to end', async () => {
      return (await house.api.sessions.list({ live: true })).items.length === 0;
    });
    const { items } = await house.api.transfers.list({ limit: 200 });
    expect(items.length).toBeGreaterThan(0);
    expect(items.filter(({ result }) => result !== 'failed')).toEqual([]);
  });
});

describe('the target’s disk is full', () => {
  let disk: string;
  beforeAll(async () => {
    disk = join(root, 'disk');
    mkdirSync(disk);
    const uid = (await run('id', ['-u', TEST_USER.name])).stdout.trim();
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=2m,uid=${uid}`, 'none', disk]);
    if (mounted.code !== 0) throw new Error(`no file system of its own can be mounted here: ${mounted.stderr}`);
  });
  afterAll(() => run('umount', ['-l', disk]));

  test.each(CLIENTS)('$name', async (client) => {
    const source = join(root, 'source', 'large');
    writeFileSync(source, Buffer.alloc(8 * 1024 * 1024, 'more than there is room for\n'));
    failed(client.name, await client.put(form, source, disk));
    for (const file of filesBelow(disk)) rmSync(file);
  });
});

describe.each(['SIGTERM', 'SIGKILL'] as const)('the bastion ends by %s in the middle of transfers', (signal) => {
  // a half of them each way, and the other way round by the other signal
  const wayOf = (index: number) => WAYS[(index + (signal === 'SIGTERM' ? 0 : 1)) % 2]!;

  test('every client fails, and no list calls a transfer done', async () => {
    const own = await startHouse({ config: CONFIG });
    try {
      form = (await formsOf(own)).named;
      const all = await Promise.all(CLIENTS.map((client, index) => begin(client, wayOf(index))));
      const { items: live } = await own.api.sessions.list({ live: true, limit: 200 });
      expect(live.length).toBeGreaterThanOrEqual(all.length);
      await own.bastion.stop(signal);
      await endAll(all);

      await using again = await startBastion({ dir: own.bastion.dir, config: CONFIG });
      expect(again.sshPort).toBeGreaterThan(0);
      const after = await Promise.all(live.map(({ id }) => own.settled(id)));
      const ends = new Set(after.map(({ state, endCause }) => `${state} ${endCause}`));
      expect(ends).toEqual(new Set([signal === 'SIGTERM' ? 'ended shutdown' : 'interrupted interrupted']));
      const { items } = await own.api.transfers.list({ limit: 200 });
      expect(items.filter(({ result }) => result === 'ok')).toEqual([]);
      if (signal === 'SIGTERM') expect(new Set(items.map(({ result }) => result))).toEqual(new Set(['failed']));
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });
});
