import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { eventually, finished, type RunResult, run, start } from '../kit/process.ts';
import { filesBelow, openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';

/** `tar | ssh` in both directions. */
let at: TransferHouse;
let tree: string;

beforeAll(async () => {
  at = await startTransferHouse();
  tree = join(at.here, 'tree');
  await mkdir(join(tree, 'sub'), { recursive: true });
  await writeFile(join(tree, 'big'), randomBytes(5_000_000));
  await writeFile(join(tree, 'sub', 'ünï'), 'x');
}, 60_000);
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(() => at.mark());

/** A pipe in a shell here, in which `SSH command` is ssh through the bastion. */
function pipe(script: string, rights?: Parameters<TransferHouse['login']>[0]): Promise<RunResult> {
  const ssh = ['ssh', ...at.flags(rights), `${at.login(rights)}@127.0.0.1`].join(' ');
  return run('bash', ['-o', 'pipefail', '-c', script.replaceAll('SSH', ssh)]);
}

test('a tree both ways, also compressed and by way of a shell there', async () => {
  const there = await openDirectory(join(at.there, 'a'));
  const up = await pipe(`tar c -C ${tree} big sub | SSH tar xf - -C ${there}`);
  expect(up).toMatchObject({ code: 0, stderr: '' });
  expect(await filesBelow(there)).toEqual(await filesBelow(tree));
  const back = await openDirectory(join(at.here, 'back'));
  const down = await pipe(`SSH 'cd ${there} && tar cz big sub' | tar xzC ${back}`);
  expect(down).toMatchObject({ code: 0, stderr: '' });
  expect(await filesBelow(back)).toEqual(await filesBelow(tree));
  expect(await at.rows(2)).toMatchObject([
    { method: 'tar', direction: 'upload', path: there, result: 'ok' },
    { method: 'tar', direction: 'download', path: 'big, sub', result: 'ok' },
  ]);
});

test('the hash is that of the archive', async () => {
  const archive = join(at.here, 'x.tar');
  await writeFile(join(at.there, 'one'), 'one');
  const got = await pipe(`SSH tar c -C ${at.there} one > ${archive}; sha256sum < ${archive}`);
  expect(await at.rows(1)).toMatchObject([{ path: join(at.there, 'one'), sha256: got.stdout.slice(0, 64) }]);
});

test('each direction needs its right', async () => {
  await writeFile(join(at.there, 'one'), 'one');
  for (const rights of ['upload', 'download', 'none'] as const) {
    const there = await openDirectory(join(at.there, `to-${rights}`));
    const up = await pipe(`tar c -C ${tree} sub | SSH tar xC ${there}`, rights);
    expect(up.code === 0).toBe(rights === 'upload');
    expect(existsSync(join(there, 'sub'))).toBe(rights === 'upload');
    const down = await pipe(`SSH "sh -c 'exec tar c ${join(at.there, 'one')} 2>/dev/null'"`, rights);
    expect(down.code).toBe(rights === 'download' ? 0 : 254);
    expect(down.bytes.length > 0).toBe(rights === 'download');
  }
  const rows = await at.rows(6);
  expect(rows.filter((row) => row.result === 'denied').map((row) => row.direction)).toEqual([
    ...['download', 'upload', 'upload', 'download'],
  ]);
});

test('an archive that is broken off: the row has failed, and the target has said why', async () => {
  const there = await openDirectory(join(at.there, 'broken'));
  const result = await pipe(`tar c -C ${tree} . | head -c 100000 | SSH tar xC ${there}`);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/Unexpected EOF in archive/);
  expect(await at.rows(1)).toMatchObject([{ result: 'failed', detail: 'exit 2', sha256: null }]);
});

test.each(['the target is lost', 'the session is ended'])('%s in the middle', async (how) => {
  // one of before may be about to end: it would be taken for this one
  await eventually('no session', async () => (await at.house.api.sessions.list({ live: true })).items.length === 0);
  const child = start('ssh', [...at.flags(), `${at.login()}@127.0.0.1`, 'tar c /dev/zero /usr /usr /usr /usr']);
  const over = finished(child);
  const session = await at.house.live();
  await eventually('some bytes', async () => {
    const { items } = await at.house.api.sessions.list({ live: true, limit: 10 });
    return items.find((row) => row.id === session.id && row.bytesOut > 100_000);
  });
  if (how === 'the target is lost') await at.house.sshd.dropConnections();
  else await at.house.bastion.ok(['session', 'end', session.id]);
  const result = await over;
  expect(result.code).toBe(254);
  expect(result.stderr).toMatch(/bastion: (?:The connection to web1 was lost|Terminated by)/);
  expect(await at.rows(1)).toMatchObject([{ direction: 'download', result: 'failed', sha256: null }]);
});

test('the same bytes come out of it as went in', async () => {
  const bytes = randomBytes(1_000_000);
  await writeFile(join(at.there, 'raw'), bytes);
  const result = await pipe(`SSH tar cO --to-stdout -C ${at.there} raw 2>/dev/null | tar xO`);
  expect(sha256(result.bytes)).toBe(sha256(bytes));
});
