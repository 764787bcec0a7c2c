import { systemActor } from '../auth/actor.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Recordings } from '../storage/local.ts';
import type { Evidence } from '../store/audit/evidence.ts';
import type { AuditDraft, SessionRow } from '../store/model.ts';
import type { Store } from '../store/store.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 24 * 3_600_000;
/** Rows removed in one transaction: others wait behind it for about a hundredth of a second. */
const COMMANDS_STEP = 500;
const AUDIT_STEP = 2000;

export interface RetentionDeps {
  readonly store: Pick<Store, 'sessions' | 'commands'>;
  readonly evidence: Pick<Evidence, 'prune'>;
  readonly recordings: Pick<Recordings, 'storedBefore' | 'remove'>;
  readonly keep: Config['retention'];
  readonly clock: Clock;
  readonly log: Log;
  /** Removes what else was made of a recording: its searchable text. */
  readonly forget: (id: SessionId) => Promise<void>;
}

export interface Removed {
  readonly recordings: number;
  readonly commands: number;
  readonly auditRows: number;
}

export interface Retention {
  /** Removes what is too old now. Calls share one run. */
  run(): Promise<Removed>;
  /** Starts nothing any more; resolves when what runs has come to its next step and stopped. */
  stop(): Promise<void>;
}

/** Removes, a minute after the start and once a day, what the configuration does not keep any longer. */
export function startRetention(deps: RetentionDeps): Retention {
  const { clock, log } = deps;
  let running: Promise<Removed> | undefined;
  let stopped = false;
  const run = () => {
    running ??= removeOld(deps, () => stopped).finally(() => {
      running = undefined;
    });
    return running;
  };
  const byItself = () => {
    run().then(
      (removed) => {
        if (Object.values(removed).some((count) => count > 0)) log.info(removed, 'removed what was too old');
      },
      (err: unknown) => log.error({ err }, 'what is too old cannot be removed; it is tried again in a day'),
    );
  };
  const offs = [clock.after(FIRST_MS, byItself), clock.every(EVERY_MS, byItself)];
  return {
    run,
    async stop() {
      stopped = true;
      for (const off of offs) off();
      await running?.catch(() => undefined);
    },
  };
}

/** In bounded steps; recordings first, because their audit rows must outlive them. */
async function removeOld(deps: RetentionDeps, stopped: () => boolean): Promise<Removed> {
  const { store, evidence, recordings, keep, clock, log } = deps;
  const now = clock.now();
  const removed = { recordings: 0, commands: 0, auditRows: 0 };
  if (keep.recordings !== null) {
    for await (const id of recordings.storedBefore(now - keep.recordings)) {
      if (stopped()) return removed;
      try {
        if (await removeRecording(deps, id)) removed.recordings++;
      } catch (err) {
        // it must not keep the others
        log.error({ session: id, err }, 'a recording that is too old cannot be removed; it is tried again in a day');
      }
    }
  }
  if (keep.commands !== null) {
    const before = now - keep.commands;
    for (let count = COMMANDS_STEP; count === COMMANDS_STEP && !stopped(); removed.commands += count)
      count = await store.commands.removeBefore(before, COMMANDS_STEP);
  }
  if (keep.audit !== null) {
    const before = now - keep.audit;
    for (let count = AUDIT_STEP; count === AUDIT_STEP && !stopped(); removed.auditRows += count)
      count = (await evidence.prune(before, AUDIT_STEP)) ?? 0;
  }
  return removed;
}

/**
 * First the rows say that it is gone, then it goes: after a crash in between the file is found again, and nothing that
 * the audit vouches for is missing. A file of no known session is left alone.
 */
async function removeRecording(deps: RetentionDeps, id: SessionId): Promise<boolean> {
  const { store, recordings, forget, log } = deps;
  const row = await store.sessions.byId(id);
  if (!row) {
    log.warn({ session: id }, 'a recording belongs to no session that is known; it is kept');
    return false;
  }
  if (row.recording !== 'removed') {
    const { recordingBytes: bytes, recordingSha256: sha256 } = row;
    await store.sessions.setRecording(id, { state: 'removed', bytes, sha256 }, removal(row));
  }
  await forget(id);
  await recordings.remove(id);
  return true;
}

function removal(row: SessionRow): AuditDraft {
  return {
    actor: systemActor(),
    action: 'recording.removed',
    outcome: 'ok',
    target: { kind: 'session', id: row.id, name: row.id },
    reason: 'older than retention.recordings',
    details: { bytes: row.recordingBytes, sha256: row.recordingSha256 },
  };
}
