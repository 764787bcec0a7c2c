import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditHead } from '../../src/api/contract/audit.ts';
import { startBastion } from '../kit/bastion.ts';
import { type House, startHouse } from '../kit/house.ts';
import { run } from '../kit/process.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');

let house: House;
/** Of a session whose output was recorded. */
let session: string;
let recording: string;

beforeAll(async () => {
  house = await startHouse();
  const result = await house.bastion.ssh('alice@web1', house.key.file, ['echo hello']);
  expect(result.stdout).toBe('hello\n');
  const { items } = await house.api.sessions.list({});
  session = (await house.settled(items[0]!.id)).id;
  const day = items[0]!.startedAt.slice(0, 10).replaceAll('-', '/');
  recording = join(house.bastion.data, 'recordings', day, `${session}.cast.zst`);
});
afterAll(() => house?.[Symbol.asyncDispose]());

interface Verdict {
  readonly ok: boolean;
  readonly rows: number;
  readonly recordings: number | null;
  readonly findings: readonly { readonly finding: string; readonly seq: number | null; readonly text: string }[];
}

async function verify(...args: string[]): Promise<{ code: number | null; verdict: Verdict }> {
  const { code, stdout, stderr } = await house.bastion.cli(['audit', 'verify', '--json', ...args]);
  expect(stderr).toBe('');
  return { code, verdict: JSON.parse(stdout) as Verdict };
}

/** Somebody at the database of the bastion, running or not. */
function behindItsBack(sql: string): void {
  const sqlite = new BetterSqlite(join(house.bastion.data, 'bastion.db'));
  sqlite.exec(sql);
  sqlite.close();
}

test('a running bastion verifies its log and its recordings, and agrees with the head it logged when it started', async () => {
  const line = house.bastion
    .log()
    .split('\n')
    .find((text) => text.includes('end of the audit log'))!;
  const logged = join(house.dir, 'logged.json');
  writeFileSync(logged, line);
  const { code, stdout } = await house.bastion.cli(['audit', 'verify', '--head', logged]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+ rows \(1 to \d+, .*\) and 1 recording verified/)]);
  expect(stdout).toMatch(/agrees with row \d+\./);
  const actions = (await house.audit()).map((row) => row.action);
  expect(actions[0]).toBe('audit.verify');
  expect(actions).toEqual(
    expect.arrayContaining(['login', 'session.start', 'session.end', 'recording.stored', 'audit.begin']),
  );
});

test('a swapped recording is found, named, and told by the exit code', async () => {
  const kept = readFileSync(recording);
  writeFileSync(recording, Buffer.concat([kept.subarray(0, -1), Buffer.of(kept.at(-1)! ^ 1)]));
  const wrong = await verify();
  expect(wrong).toMatchObject({ code: 1, verdict: { ok: false, findings: [{ finding: 'recording' }] } });
  expect(wrong.verdict.findings[0]!.text).toContain(session);
  expect(await verify('--no-recordings')).toMatchObject({ code: 0, verdict: { recordings: null } });
  writeFileSync(recording, kept);
  expect(await verify()).toMatchObject({ code: 0, verdict: { ok: true, recordings: 1, findings: [] } });
});

test('an export verifies where there is no bastion, and shows a change', async () => {
  const file = join(house.dir, 'audit.jsonl');
  const head = join(house.dir, 'head.json');
  await house.bastion.ok(['audit', 'head', '--to', head]);
  await house.bastion.ok(['audit', 'export', '--to', file]);
  const { chain } = JSON.parse(readFileSync(head, 'utf8')) as AuditHead;
  // neither data nor configuration: an empty directory
  const offline = (...args: string[]) =>
    run(process.execPath, [MAIN, 'audit', 'verify', ...args], { cwd: house.sshd.dir, env: { PATH: process.env.PATH } });
  const good = await offline('--file', file, '--key', chain, '--head', head);
  expect([good.code, good.stderr]).toEqual([0, '']);
  expect(good.stdout).toContain('verified: nothing was changed');
  expect((await offline('--file', file, '--key', 'SHA256:other')).code).toBe(1);

  const changed = join(house.dir, 'changed.jsonl');
  writeFileSync(changed, readFileSync(file, 'utf8').replace('"actorName":"alice"', '"actorName":"carol"'));
  const bad = await offline('--file', changed);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/^FOUND .* row \d+ \(\w{26}\) Row \d+ is not what was written/);
  expect((await offline('--file', head)).stderr).toContain('is no audit export');
  expect((await offline('--key', chain)).code).toBe(2);
});

test('a stopped bastion verifies too, after a new master key as well, and shows what was done to its database', async () => {
  const head = join(house.dir, 'head.json');
  await house.bastion.ok(['audit', 'head', '--to', head]);
  await house.bastion.stop();
  expect(house.bastion.log().match(/end of the audit log/g)).toHaveLength(2);
  await house.bastion.ok(['vault', 'rotate-key']);
  expect(await verify('--head', head)).toMatchObject({ code: 0, verdict: { ok: true, recordings: 1 } });

  const database = join(house.bastion.data, 'bastion.db');
  copyFileSync(database, join(house.dir, 'good.db'));
  behindItsBack("update audit set outcome = 'ok', actor_name = 'carol' where seq = 3");
  expect(await verify()).toMatchObject({ code: 1, verdict: { findings: [{ finding: 'changed', seq: 3 }] } });

  copyFileSync(join(house.dir, 'good.db'), database);
  const { seq } = JSON.parse(readFileSync(head, 'utf8')) as AuditHead;
  behindItsBack(
    `delete from audit where seq >= ${seq}; update sqlite_sequence set seq = ${seq - 1} where name = 'audit'`,
  );
  const cut = await verify('--head', head);
  expect(cut.code).toBe(1);
  expect(cut.verdict.findings.map(({ finding }) => finding)).toEqual(
    expect.arrayContaining(['head', 'missing', 'tampered']),
  );
  copyFileSync(join(house.dir, 'good.db'), database);
  await using again = await startBastion({ dir: house.bastion.dir });
  expect(JSON.parse((await again.cli(['audit', 'verify', '--json'])).stdout)).toMatchObject({ ok: true });
});
