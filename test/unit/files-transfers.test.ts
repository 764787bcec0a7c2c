import { expect, test } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type TransferEntry, TransferLog } from '../../src/session/transfers.ts';
import type { AuditDraft, TransferRow } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { sessionRow } from '../kit/rows.ts';
import { grant } from './session-kit.ts';

const ENTRY: TransferEntry = {
  method: 'sftp',
  direction: 'upload',
  path: '/x',
  startedAt: 1,
  bytes: 1,
  sha256: null,
  partial: false,
  result: 'ok',
  detail: null,
};

/** A log on a store that takes rows only while it is `open`. */
function begin(mostRows?: number) {
  const clock = new FakeClock();
  const rows: TransferRow[] = [];
  const audits: AuditDraft[] = [];
  const state = { open: true, drained: 0, calls: 0 };
  const log = new TransferLog({
    transfers: {
      add: async (added, audit) => {
        state.calls++;
        if (!state.open) throw new Error('disk full');
        rows.push(...added);
        audits.push(...(audit as AuditDraft[]));
      },
    },
    clock,
    log: silentLog(),
    grant: grant(),
    row: sessionRow({ id: newId() }),
    drained: () => state.drained++,
    ...(mostRows !== undefined && { mostRows }),
  });
  /** Everything that can go on without the clock has. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { log, clock, rows, audits, state, settle };
}

test('rows gather for a moment and go to the store together, each with its audit, in order', async () => {
  const { log, clock, rows, audits, state, settle } = begin();
  for (let i = 0; i < 50; i++) log.add({ ...ENTRY, path: `file ${i}\x1b\n` });
  expect(state.calls).toBe(0);
  clock.advance(100);
  await settle();
  expect(state.calls).toBe(1);
  expect(rows.map((row) => row.path)).toEqual(Array.from({ length: 50 }, (_, i) => `file ${i}`));
  expect(audits).toHaveLength(50);
  expect(audits[0]).toMatchObject({ action: 'transfer', outcome: 'ok', details: { path: 'file 0' } });
});

test('what the store cannot take is tried until it does, and nothing is lost', async () => {
  const { log, clock, rows, state, settle } = begin();
  state.open = false;
  for (let i = 0; i < 300; i++) log.add({ ...ENTRY, path: `file ${i}` });
  await settle();
  expect(rows).toHaveLength(0);
  state.open = true;
  clock.advance(2000);
  await settle();
  await log.finish();
  expect(rows.map((row) => row.path)).toEqual(Array.from({ length: 300 }, (_, i) => `file ${i}`));
});

test('who brings more than the store takes is held until there is room again', async () => {
  const { log, clock, rows, state, settle } = begin();
  state.open = false;
  let taken = 0;
  while (log.add({ ...ENTRY, path: `file ${taken}` })) taken++;
  expect(taken).toBe(10_000);
  // the first try fails in a turn of its own
  await settle();
  state.open = true;
  clock.advance(2000);
  await settle();
  expect(state.drained).toBe(1);
  await log.finish();
  expect(rows).toHaveLength(10_001);
  expect(log.add(ENTRY)).toBe(true);
});

test('the end of a session does not wait for ever', async () => {
  const { log, clock, state } = begin();
  state.open = false;
  log.add(ENTRY);
  const finished = log.finish();
  clock.advance(5000);
  await finished;
});

test('beyond their bound files are told by one row', async () => {
  const { log, rows } = begin(20);
  for (let i = 0; i < 30; i++) log.add({ ...ENTRY, path: `file ${i}` });
  await log.finish();
  expect(rows).toHaveLength(21);
  expect(rows.at(-1)?.path).toMatch(/^more than 20 files/);
});

test('who asks again and again for what they may not gets rows for the first thousand, and one that says so', async () => {
  const { log, rows } = begin();
  const denied: TransferEntry = { ...ENTRY, bytes: 0, result: 'denied', detail: 'the action upload is missing' };
  for (let i = 0; i < 5000; i++) log.add({ ...denied, path: `file ${i}` });
  log.add({ ...ENTRY, path: 'moved' });
  await log.finish();
  expect(rows).toHaveLength(1002);
  expect(rows.slice(-3).map(({ path, result }) => [path, result])).toEqual([
    ['file 999', 'denied'],
    ['refused more than 1000 times: what follows is not listed', 'denied'],
    ['moved', 'ok'],
  ]);
});
