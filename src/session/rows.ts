import type { Grant } from '../access/grant.ts';
import { systemActor } from '../auth/actor.ts';
import type { ExitStatus } from '../kernel/channel.ts';
import type { SessionId } from '../kernel/id.ts';
import { plain } from '../kernel/printable.ts';
import type { Actor, AuditDraft, EndCause, SessionRow } from '../store/model.ts';
import type { SessionEnd } from '../store/store.ts';
import type { RecordingSummary } from './recorder.ts';
import type { EndReason, OpenOptions } from './types.ts';

/** The row of a session that is about to begin. */
export function firstRow(id: SessionId, grant: Grant, options: OpenOptions, now: number): SessionRow {
  return {
    id,
    grantId: grant.id,
    userId: grant.who.user.id,
    userName: grant.who.user.name,
    assetId: grant.asset.id,
    assetName: grant.asset.name,
    account: grant.login,
    protocol: grant.protocol,
    use: grant.use,
    command: options.command ?? null,
    clientIp: grant.who.from.ip,
    via: options.via,
    permission: grant.permissions.join(', '),
    startedAt: now,
    endedAt: null,
    state: 'live',
    endCause: null,
    endDetail: null,
    exitCode: null,
    exitSignal: null,
    bytesIn: 0,
    bytesOut: 0,
    recording: 'none',
    recordingBytes: null,
    recordingSha256: null,
  };
}

/** What the end of a session adds to its row. */
export function endOf(
  reason: EndReason,
  exit: ExitStatus | undefined,
  bytes: { readonly in: number; readonly out: number },
  now: number,
): SessionEnd {
  return {
    endedAt: now,
    state: 'ended',
    cause: reason.cause,
    detail: reason.detail ?? null,
    exitCode: exit?.kind === 'code' ? exit.code : null,
    exitSignal: exit?.kind === 'signal' ? plain(exit.signal) : null,
    bytesIn: bytes.in,
    bytesOut: bytes.out,
  };
}

/** A session as the target of audit rows. */
export function auditTarget(row: Pick<SessionRow, 'id' | 'account' | 'assetName'>): AuditDraft['target'] {
  return { kind: 'session', id: row.id, name: `${row.account}@${row.assetName}` };
}

/** An audit row by the person whose session it is. */
export function ownAudit(
  grant: Grant,
  row: SessionRow,
  action: string,
  details: Readonly<Record<string, unknown>>,
): AuditDraft {
  const { user, from } = grant.who;
  const { protocol, use, permission, via } = row;
  return {
    actor: { kind: 'user', userId: user.id, name: user.name, ip: from.ip, via },
    action,
    outcome: 'ok',
    target: auditTarget(row),
    reason: null,
    details: { protocol, use, permission, ...details },
  };
}

/** The audit of an end: by the person when it was their own or the target's doing, else by who ended it. */
export function endAudit(
  grant: Grant,
  row: SessionRow,
  reason: EndReason,
  endedBy: Actor | undefined,
  output: RecordingSummary | null,
): AuditDraft[] {
  const { cause, detail } = reason;
  const ownDoing =
    cause === 'client-closed' || cause === 'target-closed' || cause === 'connect-failed' || cause === 'command-denied';
  const audit: AuditDraft = {
    ...ownAudit(grant, row, 'session.end', { cause, bytesIn: row.bytesIn, bytesOut: row.bytesOut, output }),
    ...(ownDoing ? {} : { actor: endedBy ?? systemActor() }),
    outcome: outcomeOf(cause),
    reason: detail ?? cause,
  };
  if (!endedBy) return [audit];
  return [{ ...ownAudit(grant, row, 'session.terminate', { cause }), actor: endedBy }, audit];
}

function outcomeOf(cause: EndCause): AuditDraft['outcome'] {
  if (cause === 'command-denied') return 'denied';
  return cause === 'connect-failed' || cause === 'recording-failed' ? 'failed' : 'ok';
}
