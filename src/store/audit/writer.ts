import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type AuditId, newId } from '../../kernel/id.ts';
import type { AuditDraft, Millis } from '../model.ts';
import type { Database } from '../schema.ts';
import {
  CHAIN_START,
  type ChainedColumns,
  type ChainPlace,
  chainHash,
  columnValues,
  sealOf,
  tailMark,
} from './chain.ts';

/** Under which keys of `meta` the chain keeps its things. */
export const CHAIN_SECRET = 'audit_chain';
const TAIL = 'audit_tail';

/**
 * Gives each audit row its place in the chain. It goes on from the row it wrote last, not from the last one that
 * stands there: a row that somebody slips in or takes away meanwhile breaks the chain instead of becoming part of it.
 * Without a key (before `arm`) rows are chained and not sealed.
 */
export class AuditWriter {
  #key: KeyObject | undefined;
  /** Undefined as long as nothing was written: then the row that stands last counts. */
  #tail: ChainPlace | undefined;
  /** The last row that stands there; known from the first row of a transaction to its end, when nobody else writes. */
  #standing: ChainPlace | undefined;
  /** The note of the last row is older than the last row. */
  #unnoted = false;

  get tail(): ChainPlace | undefined {
    return this.#tail;
  }

  /** Back to where it stood before what was rolled back. */
  rewind(tail: ChainPlace | undefined): void {
    this.#tail = tail;
    this.#standing = undefined;
  }

  arm(key: KeyObject, tail: ChainPlace | undefined): void {
    this.#key = key;
    this.#tail = tail;
  }

  async write(db: Kysely<Database>, drafts: readonly AuditDraft[], now: Millis): Promise<void> {
    if (drafts.length === 0) return;
    this.#standing ??= (await lastPlace(db)) ?? CHAIN_START;
    let tail = this.#tail ?? this.#standing;
    let seq = Math.max(tail.seq, this.#standing.seq);
    for (const draft of drafts) {
      const row = toColumns(draft, ++seq, now);
      const hash = chainHash(tail.hash, columnValues(row));
      const mac = this.#key ? sealOf(this.#key, hash) : null;
      await db
        .insertInto('audit')
        .values({ ...row, hash, mac })
        .execute();
      tail = { seq, hash };
    }
    this.#tail = tail;
    this.#standing = tail;
    this.#unnoted = true;
  }

  /** To be called before each commit: notes which row is the last, once for all that the transaction wrote. */
  async note(db: Kysely<Database>): Promise<void> {
    this.#standing = undefined;
    if (!this.#tail || !this.#unnoted) return;
    const value = tailMark(this.#tail, this.#key);
    await db
      .insertInto('meta')
      .values({ key: TAIL, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
    this.#unnoted = false;
  }
}

/** The last row that stands there. */
export async function lastPlace(db: Kysely<Database>): Promise<ChainPlace | undefined> {
  const row = await db.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row && { seq: row.seq, hash: row.hash ?? CHAIN_START.hash };
}

export async function readMark(db: Kysely<Database>): Promise<Buffer | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', TAIL).executeTakeFirst())?.value;
}

/** SQLite keeps no lone surrogates: what is hashed must be what will be read. */
const kept = (text: string | null) => text?.toWellFormed() ?? null;

function toColumns(draft: AuditDraft, seq: number, at: Millis): ChainedColumns {
  return {
    seq,
    id: newId<AuditId>(at),
    at,
    actor_kind: draft.actor.kind,
    actor_user_id: draft.actor.userId,
    actor_name: draft.actor.name.toWellFormed(),
    actor_ip: kept(draft.actor.ip),
    actor_via: draft.actor.via,
    action: draft.action.toWellFormed(),
    outcome: draft.outcome,
    target_kind: draft.target?.kind ?? null,
    target_id: kept(draft.target?.id ?? null),
    target_name: kept(draft.target?.name ?? null),
    reason: kept(draft.reason),
    details_json: draft.details === null ? null : JSON.stringify(draft.details),
  };
}
