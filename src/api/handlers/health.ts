import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { sizeText } from '../../kernel/size-text.ts';
import type { Registry } from '../../session/types.ts';
import type { AuditRow } from '../../store/model.ts';
import type { Attention, Store } from '../../store/store.ts';
import type { Handlers } from './handler.ts';
import type { DaemonInfo } from './system.ts';
import { iso } from './time.ts';

const DAY_MS = 86_400_000;
/** How far back failures are told. */
const LOOK_BACK_DAYS = 7;
/** After so long without a verification one is missed. */
const VERIFY_DAYS = 35;
const CERTIFICATE_WARN_DAYS = 30;
const CERTIFICATE_BAD_DAYS = 7;
/** A row of the audit may be so much ahead: writes and looks are not one moment. */
const CLOCK_SLACK_MS = 60_000;

type Health = Awaited<ReturnType<Handlers<'system'>['health']>>;
type Check = Health['checks'][number];

export interface HealthDeps {
  readonly store: Pick<Store, 'statistics' | 'audit'>;
  readonly daemon: DaemonInfo | undefined;
  readonly registry: Registry | undefined;
  readonly config: Config['session'];
  readonly clock: Pick<Clock, 'now'>;
}

/** What the daemon stands on, measured now. */
export async function health({ store, daemon, registry, config, clock }: HealthDeps): Promise<Health> {
  if (!daemon) throw new AppError('needs_daemon', 'The daemon is not running. Start it with "bastion serve".');
  const now = clock.now();
  const [use, attention, [newest], [verified], oldest] = await Promise.all([
    daemon.storage(),
    store.statistics.attention(now - LOOK_BACK_DAYS * DAY_MS),
    store.audit.list({ limit: 1 }),
    store.audit.list({ action: 'audit.verify', limit: 1 }),
    beginning(store),
  ]);
  const reserve = config.disk_reserve;
  const { users, assets, permissions, pendingReviews, changedHostKeys, recordingBytes } = attention;
  return {
    checks: [
      diskCheck(use.diskFree, reserve),
      ...waitingChecks(attention),
      auditCheck(verified, oldest, now),
      certificateCheck(daemon.certificateEnd(), now),
      clockCheck(newest, now),
    ],
    storage: { ...use, diskReserve: reserve, recordings: recordingBytes },
    process: {
      memory: process.memoryUsage.rss(),
      uptimeSeconds: Math.max(0, Math.floor((now - daemon.startedAt) / 1000)),
      startedAt: iso(daemon.startedAt),
      version: daemon.version,
    },
    counts: {
      ...{ users, assets, permissions, pendingReviews, changedHostKeys },
      liveSessions: registry?.live().length ?? 0,
    },
  };
}

/** When the oldest row of the audit was written. */
async function beginning(store: Pick<Store, 'audit'>): Promise<number | undefined> {
  return (await store.audit.at((await store.audit.end()).first))?.at;
}

function diskCheck(free: number, reserve: number): Check {
  const text = `${sizeText(free)} free, ${sizeText(reserve)} of them reserved.`;
  if (free < reserve)
    return { name: 'disk', state: 'bad', text: `${text} Sessions that must be recorded cannot begin: make room.` };
  return { name: 'disk', state: free < 2 * reserve ? 'warn' : 'ok', text };
}

function waitingChecks({ failedRecordings, changedHostKeys, pendingReviews }: Attention): Check[] {
  const check = (name: string, count: number, bad: string, good: string): Check =>
    count > 0 ? { name, state: 'warn', text: `${count} ${bad}` } : { name, state: 'ok', text: good };
  const days = `in the last ${LOOK_BACK_DAYS} days`;
  return [
    check('recordings', failedRecordings, `recordings failed ${days}.`, `No recording failed ${days}.`),
    check(
      'host-keys',
      changedHostKeys,
      'changed host keys wait to be accepted.',
      'No host key of a target has changed.',
    ),
    check('reviews', pendingReviews, 'commands wait for approval.', 'No command waits for approval.'),
  ];
}

function auditCheck(verified: AuditRow | undefined, oldest: number | undefined, now: number): Check {
  const name = 'audit';
  if (!verified) {
    const old = oldest !== undefined && now - oldest > VERIFY_DAYS * DAY_MS;
    return { name, state: old ? 'warn' : 'ok', text: 'The audit log was not verified yet (bastion audit verify).' };
  }
  if (verified.outcome !== 'ok')
    return { name, state: 'bad', text: 'The last verification of the audit log found something; verify it again.' };
  const days = Math.floor((now - verified.at) / DAY_MS);
  const text = `The audit log was verified ${days < 1 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`}.`;
  return { name, state: days > VERIFY_DAYS ? 'warn' : 'ok', text };
}

function certificateCheck(end: number | null, now: number): Check {
  const name = 'certificate';
  if (end === null) return { name, state: 'ok', text: 'This process uses no TLS certificate.' };
  const days = Math.floor((end - now) / DAY_MS);
  if (days < 0) return { name, state: 'bad', text: 'The TLS certificate has expired: renew it and restart.' };
  const state = days < CERTIFICATE_BAD_DAYS ? 'bad' : days < CERTIFICATE_WARN_DAYS ? 'warn' : 'ok';
  return { name, state, text: `The TLS certificate is valid for ${days} more days.` };
}

function clockCheck(newest: AuditRow | undefined, now: number): Check {
  const ahead = newest !== undefined && newest.at > now + CLOCK_SLACK_MS;
  return ahead
    ? { name: 'clock', state: 'bad', text: 'The clock was set back: the audit log holds rows of a later time.' }
    : { name: 'clock', state: 'ok', text: 'The clock goes forward.' };
}
