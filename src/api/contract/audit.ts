import { z } from 'zod';
import { line, page, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const auditRow = z.object({
  id: z.string(),
  /** Its place in the order of writing. */
  seq: z.number(),
  at: time,
  actor: z.object({
    kind: z.enum(['user', 'machine', 'system']),
    name: z.string(),
    ip: z.string().nullable(),
    via: z.enum(['ssh', 'web', 'api', 'socket', 'system']),
  }),
  action: z.string(),
  outcome: z.enum(['ok', 'denied', 'failed']),
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }).nullable(),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
});
export type AuditView = z.output<typeof auditRow>;

/** The signed end of the audit chain: kept elsewhere, it proves what stood in the log up to its row. */
export const auditHead = z.object({
  format: z.literal('bastion-audit-head-1'),
  /** `SHA256:…` of the public key: the name of the chain. */
  chain: z.string().max(64),
  /** Ed25519, raw, base64. */
  publicKey: z.string().max(64),
  /** The oldest and the newest row there is; 0 in an empty log. */
  first: z.number().int().nonnegative(),
  seq: z.number().int().nonnegative(),
  /** When the newest row was written, null in an empty log. */
  at: time.nullable(),
  /** Of the newest row, hex. */
  hash: z.string().max(64),
  /** Ed25519 over the fields before, base64; see docs/EVIDENCE.md. */
  signature: z.string().max(128),
});
export type AuditHead = z.output<typeof auditHead>;

const finding = z.object({
  kind: z.literal('finding'),
  finding: z.enum(['changed', 'forged', 'unsealed', 'missing', 'cut', 'head', 'tampered', 'recording']),
  seq: z.number().nullable(),
  id: z.string().nullable(),
  at: time.nullable(),
  text: z.string(),
});
export type AuditFinding = z.output<typeof finding>;

/** What a verification tells, one a line; `done` is the last. */
const verifyEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), what: z.enum(['rows', 'recordings']), done: z.number(), of: z.number() }),
  finding,
  z.object({
    kind: z.literal('done'),
    chain: z.string(),
    rows: z.number(),
    firstSeq: z.number(),
    lastSeq: z.number(),
    from: time.nullable(),
    until: time.nullable(),
    /** Rows that were there before the chain began: what they said before then is not proven. */
    older: z.number(),
    /** Recordings whose file was hashed; null when they were left out. */
    recordings: z.number().nullable(),
    findings: z.number(),
    /** What the saved head came to, when one was given. */
    head: z.string().nullable(),
  }),
]);
export type VerifyEvent = z.output<typeof verifyEvent>;
export type VerifySummary = Extract<VerifyEvent, { kind: 'done' }>;

export const audit = {
  list: route({
    method: 'GET',
    path: '/audit',
    needs: 'audit.read',
    summary: 'List audit rows, newest first',
    query: z.strictObject({
      ...pageQuery,
      action: line(128).optional(),
      actor: z.string().optional(),
      target: z.string().optional(),
      outcome: z.enum(['ok', 'denied', 'failed']).optional(),
      since: time.optional(),
      until: time.optional(),
    }),
    response: page(auditRow),
  }),
  head: route({
    method: 'GET',
    path: '/audit/head',
    needs: 'audit.read',
    summary: 'The signed end of the audit chain, to be kept elsewhere',
    response: auditHead,
  }),
  verify: route({
    method: 'POST',
    path: '/audit/verify',
    needs: 'audit.read',
    summary: 'Verify the audit chain, its recordings, and a head that was kept; what is wrong comes as findings',
    body: z.strictObject({ head: auditHead.optional(), recordings: z.boolean().default(true) }),
    response: verifyEvent,
    stream: 'ndjson',
  }),
  export: route({
    method: 'GET',
    path: '/audit/export',
    needs: 'audit.read',
    summary: 'The audit log as JSON Lines with hashes and signed head, which verify offline; the look is audited',
    query: z.strictObject({ since: time.optional() }),
    response: z.string(),
    stream: 'text',
  }),
};
