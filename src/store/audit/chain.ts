import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Millis } from '../model.ts';
import type { AuditTable } from '../schema.ts';

/**
 * How audit rows are chained. A row's hash is SHA-256 over the hash of the row before it (32 bytes; zeros before the
 * first) and the row's canonical text in UTF-8; its seal is HMAC-SHA256 of that hash under a key that is not in the
 * database in the clear. docs/EVIDENCE.md describes this for those who want to compute it themselves.
 */
export type ChainedColumns = Omit<Selectable<AuditTable>, 'hash' | 'mac'>;

/** A place in the chain: a row's number and its hash. */
export interface ChainPlace {
  readonly seq: number;
  readonly hash: Buffer;
}

/** Before the first row. */
export const CHAIN_START: ChainPlace = { seq: 0, hash: Buffer.alloc(32) };

/** The names the columns have in an exported file, in the order they are hashed in. */
export const COLUMN_NAMES = [
  'seq',
  'id',
  'at',
  'actorKind',
  'actorUserId',
  'actorName',
  'actorIp',
  'actorVia',
  'action',
  'outcome',
  'targetKind',
  'targetId',
  'targetName',
  'reason',
  'details',
] as const;

/** The columns of a row as they are hashed and exported: the time as ISO 8601 in UTC, the details as their JSON text. */
export function columnValues(row: ChainedColumns): (string | number | null)[] {
  return [
    row.seq,
    row.id,
    timeText(row.at),
    row.actor_kind,
    row.actor_user_id,
    row.actor_name,
    row.actor_ip,
    row.actor_via,
    row.action,
    row.outcome,
    row.target_kind,
    row.target_id,
    row.target_name,
    row.reason,
    row.details_json,
  ];
}

/** A row as a line of an exported file, without its end. */
export function exportLine(values: readonly (string | number | null)[], hash: string | null): string {
  return JSON.stringify({ ...Object.fromEntries(COLUMN_NAMES.map((name, i) => [name, values[i]])), hash });
}

/** A number that is no time, which only somebody else can have put there, stays as it is. */
export function timeText(at: Millis): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** `values` in the order of COLUMN_NAMES; the canonical text is their JSON array without white space. */
export function chainHash(previous: Buffer, values: readonly (string | number | null)[]): Buffer {
  return createHash('sha256').update(previous).update(JSON.stringify(values)).digest();
}

export function sealOf(key: KeyObject, hash: Buffer): Buffer {
  return createHmac('sha256', key).update(hash).digest();
}

export function isSealed(key: KeyObject, hash: Buffer, mac: Buffer): boolean {
  return mac.length === 32 && timingSafeEqual(sealOf(key, hash), mac);
}

/**
 * What is kept beside the rows to say which one is the last: its number, hash and a seal of both. The seals of the
 * rows do not serve for it, so whoever cuts rows off cannot make one from what is left.
 */
export function tailMark(place: ChainPlace, key: KeyObject | undefined): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(place.seq));
  const body = Buffer.concat([head, place.hash]);
  return key ? Buffer.concat([body, sealOf(key, Buffer.concat([Buffer.from('tail'), body]))]) : body;
}

/** The place a mark tells, undefined when it is not ours. */
export function readTailMark(mark: Buffer | undefined, key: KeyObject): ChainPlace | undefined {
  if (!mark || mark.length !== 8 + 32 + 32) return undefined;
  const place = { seq: Number(mark.readBigUInt64BE()), hash: mark.subarray(8, 40) };
  return timingSafeEqual(tailMark(place, key), mark) ? place : undefined;
}
