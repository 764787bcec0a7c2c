import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COLUMN_NAMES, chainHash, exportLine } from '../../src/store/audit/chain.ts';
import type { AuditHead } from '../../src/store/audit/keys.ts';
import { verifyAuditFile } from '../../src/tasks/audit-file.ts';
import { StandingClock } from '../kit/clock.ts';
import { newDataDir, openChained, textOf } from './audit-kit.ts';
import { draft, T0, tempDir } from './store-kit.ts';

/** The lines of an export of rows 1 to 11, of one of rows 6 to 11, and a head of row 5. */
let lines: string[];
let part: string[];
let head: AuditHead;
let foreign: string[];

let base: string;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'bastion-audit-'));
  const clock = new StandingClock(T0);
  const chained = await openChained(newDataDir(base), clock);
  const odd = 'a\u0000\u001f\u007f\u2028\ud800 "\\ 中文 😀';
  for (let i = 2; i <= 11; i++) {
    clock.at = T0 + i * 1000;
    if (i === 6) head = await chained.evidence.head();
    await chained.store.audit.append({ ...draft(`thing.n${i}`, odd), reason: odd, details: { [odd]: [odd, i] } });
  }
  const read = async (since: number | null) => (await textOf(chained.evidence.export(since))).trimEnd();
  lines = (await read(null)).split('\n');
  part = (await read(T0 + 6000)).split('\n');
  await chained.close();
  const other = await openChained(newDataDir(base), clock);
  await other.store.audit.append(draft('x'));
  foreign = (await textOf(other.evidence.export(null))).trimEnd().split('\n');
  await other.close();
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

function fileOf(some: readonly string[]): string {
  const file = join(tempDir(), 'audit.jsonl');
  writeFileSync(file, `${some.join('\n')}\n`);
  return file;
}

async function found(some: readonly string[], options: Parameters<typeof verifyAuditFile>[1] = {}) {
  const { findings } = await verifyAuditFile(fileOf(some), options);
  return findings.map(({ finding, seq }) => (seq === null ? finding : `${finding}@${seq}`));
}

/** The rows from a line on, with their hashes computed anew. */
function rehashed(some: readonly string[], from: number): string[] {
  let previous = Buffer.from((JSON.parse(some[from - 1]!) as { hash: string }).hash, 'hex');
  return some.map((line, i) => {
    if (i < from || i === some.length - 1) return line;
    const row = JSON.parse(line) as Record<string, string | number | null>;
    const values = COLUMN_NAMES.map((name) => row[name]!);
    previous = chainHash(previous, values) as typeof previous;
    return exportLine(values, previous.toString('hex'));
  });
}

/** Line `i` is row `i`: the header is line 0. */
const edit = (i: number, change: (line: string) => string) => lines.map((line, at) => (at === i ? change(line) : line));

