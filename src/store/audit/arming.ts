import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Actor, AuditDraft, Millis, Sealed } from '../model.ts';
import type { Database } from '../schema.ts';
import { CHAIN_START, type ChainPlace, chainHash, columnValues, readTailMark, sealOf } from './chain.ts';
import { type AuditWriter, CHAIN_SECRET, lastPlace, readMark } from './writer.ts';

/** Stands in `meta` from the migration on until the chain begins. */
const CHAIN_DUE = 'audit_chain_due';

/** What the chain is armed with at each start. */
export interface AuditArming {
  readonly key: Buffer;
  /** Its name. */
  readonly chain: string;
  /** The sealed secret of a chain that begins now, null when it has begun before. */
  readonly begins: Sealed | null;
}

const SYSTEM: Actor = { kind: 'system', userId: null, name: 'bastion', ip: null, via: 'system' };
/** Rows given their hash and seal in one go when a chain begins over an older log. */
const AT_ONCE = 1000;

type Db = Kysely<Database>;

/**
 * Begins the chain, or goes on from where it ended. When the log does not end there, somebody was at it while the
 * bastion was down: that is written down, and the chain goes on from its own end all the same. So is a chain that begins
 * although it had begun before.
 */
export async function arm(db: Db, writer: AuditWriter, arming: AuditArming, now: Millis): Promise<void> {
  const key = createSecretKey(arming.key);
  const { begins } = arming;
  if (begins) {
    const { numDeletedRows: due } = await db.deleteFrom('meta').where('key', '=', CHAIN_DUE).executeTakeFirst();
    const older = await sealOlderRows(db, key);
    await db.insertInto('meta').values({ key: CHAIN_SECRET, value: begins }).execute();
    writer.arm(key, older);
    const details = { chain: arming.chain, olderRows: older?.seq ?? 0 };
    const rows = [ours('audit.begin', 'ok', null, details)];
    if (due === 0n) rows.push(ours('audit.tampered', 'failed', 'the record of the chain that was there is gone', null));
    await writer.write(db, rows, now);
    return;
  }
  const mark = readTailMark(await readMark(db), key);
  const last = await lastPlace(db);
  writer.arm(key, mark);
  if (mark && last && mark.seq === last.seq && mark.hash.equals(last.hash)) return;
  const why = mark
    ? 'the log does not end with the row that was written last'
    : 'the note of the last row is missing or not of this bastion';
  const details = { expectedSeq: mark?.seq ?? null, foundSeq: last?.seq ?? null };
  await writer.write(db, [ours('audit.tampered', 'failed', why, details)], now);
}

/** Rows written before there was a key. Returns the last place. */
async function sealOlderRows(db: Db, key: KeyObject): Promise<ChainPlace | undefined> {
  let last: ChainPlace | undefined;
  for (;;) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', last?.seq ?? 0)
      .orderBy('seq')
      .limit(AT_ONCE)
      .execute();
    for (const row of rows) {
      const hash = chainHash(last?.hash ?? CHAIN_START.hash, columnValues(row));
      // a row sealed by another chain keeps its seal: that there was one must not be hidden
      const mac = row.mac ?? sealOf(key, hash);
      await db.updateTable('audit').set({ hash, mac }).where('seq', '=', row.seq).execute();
      last = { seq: row.seq, hash };
    }
    if (rows.length < AT_ONCE) return last;
  }
}

/** Removes the oldest rows, up to the first that is not older than `before`, and writes down where the chain begins now. */
export async function prune(db: Db, writer: AuditWriter, before: Millis, limit: number, now: Millis): Promise<number> {
  const rows = await db.selectFrom('audit').select(['seq', 'at', 'hash']).orderBy('seq').limit(limit).execute();
  const young = rows.findIndex((row) => row.at >= before);
  const through = young === -1 ? rows.at(-1) : rows[young - 1];
  if (!through) return 0;
  const count = young === -1 ? rows.length : young;
  const details = { throughSeq: through.seq, throughHash: through.hash?.toString('hex') ?? null, rows: count };
  await writer.write(db, [ours('audit.prune', 'ok', null, details)], now);
  await db.deleteFrom('audit').where('seq', '<=', through.seq).execute();
  return count;
}

function ours(
  action: string,
  outcome: AuditDraft['outcome'],
  reason: string | null,
  details: AuditDraft['details'],
): AuditDraft {
  return { actor: SYSTEM, action, outcome, target: null, reason, details };
}
