import type { KeyObject } from 'node:crypto';
import { CHAIN_START, type ChainPlace, chainHash, isSealed } from './chain.ts';

/**
 * What is wrong with a row or a recording. `changed`: what stands there is not what was written at this place.
 * `forged`: it bears no seal of this bastion. `unsealed`: written while the chain had no key. `missing`: rows are gone
 * between others or at the beginning. `cut`: the newest rows are gone. `head`: it contradicts a head that was kept.
 * `tampered`: the bastion itself found the log changed when it started. `recording`: it is not the one that was stored.
 */
export type FindingKind = 'changed' | 'forged' | 'unsealed' | 'missing' | 'cut' | 'head' | 'tampered' | 'recording';

export interface Finding {
  readonly finding: FindingKind;
  readonly seq: number | null;
  readonly id: string | null;
  /** ISO 8601. */
  readonly at: string | null;
  readonly text: string;
}

/** A row as a walk needs it, from the database or from an exported file. */
export interface WalkedRow {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly action: string;
  /** In the order of COLUMN_NAMES. */
  readonly values: readonly (string | number | null)[];
  readonly hash: Buffer | null;
  /** Undefined where seals are not there to be checked. */
  readonly mac?: Buffer | null;
}

/** Where a walk stands; crosses threads. */
export interface WalkState {
  readonly last: ChainPlace;
  readonly rows: number;
  readonly firstSeq: number;
  readonly from: string | null;
  readonly until: string | null;
}

/** `start` is the place before the first row. */
export function startWalk(start: ChainPlace = CHAIN_START): WalkState {
  return { last: start, rows: 0, firstSeq: 0, from: null, until: null };
}

/** Checks one row against the one before it. */
export function step(
  state: WalkState,
  row: WalkedRow,
  key: KeyObject | undefined,
  found: (finding: Finding) => void,
): WalkState {
  const { last } = state;
  const tell = (finding: FindingKind, text: string) => found({ finding, seq: row.seq, id: row.id, at: row.at, text });

  const gap = row.seq !== last.seq + 1;
  if (row.seq <= last.seq)
    tell('changed', `Row ${row.seq} stands behind row ${last.seq}: rows were put in another order.`);
  else if (gap) tell('missing', `${rowsWords(last.seq + 1, row.seq - 1)} missing before this one.`);
  checkSeal(row, key, tell);
  // behind a gap nobody can tell what this row's hash was made over
  if (row.hash && !gap && !chainHash(last.hash, row.values).equals(row.hash)) {
    tell('changed', `Row ${row.seq} is not what was written at this place: it was changed, replaced or moved.`);
  }
  if (row.action === 'audit.tampered') tell('tampered', 'The bastion found the log changed when it started.');
  return {
    last: { seq: row.seq, hash: row.hash ?? last.hash },
    rows: state.rows + 1,
    firstSeq: state.rows === 0 ? row.seq : state.firstSeq,
    from: state.rows === 0 ? row.at : state.from,
    until: row.at,
  };
}

function checkSeal(
  row: WalkedRow,
  key: KeyObject | undefined,
  tell: (finding: FindingKind, text: string) => void,
): void {
  if (!row.hash) tell('forged', `Row ${row.seq} has no hash: it was not written by this bastion.`);
  else if (!key || row.mac === undefined) return;
  else if (row.mac === null)
    tell('unsealed', `Row ${row.seq} has no seal: it was written without the key of this chain.`);
  else if (!isSealed(key, row.hash, row.mac))
    tell(
      'forged',
      `Row ${row.seq} does not bear the seal of this bastion: it was put in or rewritten by somebody else.`,
    );
}

/** `Row 7 is`, `Rows 7 to 9 are`. */
export function rowsWords(from: number, to: number): string {
  return from === to ? `Row ${from} is` : `Rows ${from} to ${to} are`;
}
