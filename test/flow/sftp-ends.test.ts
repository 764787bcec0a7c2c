import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SessionView } from '../../src/api/contract/sessions.ts';
import { createClient } from '../../src/sdk/client.ts';
import { socketTransport } from '../../src/sdk/node.ts';
import { startBastion } from '../kit/bastion.ts';
import { sha256OfFile } from '../kit/hash.ts';
import { type Pair, startPair } from '../kit/pair.ts';
import { eventually, finished, type RunResult } from '../kit/process.ts';
import { linesOf, startSftp } from '../kit/sftp.ts';

const SIZE = 25_000_000;
/** 2.5 MB/s: long enough to be in the middle of it. */
const SLOWLY = ['-l', '20000'];

let pair: Pair & AsyncDisposable;
let dir: string;
let remote: string;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sftp-'));
  remote = join(dir, 'target');
  mkdirSync(remote);
  chmodSync(dir, 0o755);
  chmodSync(remote, 0o777);
  writeFileSync(join(dir, 'small'), 'small\n');
  writeFileSync(join(dir, 'big'), randomBytes(SIZE));
  return () => rmSync(dir, { recursive: true, force: true });
});

const upload = () => [`put ${dir}/small ${remote}/small`, `put ${dir}/big ${remote}/big`];
const download = () => [`get ${dir}/small ${dir}/got-small`, `get ${dir}/big ${dir}/got-big`];
const rowsOf = async (id: string) => (await pair.house.api.transfers.list({ session: id, limit: 10 })).items;

/** Runs these commands until the second file is on its way, then does this. */
async function inMidTransfer(
  commands: readonly string[],
  act: (session: SessionView) => Promise<unknown>,
): Promise<{ result: RunResult; session: SessionView }> {
  const child = startSftp(pair, commands, SLOWLY);
  const end = finished(child);
  const live = await pair.house.live(({ use, bytesIn, bytesOut }) => use === 'files' && bytesIn + bytesOut > 1_000_000);
  await act(live);
  const result = await end;
  expect(result.code).not.toBe(0);
  return { result, session: live };
}

/** The first file is there, the second looks like what it is: not all of it. */
function leavesNoWholeFile(small: string, big: string): void {
  expect(sha256OfFile(small)).toBe(sha256OfFile(join(dir, 'small')));
  expect(existsSync(big) ? statSync(big).size : 0).toBeLessThan(SIZE);
}

test.each<['upload' | 'download', string]>([
  ['upload', 'Permission denied'],
  ['download', 'Permission denied'],
])(
  'the right to %s is taken away in mid-transfer: the next request is denied, the client says so',
  async (action, text) => {
    const commands = action === 'upload' ? upload() : download();
    const left = (['connect', 'upload', 'download', 'delete'] as const).filter((one) => one !== action);
    const { result, session } = await inMidTransfer(commands, () =>
      pair.house.api.permissions.set({ name: 'alice', actions: left }),
    );
    await pair.house.api.permissions.set({ name: 'alice', actions: ['connect', 'upload', 'download', 'delete'] });
    expect(result.stderr).toMatch(new RegExp(text, 'i'));
    expect(result.stderr).toContain(`bastion: you may not ${action}`);
    expect(await pair.house.settled(session.id)).toMatchObject({ endCause: 'target-closed' });
    expect(await rowsOf(session.id)).toMatchObject([
      { direction: action, result: 'denied', detail: `the action ${action} is missing` },
      { direction: action, result: 'ok', sha256: sha256OfFile(join(dir, 'small')) },
    ]);
    if (action === 'upload') leavesNoWholeFile(join(remote, 'small'), join(remote, 'big'));
    else leavesNoWholeFile(join(dir, 'got-small'), join(dir, 'got-big'));
    const lines = await linesOf(pair, session);
    expect(lines.filter((line) => line.startsWith('refused: '))).toHaveLength(1);
  },
);

test.each(['upload', 'download'] as const)(
  'the target goes away in mid-%s: an error, a failed row',
  async (direction) => {
    const commands = direction === 'upload' ? upload() : download();
    const { result, session } = await inMidTransfer(commands, () => pair.house.sshd.dropConnections());
    expect(result.stderr).toMatch(/closed|lost/i);
    expect(await pair.house.settled(session.id)).toMatchObject({ endCause: 'target-closed', exitCode: null });
    expect(await rowsOf(session.id)).toMatchObject([
      { direction, result: 'failed', detail: 'not closed when the session ended: target-closed' },
      { direction, result: 'ok' },
    ]);
    if (direction === 'upload') leavesNoWholeFile(join(remote, 'small'), join(remote, 'big'));
    else leavesNoWholeFile(join(dir, 'got-small'), join(dir, 'got-big'));
  },
);

test('an administrator ends it in mid-upload: who and what stands on stderr, in the row and in the audit', async () => {
  const { result, session } = await inMidTransfer(upload(), ({ id }) => pair.house.api.sessions.end({ id }));
  expect(result.stderr).toMatch(/bastion: Terminated by /);
  expect(await pair.house.settled(session.id)).toMatchObject({ endCause: 'terminated' });
  expect(await rowsOf(session.id)).toMatchObject([
    { result: 'failed', detail: 'not closed when the session ended: terminated' },
    { result: 'ok' },
  ]);
  leavesNoWholeFile(join(remote, 'small'), join(remote, 'big'));
  const audit = (await pair.house.audit({ action: 'transfer' })).filter(({ target }) => target?.id === session.id);
  expect(audit.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
});

test('kill -9 in mid-upload: the recording has what was done up to then', async () => {
  await using own = await startPair();
  const child = startSftp(own, [...upload()], SLOWLY);
  const end = finished(child);
  const live = await own.house.live(({ use, bytesIn }) => use === 'files' && bytesIn > 1_000_000);
  await own.house.bastion.stop('SIGKILL');
  expect((await end).code).not.toBe(0);
  leavesNoWholeFile(join(remote, 'small'), join(remote, 'big'));

  const { dir: home, data } = own.house.bastion;
  await using again = await startBastion({ dir: home });
  const api = createClient({ transport: socketTransport(join(data, 'admin.sock')) });
  const row = await eventually('the recording', async () => {
    const now = await api.sessions.show({ id: live.id });
    return now.recording === 'spool' ? undefined : now;
  });
  expect(row).toMatchObject({ state: 'interrupted', use: 'files', recording: 'ready' });
  const replayed = await again.ok(['session', 'replay', live.id]);
  expect(replayed).toContain(`uploaded ${remote}/small, 6 bytes, sha256 ${sha256OfFile(join(dir, 'small'))}\n`);
  expect(replayed).toContain(`open ${remote}/big to write\n`);
  expect(replayed).not.toContain(`uploaded ${remote}/big`);
});
