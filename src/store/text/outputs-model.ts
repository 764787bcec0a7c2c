import type { AssetId, SessionId, UserId } from '../../kernel/id.ts';
import type { Millis, SessionRow } from '../model.ts';

/** A session as the text index knows it, so that a search asks nothing else. */
export type OutputSession = Pick<
  SessionRow,
  'id' | 'userId' | 'userName' | 'assetId' | 'assetName' | 'account' | 'startedAt'
>;

export interface OutputQuery {
  /** Found anywhere in a line, whatever the case; white space of any length counts as one space. */
  readonly text: string;
  /** By the name it had then, or by id. */
  readonly user?: { readonly name: string; readonly id: UserId | undefined } | undefined;
  readonly asset?: { readonly name: string; readonly id: AssetId | undefined } | undefined;
  readonly session?: SessionId | undefined;
  /** When the line came. */
  readonly since?: Millis | undefined;
  readonly until?: Millis | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface OutputHit {
  readonly session: OutputSession;
  /** Milliseconds from the beginning of the recording to the last character of the line. */
  readonly offset: Millis;
  /** The line around the first place where the text stands, shortened where it is long. */
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

export interface OutputPage {
  /** Newest first. */
  readonly hits: readonly OutputHit[];
  /** Where to go on; a page may be short, even empty, when a search took its time. null: there is no more. */
  readonly next: string | null;
}

/**
 * The text of recordings, line by line, in a database and a thread of its own: it can be made again from the
 * recordings, so it is not part of a backup, and nobody who works waits for it.
 */
export interface OutputsRepository {
  /**
   * Takes in the text of a session's recording, a file of this machine, in place of what was there of it. Long: other
   * calls are answered meanwhile. A recording that cannot be read is noted as such and rejects.
   */
  index(session: OutputSession, file: string): Promise<void>;
  /** Forgets the text of these sessions. */
  remove(ids: readonly SessionId[]): Promise<void>;
  /** Which sessions were taken in, those that could not be read among them: ids behind `after` up to `upTo`, ascending. */
  indexed(after: string, upTo: string | undefined): Promise<SessionId[]>;
  search(query: OutputQuery): Promise<OutputPage>;
}
