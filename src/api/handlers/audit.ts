import { Readable } from 'node:stream';
import type { Recordings } from '../../storage/local.ts';
import type { Evidence } from '../../store/audit/evidence.ts';
import type { Actor } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { type VerifyOptions, verifyAudit } from '../../tasks/verify.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { pageOf } from './paging.ts';
import { iso, millis } from './time.ts';

/** Texts become bytes: that is what every transport of a stream takes. */
const BYTES = { objectMode: false } as const;

export interface AuditDeps {
  readonly store: Pick<Store, 'audit'>;
  readonly evidence: Evidence;
  readonly recordings: Pick<Recordings, 'digest'>;
}

export function auditHandlers({ store, evidence, recordings }: AuditDeps): Handlers<'audit'> {
  /** Verifies, and writes down that it was done and what came of it. */
  async function* verify(options: VerifyOptions, actor: Actor): AsyncGenerator<string> {
    for await (const told of verifyAudit({ store, evidence, recordings }, options)) {
      if (told.kind === 'done') {
        const { rows, lastSeq, findings, recordings: checked } = told;
        const row = done(actor, 'audit.verify', null, { rows, throughSeq: lastSeq, recordings: checked, findings });
        await store.audit.append({ ...row, outcome: findings === 0 ? 'ok' : 'failed' });
      }
      yield `${JSON.stringify(told)}\n`;
    }
  }

  return {
    async list({ query }) {
      const { limit, since, until, ...rest } = query;
      const span = {
        since: since === undefined ? undefined : millis(since),
        until: until === undefined ? undefined : millis(until),
      };
      const page = pageOf(await store.audit.list({ ...rest, ...span, limit: limit + 1 }), limit);
      return {
        items: page.items.map((row) => ({
          id: row.id,
          seq: row.seq,
          at: iso(row.at),
          actor: { kind: row.actor.kind, name: row.actor.name, ip: row.actor.ip, via: row.actor.via },
          action: row.action,
          outcome: row.outcome,
          target: row.target,
          reason: row.reason,
          details: row.details === null ? null : { ...row.details },
        })),
        next: page.next,
      };
    },

    async head() {
      return evidence.head();
    },

    async verify({ body, actor }) {
      // a damaged head is refused with a sentence; once the stream has begun it could only be broken off
      if (body.head) await evidence.compare(body.head);
      return Readable.from(verify(body, actor), BYTES);
    },

    async export({ query, actor }) {
      await store.audit.append(done(actor, 'audit.export', null, { since: query.since ?? null }));
      return Readable.from(evidence.export(query.since === undefined ? null : millis(query.since)), BYTES);
    },
  };
}
