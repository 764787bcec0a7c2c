import type { CommandId, FilterId, ReviewId, SessionId, UserId } from '../kernel/id.ts';
import type * as m from './model.ts';
import type { Audit, Page, Patch } from './store.ts';

/** The repositories of what people did, and of the rules that decide about it. */

export interface SessionEnd {
  readonly endedAt: m.Millis;
  readonly state: m.SessionState;
  readonly cause: m.EndCause;
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly label: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
}
/** How far a live session has come. */
export type SessionProgress = Pick<m.SessionRow, 'id' | 'bytesIn' | 'bytesOut' | 'label'>;
export interface SessionQuery extends Page {
  readonly live?: boolean | undefined;
  readonly userId?: UserId | undefined;
  readonly user?: string | undefined;
  readonly asset?: string | undefined;
  readonly use?: m.Use | undefined;
  readonly via?: m.SessionRow['via'] | undefined;
  /** Found in the names of user, asset and account, the address of the client or the command. */
  readonly text?: string | undefined;
  /** Began at or after. */
  readonly since?: m.Millis | undefined;
  /** Began before. */
  readonly until?: m.Millis | undefined;
}
export interface SessionsRepository {
  create(session: m.SessionRow, audit: Audit): Promise<void>;
  end(id: SessionId, end: SessionEnd, audit: Audit): Promise<void>;
  /** Brings rows of live sessions up to date; those that have ended stay as they are. */
  progress(progress: readonly SessionProgress[]): Promise<void>;
  setRecording(
    id: SessionId,
    recording: { state: m.RecordingState; bytes: number | null; sha256: string | null },
    audit: Audit,
  ): Promise<void>;
  byId(id: SessionId): Promise<m.SessionRow | undefined>;
  /** Newest first. `user` and `asset` filter by name. */
  list(query: SessionQuery): Promise<m.SessionRow[]>;
  /** Sessions that the last run left open. */
  open(): Promise<m.SessionRow[]>;
  /** Sessions whose recording still lies in the spool. */
  unrendered(): Promise<m.SessionRow[]>;
  /** Sessions with a recording that can be read, ascending by id, behind `after`. */
  recorded(after: string, limit: number): Promise<m.SessionRow[]>;
}

/** Without users and groups it is for everybody, without assets for every asset. */
export type NewFilter = Omit<m.CommandFilter, 'createdAt' | 'version' | 'forAllUsers' | 'forAllAssets'>;
export type FilterPatch = Patch<Omit<NewFilter, 'id'>>;
export interface FiltersRepository {
  /** By priority, then name. */
  list(): Promise<m.CommandFilter[]>;
  byName(name: string): Promise<m.CommandFilter | undefined>;
  /** `not_found` when a named user, group, asset or reviewer does not exist. */
  create(filter: NewFilter, audit: Audit): Promise<m.CommandFilter>;
  update(id: FilterId, patch: FilterPatch, audit: Audit): Promise<m.CommandFilter>;
  remove(id: FilterId, audit: Audit): Promise<void>;
}

export interface CommandQuery extends Page {
  readonly session?: SessionId | undefined;
  readonly user?: string | undefined;
  readonly asset?: string | undefined;
  readonly account?: string | undefined;
  readonly verdict?: m.CommandVerdict | undefined;
  /** Found anywhere in the line, whatever the case. */
  readonly text?: string | undefined;
  readonly since?: m.Millis | undefined;
  readonly until?: m.Millis | undefined;
}
export interface CommandsRepository {
  /** Rows that are there already, by id, are left as they are. */
  add(rows: readonly m.CommandRow[]): Promise<void>;
  /** Adds what became known later; nothing happens when the row is gone. */
  report(id: CommandId, report: m.CommandReport): Promise<void>;
  /** Newest first. */
  list(query: CommandQuery): Promise<m.CommandRow[]>;
  /** Removes what is older; at most `limit` rows, returns how many. */
  removeBefore(before: m.Millis, limit: number): Promise<number>;
}

export interface ReviewsRepository {
  create(review: m.Review, audit: Audit): Promise<void>;
  /**
   * `conflict` when it is settled already; but `cancelled` also takes back an approval, for when the user gave up
   * before the command ran.
   */
  settle(
    id: ReviewId,
    outcome: { readonly state: m.ReviewState; readonly at: m.Millis; readonly by: string | null },
    audit: Audit,
  ): Promise<m.Review>;
  byId(id: ReviewId): Promise<m.Review | undefined>;
  /** Newest first; `reviewer` is somebody by name who may decide. */
  list(
    query: Page & { readonly state?: m.ReviewState | undefined; readonly reviewer?: string | undefined },
  ): Promise<m.Review[]>;
  /** Nobody waits for those of an earlier run any more; returns how many there were. */
  cancelPending(at: m.Millis): Promise<number>;
}

export interface TransfersRepository {
  /** In the order in which they ended. */
  add(transfers: readonly m.TransferRow[], audit: Audit): Promise<void>;
  /** Newest first. `user` and `asset` filter by name, `text` is found anywhere in the path. */
  list(
    query: Page & {
      readonly session?: SessionId | undefined;
      readonly user?: string | undefined;
      readonly asset?: string | undefined;
      readonly text?: string | undefined;
      /** Began at or after. */
      readonly since?: m.Millis | undefined;
      /** Began before. */
      readonly until?: m.Millis | undefined;
    },
  ): Promise<m.TransferRow[]>;
}

export interface Counted {
  readonly name: string;
  readonly sessions: number;
  readonly commands: number;
  readonly denied: number;
}
export interface Statistics {
  readonly users: readonly Counted[];
  readonly assets: readonly Counted[];
  /** `name` is the day, `YYYY-MM-DD` in UTC, oldest first; days without anything are there too. */
  readonly days: readonly Counted[];
  /** As `days`. */
  readonly logins: readonly { readonly name: string; readonly ok: number; readonly failed: number }[];
  /** The first words of commands, the most frequent first. */
  readonly topCommands: readonly { readonly name: string; readonly count: number }[];
  readonly deniedCommands: readonly { readonly line: string; readonly filter: string; readonly count: number }[];
}
export interface Attention {
  readonly users: number;
  readonly assets: number;
  readonly permissions: number;
  readonly pendingReviews: number;
  readonly changedHostKeys: number;
  /** Of all recordings that can be read. */
  readonly recordingBytes: number;
  /** Sessions that began in the span of time and have no recording although one was begun. */
  readonly failedRecordings: number;
}
export interface StatisticsRepository {
  /** What there is, and what waits for somebody; failures since then. */
  attention(since: m.Millis): Promise<Attention>;
  /** Of a span of time, the busiest first, at most `top` of each. */
  between(since: m.Millis, until: m.Millis, top: number): Promise<Statistics>;
}
