import { systemActor } from '../auth/actor.ts';
import type { Clock } from '../kernel/clock.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { SpoolCommand } from '../storage/frames.ts';
import type { Recordings } from '../storage/local.ts';
import type { SpoolFacts } from '../storage/render.ts';
import type { CommandRow, SessionRow } from '../store/model.ts';
import type { SessionEnd, Store } from '../store/store.ts';
import { about, type Finishing } from './finishing.ts';
import { auditTarget } from './rows.ts';

export interface RecoverDeps {
  readonly store: Store;
  readonly recordings: Recordings;
  readonly finishing: Finishing;
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions of this run: they are nobody's left-overs. */
  readonly isLive: (id: SessionId) => boolean;
}

/**
 * After a crash: sessions left open are ended as of their last recorded moment, and what lies in the spool goes on
 * its way to a recording. Resolves when the rows are right; rendering goes on behind it.
 */
export async function recover(deps: RecoverDeps): Promise<void> {
  const { store, recordings, finishing, log, isLive } = deps;
  const cancelled = await store.reviews.cancelPending(deps.clock.now());
  if (cancelled > 0)
    log.info({ reviews: cancelled }, 'commands that waited for approval were given up with the last run');
  for (const row of await store.sessions.open()) if (!isLive(row.id)) await closeRow(deps, row);
  const spooled = new Set(await recordings.spooled());
  for (const id of spooled) {
    if (isLive(id)) continue;
    const row = await store.sessions.byId(id);
    if (!row) log.warn({ session: id }, 'a spool belongs to no session that is known; it is kept');
    else if (await alreadyStored(recordings, row)) await recordings.dropSpool(id);
    else finishing.add(id);
  }
  for (const row of await store.sessions.unrendered()) {
    if (spooled.has(row.id) || isLive(row.id)) continue;
    log.error({ session: row.id }, 'the spool of a session is gone; there is no recording of it');
    const audit = about(row.id, 'recording.failed', 'failed', { error: 'the spool is gone' });
    await store.sessions.setRecording(row.id, { state: 'failed', bytes: null, sha256: null }, audit);
  }
}

async function alreadyStored(recordings: Recordings, row: SessionRow): Promise<boolean> {
  return row.recording === 'ready' && row.recordingBytes !== null && recordings.has(row.id, row.recordingBytes);
}

async function closeRow(deps: RecoverDeps, row: SessionRow): Promise<void> {
  const { store, recordings, clock, log } = deps;
  const facts = await recordings.inspect(row.id).catch((err: unknown) => {
    log.error({ session: row.id, err }, 'the spool of an interrupted session cannot be read');
    return undefined;
  });
  if (facts) await store.commands.add(facts.commands.map((command) => commandRow(row, command)));
  const end = endOf(row, facts, clock.now());
  await store.sessions.end(row.id, end, {
    actor: systemActor(),
    action: 'session.end',
    outcome: 'ok',
    target: auditTarget(row),
    reason: end.cause,
    details: { cause: end.cause, endedAt: end.endedAt, lostBytes: facts?.tail.lostBytes ?? null },
  });
}

/** What the recording knows of a command; rows that were written before the crash stay as they are. */
function commandRow(session: SessionRow, command: SpoolCommand): CommandRow {
  const { id: sessionId, userId, userName, assetId, assetName, account } = session;
  const unknown = { exitCode: null, reported: null, cwd: null };
  return { ...command, ...unknown, sessionId, userId, userName, assetId, assetName, account };
}

/** A spool with an end frame tells of a session that had ended; only its row was not written any more. */
function endOf(row: SessionRow, facts: SpoolFacts | undefined, now: number): SessionEnd {
  const endedAt = Math.max(row.startedAt, facts?.lastAt ?? now);
  const { label } = row;
  if (facts?.end) return { ...facts.end, label, endedAt, state: 'ended' };
  return {
    endedAt,
    state: 'interrupted',
    cause: 'interrupted',
    detail: null,
    exitCode: null,
    exitSignal: null,
    label,
    bytesIn: row.bytesIn,
    // of files the recording has lines, not their bytes
    bytesOut: row.use === 'files' ? row.bytesOut : Math.max(row.bytesOut, facts?.bytesOut ?? 0),
  };
}
