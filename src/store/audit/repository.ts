import type { SessionId } from '../../kernel/id.ts';
import type * as m from '../model.ts';
import type { Audit, Page } from '../store.ts';
import type { AuditArming } from './arming.ts';
import type { ChainPlace } from './chain.ts';
import type { AuditedRecording, WalkPage } from './pages.ts';
import type { WalkState } from './walk.ts';

export interface AuditQuery extends Page {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: m.AuditDraft['outcome'] | undefined;
  readonly since?: m.Millis | undefined;
  readonly until?: m.Millis | undefined;
}
export interface AuditRepository {
  /** For what changes no other row: a failed login, a decision, a look at a recording. */
  append(audit: Audit): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<m.AuditRow[]>;
  /** The secret of the chain as the vault sealed it, undefined before it began. */
  chainSecret(): Promise<m.Sealed | undefined>;
  /** Gives the chain its key: rows are sealed from then on. A beginning chain takes in the rows that are there. */
  arm(arming: AuditArming): Promise<void>;
  /** Number of the first row, place and time of the last; zeros in an empty log. */
  end(): Promise<{ readonly first: number; readonly last: ChainPlace; readonly at: m.Millis | null }>;
  at(seq: number): Promise<{ readonly hash: Buffer | null; readonly at: m.Millis } | undefined>;
  /** Checks the next rows of the chain. */
  walk(from: WalkState | undefined, key: Buffer, limit: number): Promise<WalkPage>;
  /** The place before the first row that is not older than this. */
  placeBefore(since: m.Millis | null): Promise<ChainPlace>;
  /** Rows for an exported file. */
  lines(
    after: number,
    through: number,
    limit: number,
  ): Promise<{ readonly text: string; readonly last: number; readonly rows: number }>;
  /** Recordings that must be there, by the number of the audit row that tells of their storing. */
  recordings(after: number, limit: number): Promise<AuditedRecording[]>;
  /** Sessions that claim a recording of which no audit row tells. */
  unauditedRecordings(after: string, limit: number): Promise<SessionId[]>;
  /** Removes the oldest rows, at most `limit`, and writes in the same transaction where the chain begins now; returns how many. */
  prune(before: m.Millis, limit: number): Promise<number>;
}
