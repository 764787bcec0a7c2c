import type { KeyObject } from 'node:crypto';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { SessionId } from '../../kernel/id.ts';
import type { Millis } from '../model.ts';
import type { AuditTable, Database } from '../schema.ts';
import { CHAIN_START, type ChainPlace, columnValues, exportLine, readTailMark, timeText } from './chain.ts';
import { type Finding, rowsWords, startWalk, step, type WalkState } from './walk.ts';
import { lastPlace, readMark } from './writer.ts';

/** What the reader's thread answers for `audit verify` and `audit export`, page by page. */

export interface WalkPage {
  readonly state: WalkState;
  readonly findings: readonly Finding[];
  /** Nothing is left to walk. */
  readonly done: boolean;
}

/** A recording that must be there, as the audit row that tells of its storing says. */
export interface AuditedRecording {
  readonly seq: number;
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly sessionId: SessionId;
  readonly sha256: string | null;
  /** What the session's row says; null when there is none. */
  readonly session: { readonly state: string; readonly sha256: string | null } | null;
}

type Db = Kysely<Database>;

/** The next rows of the chain, checked; without a state from the beginning, or from behind what retention removed. */
export async function walkPage(db: Db, from: WalkState | undefined, key: KeyObject, limit: number): Promise<WalkPage> {
  const findings: Finding[] = [];
  let state = from ?? startWalk(await beginning(db));
  // read before the rows: what is written meanwhile comes after what it tells of
  const mark = readTailMark(await readMark(db), key);
  const rows = await rowsAfter(db, state.last.seq, limit);
  for (const row of rows) {
    const values = columnValues(row);
    const walked = { seq: row.seq, id: row.id, at: timeText(row.at), action: row.action, values };
    state = step(state, { ...walked, hash: row.hash, mac: row.mac }, key, (finding) => findings.push(finding));
  }
  const done = rows.length < limit;
  if (done) findings.push(...endFindings(state, mark));
  return { state, findings, done };
}

function endFindings(state: WalkState, mark: ChainPlace | undefined): Finding[] {
  const told = { seq: null, id: null, at: null };
  if (!mark) return [{ ...told, finding: 'cut', text: 'The note of the last row is missing or not of this bastion.' }];
  if (mark.seq > state.last.seq) {
    const which = rowsWords(state.last.seq + 1, mark.seq);
    return [{ ...told, finding: 'cut', text: `${which} missing at the end: the newest rows were cut off.` }];
  }
  return [];
}

/** The place before the first row: behind what retention has removed, as the newest row about that says. */
async function beginning(db: Db): Promise<ChainPlace> {
  const row = await db
    .selectFrom('audit')
    .select('details_json')
    .where('action', '=', 'audit.prune')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { throughSeq, throughHash } = parsed(row?.details_json ?? null);
  if (typeof throughSeq !== 'number' || typeof throughHash !== 'string') return CHAIN_START;
  return { seq: throughSeq, hash: Buffer.from(throughHash, 'hex') };
}

/** The first and the last row, zeros where there is none. */
export async function endOf(db: Db): Promise<{ first: number; last: ChainPlace; at: Millis | null }> {
  const first = await db.selectFrom('audit').select('seq').orderBy('seq').limit(1).executeTakeFirst();
  const last = await lastPlace(db);
  const row = last && (await rowAt(db, last.seq));
  return { first: first?.seq ?? 0, last: last ?? CHAIN_START, at: row?.at ?? null };
}

export async function rowAt(db: Db, seq: number): Promise<{ hash: Buffer | null; at: Millis } | undefined> {
  return await db.selectFrom('audit').select(['hash', 'at']).where('seq', '=', seq).executeTakeFirst();
}

/** The place before the first row of an export. */
export async function placeBefore(db: Db, since: Millis | null): Promise<ChainPlace> {
  if (since === null) return await beginning(db);
  const first = await db
    .selectFrom('audit')
    .select((eb) => eb.fn.min('seq').as('seq'))
    .where('at', '>=', since)
    .executeTakeFirst();
  if (first?.seq === null || first?.seq === undefined) return (await lastPlace(db)) ?? CHAIN_START;
  const before = await rowAt(db, first.seq - 1);
  return before?.hash ? { seq: first.seq - 1, hash: before.hash } : await beginning(db);
}

/** Rows as lines of JSON, each ended; `last` is the number of the last one. */
export async function exportLines(
  db: Db,
  after: number,
  through: number,
  limit: number,
): Promise<{ text: string; last: number; rows: number }> {
  const rows = (await rowsAfter(db, after, limit)).filter((row) => row.seq <= through);
  return {
    text: rows.map((row) => `${exportLine(columnValues(row), row.hash?.toString('hex') ?? null)}\n`).join(''),
    last: rows.at(-1)?.seq ?? through,
    rows: rows.length,
  };
}

async function rowsAfter(db: Db, seq: number, limit: number): Promise<Selectable<AuditTable>[]> {
  return await db.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** Recordings that were stored and not removed since, in the order of their audit rows. */
export async function auditedRecordings(db: Db, after: number, limit: number): Promise<AuditedRecording[]> {
  const rows = await db
    .selectFrom('audit as a')
    .leftJoin('sessions as s', (join) => join.on(sql`s.id`, '=', sql`a.target_id`))
    .select(['a.seq', 'a.id', 'a.at', 'a.target_id', 'a.details_json', 's.recording', 's.recording_sha256'])
    .where('a.action', '=', 'recording.stored')
    .where('a.seq', '>', after)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit as b')
            .select('b.seq')
            .whereRef('b.target_id', '=', 'a.target_id')
            .whereRef('b.seq', '>', 'a.seq')
            .where('b.action', 'in', ['recording.stored', 'recording.removed']),
        ),
      ),
    )
    .orderBy('a.seq')
    .limit(limit)
    .execute();
  return rows.map((row) => {
    const { sha256 } = parsed(row.details_json);
    return {
      seq: row.seq,
      id: row.id,
      at: timeText(row.at),
      sessionId: row.target_id as SessionId,
      sha256: typeof sha256 === 'string' ? sha256 : null,
      session: row.recording === null ? null : { state: row.recording, sha256: row.recording_sha256 },
    };
  });
}

/** Sessions that say they have a recording, and no audit row tells of its storing. */
export async function unauditedRecordings(db: Db, after: string, limit: number): Promise<SessionId[]> {
  const rows = await db
    .selectFrom('sessions as s')
    .select('s.id')
    .where('s.recording', '=', 'ready')
    .where('s.id', '>', after as SessionId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('audit as a')
            .select('a.seq')
            .where(sql`a.target_id`, '=', sql`s.id`)
            .where('a.action', '=', 'recording.stored'),
        ),
      ),
    )
    .orderBy('s.id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Details that somebody else may have written. */
function parsed(json: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
