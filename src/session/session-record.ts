import type { Grant } from '../access/grant.ts';
import type { ExitStatus } from '../kernel/channel.ts';
import { type AppError, toAppError } from '../kernel/errors.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Actor, AuditDraft, SessionRow } from '../store/model.ts';
import type { SessionEnd } from '../store/store.ts';
import type { Recorder } from './recorder.ts';
import type { SessionDeps } from './registry.ts';
import { endAudit, endOf, firstRow, ownAudit, spoolHeader } from './rows.ts';
import type { EndReason, OpenOptions } from './types.ts';

type Deps = Pick<SessionDeps, 'store' | 'recordings' | 'clock' | 'log' | 'finished' | 'writeLater'>;

/** What is written down about one session: its row and its audit, and whether there is a recording. */
export class SessionRecord {
  /** What has passed so far, both ways. */
  readonly bytes = { in: 0, out: 0 };
  /** How the program ended, once it has told. */
  exit: ExitStatus | undefined;
  readonly #deps: Deps;
  readonly #id: SessionId;
  readonly #grant: Grant;
  readonly #options: Pick<OpenOptions, 'pty' | 'jump'>;
  readonly #recorder: Recorder;
  #row: SessionRow;

  constructor(deps: Deps, id: SessionId, grant: Grant, options: OpenOptions, recorder: Recorder) {
    this.#deps = deps;
    this.#id = id;
    this.#grant = grant;
    this.#options = options;
    this.#recorder = recorder;
    this.#row = firstRow(id, grant, options, deps.clock.now());
  }

  /** As it stands now. */
  row(): SessionRow {
    return { ...this.#row, bytesIn: this.bytes.in, bytesOut: this.bytes.out };
  }

  /** What was found to be at work in it. */
  labelled(label: string): void {
    this.#row = { ...this.#row, label };
  }

  /**
   * Begins the recording. Gives the reason, logged, when there can be none and the session may run without; throws it
   * (audited) when a recording is `required`.
   */
  async beginRecording(required: boolean): Promise<AppError | undefined> {
    const { recordings, store, log } = this.#deps;
    // of a forwarded connection the row is the record
    if (this.#grant.use === 'forward') return undefined;
    try {
      await this.#recorder.begin(recordings, spoolHeader(this.#row, this.#options.pty));
      this.#row = { ...this.#row, recording: 'spool' };
      return undefined;
    } catch (error) {
      const unrecorded = toAppError(error);
      log.error({ session: this.#id, err: unrecorded.cause ?? unrecorded }, 'a recording cannot begin');
      if (!required) return unrecorded;
      const audit = { ...this.#audit('session.start', { recorded: false }), reason: unrecorded.message };
      await store.audit.append({ ...audit, outcome: 'failed' });
      throw unrecorded;
    }
  }

  /** Writes the first row. Without it there is no session, and no recording either. */
  async create(unrecorded: AppError | undefined): Promise<void> {
    const { jump } = this.#options;
    const audit = [this.#audit('session.start', { recorded: !unrecorded, ...(jump === undefined ? {} : { jump }) })];
    if (unrecorded) audit.push(this.#audit('session.unrecorded', { why: unrecorded.message }));
    try {
      await this.#deps.store.sessions.create(this.#row, audit);
    } catch (error) {
      await this.#deleteSpool();
      throw toAppError(error);
    }
  }

  /** Removes the recording of a session that never began, from its row too. */
  async dropRecording(): Promise<void> {
    if (!(await this.#deleteSpool())) return;
    this.#row = { ...this.#row, recording: 'none' };
    await this.#deps.store.sessions
      .setRecording(this.#id, { state: 'none', bytes: null, sha256: null }, [])
      .catch((err: unknown) => {
        this.#deps.log.error({ session: this.#id, err }, 'that a session has no recording cannot be written');
      });
  }

  /** It goes on without a recording. */
  unrecorded(why: string): void {
    this.#deps.store.audit.append(this.#audit('session.unrecorded', { why })).catch((err: unknown) => {
      this.#deps.log.error({ session: this.#id, err }, 'an audit row cannot be written');
    });
  }

  /** What its end adds to the row, as of now. */
  endOf(reason: EndReason): SessionEnd {
    return endOf(reason, this.exit, this.#row.label, this.bytes, this.#deps.clock.now());
  }

  /** The last row and audit. Never rejects: what cannot be written now is written later. */
  async end(reason: EndReason, endedBy: Actor | undefined): Promise<void> {
    const { store, log, finished, writeLater } = this.#deps;
    const end = this.endOf(reason);
    const { cause: endCause, detail: endDetail, ...ended } = end;
    const row = { ...this.#row, ...ended, endCause, endDetail };
    const output = row.recording === 'spool' ? this.#recorder.summary() : null;
    const audit = endAudit(this.#grant, row, reason, endedBy, output);
    const write = async () => {
      await store.sessions.end(this.#id, end, audit);
      if (row.recording === 'spool') finished(this.#id);
    };
    await write().catch((error: unknown) => {
      log.error({ session: this.#id, err: error }, 'the end of a session cannot be written; it is tried again');
      writeLater(write);
    });
    // whoever sees that it has ended finds that in the store, too
    this.#row = row;
  }

  /** Whether there was one and it is gone now. */
  async #deleteSpool(): Promise<boolean> {
    const { recording } = this.#recorder;
    this.#recorder.abandon();
    if (!recording) return false;
    try {
      await this.#deps.recordings.dropSpool(this.#id);
      return true;
    } catch (err) {
      this.#deps.log.error({ session: this.#id, err }, 'an empty recording cannot be removed');
      return false;
    }
  }

  #audit(action: string, details: Record<string, unknown>): AuditDraft {
    return ownAudit(this.#grant, this.#row, action, details);
  }
}