describe('an exported file', () => {
  test('verifies by itself, whole and in part', async () => {
    expect(await verifyAuditFile(fileOf(lines), {})).toMatchObject({
      chain: head.chain,
      rows: 11,
      firstSeq: 1,
      lastSeq: 11,
      findings: [],
      findingCount: 0,
      head: null,
    });
    expect(await verifyAuditFile(fileOf(part), {})).toMatchObject({ rows: 6, firstSeq: 6, lastSeq: 11, findings: [] });
  });

  test('is compared with a key and with a head that was kept', async () => {
    for (const key of [head.chain, head.publicKey]) expect(await found(lines, { key })).toEqual([]);
    expect(await found(lines, { key: 'SHA256:somebody' })).toEqual(['head']);
    expect(await verifyAuditFile(fileOf(lines), { head })).toMatchObject({ findings: [], head: 'agrees with row 5' });
    // the row before the first one is in the header
    expect(await verifyAuditFile(fileOf(part), { head })).toMatchObject({ findings: [], head: 'agrees with row 5' });
    expect(await found(foreign, { head })).toEqual(['head']);
    await expect(found(lines, { head: { ...head, seq: 4 } })).rejects.toMatchObject({ code: 'invalid' });
  });

  test('shows a changed row, whoever computed hashes anew', async () => {
    const changed = edit(5, (line) => line.replace('"ok"', '"failed"'));
    expect(await found(changed)).toEqual(['changed@5']);
    expect(await found(rehashed(changed, 5))).toEqual(['changed']);
    // somebody who began a chain of their own shows by the key
    expect(await found(foreign)).toEqual([]);
    expect(await found(foreign, { key: head.chain })).toEqual(['head']);
  });

  test('shows removed, added and moved rows and a cut tail', async () => {
    expect(await found(lines.toSpliced(4, 1))).toEqual(['missing@5']);
    expect(await found(lines.toSpliced(1, 2))).toEqual(['missing@3']);
    expect(await found(lines.toSpliced(5, 0, lines[4]!))).toEqual(['changed@4']);
    const swapped = lines.with(4, lines[5]!).with(5, lines[4]!);
    expect(await found(swapped)).toEqual(expect.arrayContaining(['missing@5', 'changed@4']));
    expect(await found(lines.slice(0, -1))).toEqual(['cut']);
    expect(await found(lines.toSpliced(9, 3))).toEqual(['cut']);
    expect(await found([...lines, lines[11]!])).toEqual(['changed']);
    // the tail cut and the head of an earlier time put in its place: only a later head tells
    expect(await found([...lines.slice(0, 6), JSON.stringify(head)])).toEqual([]);
    const later = JSON.parse(lines.at(-1)!) as AuditHead;
    expect(await found([...lines.slice(0, 6), JSON.stringify(head)], { head: later })).toEqual(['head']);
  });

  test('shows what a hash does not cover', async () => {
    expect(await found(edit(5, (line) => line.replace('"reason":', '"reason":"none","reason":')))).toEqual([
      'changed@5',
    ]);
    expect(await found(edit(5, (line) => line.replace('{', '{"note":"approved",')))).toEqual(['changed@5']);
    expect(await found(edit(5, (line) => line.slice(1)))).toEqual(expect.arrayContaining(['changed', 'missing@6']));
    expect(await found(edit(12, (line) => line.replace('"first":1', '"first":2')))).toEqual(['head']);
    expect(await found(edit(0, (line) => line.replace(/"publicKey":"./, '"publicKey":"x')))).toEqual(['head']);
    expect(await found(edit(0, (line) => line.replace('"hash":"0', '"hash":"1')))).toEqual(['changed@1']);
  });

  test('with lines made to cost memory and time shows that they are damaged', async () => {
    const deep = '['.repeat(1_000_000);
    const long = `${lines[1]!.slice(0, -1)},"x":"${'a'.repeat(17 * 1024 * 1024)}"}`;
    expect(await found([lines[0]!, deep, ...lines.slice(1)])).toEqual(['changed', 'changed']);
    expect(await found([lines[0]!, long, ...lines.slice(2)])).toContain('missing@2');
  });

  test('that is none is said to be none', async () => {
    for (const some of [['hello'], ['{}'], [''], lines.slice(1)])
      await expect(found(some)).rejects.toMatchObject({ code: 'invalid' });
    await expect(verifyAuditFile('/nowhere/x', {})).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is verified by the program in docs/EVIDENCE.md, which shares no code with ours', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/EVIDENCE.md'), 'utf8');
    const program = /```python\n([\s\S]*?)```/.exec(guide)![1]!;
    const check = (some: readonly string[]) => {
      try {
        return execFileSync('python3', ['-c', program, fileOf(some)], { encoding: 'utf8', stdio: 'pipe' }).trim();
      } catch (error) {
        return String((error as { stderr: string }).stderr).trim();
      }
    };
    expect(check(lines)).toBe('11 rows fit, up to row 11');
    expect(check(part)).toBe('6 rows fit, up to row 11');
    expect(check(edit(5, (line) => line.replace('"ok"', '"failed"')))).toContain('row 5');
    expect(check(lines.toSpliced(4, 1))).toContain('row 5');
  });
});
