import type { Grant } from '../access/grant.ts';
import { actorOf, systemActor } from '../auth/actor.ts';
import type { ExitStatus, PtyRequest, Size } from '../kernel/channel.ts';
import type { SessionId } from '../kernel/id.ts';
import { plain } from '../kernel/printable.ts';
import { type Program, placeText } from '../kernel/program.ts';
import type { SpoolHeader } from '../storage/frames.ts';
import type { Actor, AuditDraft, EndCause, SessionRow } from '../store/model.ts';
import type { SessionEnd } from '../store/store.ts';
import type { RecordingSummary } from './recorder.ts';
import type { EndReason, OpenOptions } from './types.ts';

/** What a terminal that tells no size has. */
const DEFAULT_SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };

export function sizeOf(size: Size): Size {
  return size.cols > 0 && size.rows > 0 ? size : DEFAULT_SIZE;
}

/** What a recording says about its session. */
export function spoolHeader(row: SessionRow, pty: PtyRequest | undefined): SpoolHeader {
  return {
    version: 1,
    id: row.id,
    startedAt: row.startedAt,
    size: pty ? sizeOf(pty.size) : null,
    term: pty?.term ?? null,
    user: row.userName,
    asset: row.assetName,
    account: row.account,
    command: row.command,
  };
}

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
    command: askedFor(options.program),
    destination: grant.to === null ? null : plain(placeText(grant.to)),
    label: (grant.use === 'forward' && options.label?.name) || null,
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

/** The command line of an exec request, or the name of a subsystem other than SFTP. */
function askedFor(program: Program): string | null {
  if (program.kind === 'exec') return program.command;
  return program.kind === 'subsystem' && program.name !== 'sftp' ? plain(program.name) : null;
}

/** What the end of a session adds to its row. */
export function endOf(
  reason: EndReason,
  exit: ExitStatus | undefined,
  label: string | null,
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
    label,
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
  const { protocol, use, permission, via, destination } = row;
  return {
    actor: { ...actorOf(grant.who), via },
    action,
    outcome: 'ok',
    target: auditTarget(row),
    reason: null,
    details: { protocol, use, ...(destination !== null && { destination }), permission, ...details },
  };
}

const OWN_DOING: ReadonlySet<EndCause> = new Set([
  'client-closed',
  'target-closed',
  'connect-failed',
  'command-denied',
  'protocol-error',
]);
const FAILED: ReadonlySet<EndCause> = new Set(['connect-failed', 'recording-failed', 'protocol-error']);

/** The audit of an end: by the person when it was their own or the target's doing, else by who ended it. */
export function endAudit(
  grant: Grant,
  row: SessionRow,
  reason: EndReason,
  endedBy: Actor | undefined,
  output: RecordingSummary | null,
): AuditDraft[] {
  const { cause, detail } = reason;
  const ownDoing = OWN_DOING.has(cause);
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
  return FAILED.has(cause) ? 'failed' : 'ok';
}
