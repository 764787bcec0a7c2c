import { z } from 'zod';
import { page, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const verdict = z.enum(['pass', 'warn', 'deny', 'approved', 'refused', 'cancelled']);

const command = z.object({
  id: z.string(),
  session: z.string(),
  at: time,
  /** Seconds into the session's recording: where a replay shows it. */
  seconds: z.number(),
  user: z.string(),
  userId: z.string(),
  asset: z.string(),
  assetId: z.string(),
  account: z.string(),
  line: z.string(),
  /** How we know: from the request itself, from the screen, from the keys, or not at all. */
  confidence: z.enum(['exact', 'screen', 'typed', 'unparsed']),
  /** What it was typed into. */
  context: z.enum(['exec', 'shell', 'stdin', 'multiplexer', 'program']),
  verdict,
  /** The filter that decided. */
  filter: z.string().nullable(),
  /** Who approved or refused. */
  reviewer: z.string().nullable(),
  exitCode: z.number().nullable(),
  /** The line as the shell itself reported it; it can be forged. */
  reported: z.string().nullable(),
  /** The directory it ran in, as the shell reported it. */
  cwd: z.string().nullable(),
});
export type CommandView = z.output<typeof command>;

const name = z.string().min(1).max(512);
const commandFilter = {
  session: name.optional(),
  user: name.optional(),
  asset: name.optional(),
  account: name.optional(),
  verdict: verdict.optional(),
  /** Found anywhere in the line, whatever the case. */
  text: name.optional(),
  since: time.optional(),
  until: time.optional(),
};

export const commands = {
  list: route({
    method: 'GET',
    path: '/commands',
    needs: 'audit.read',
    summary: 'List the commands that were run, newest first',
    query: z.strictObject({ ...pageQuery, ...commandFilter }),
    response: page(command),
  }),
  export: route({
    method: 'GET',
    path: '/commands/export',
    needs: 'audit.read',
    summary: 'Every command that was run as JSON Lines, newest first; the export is audited',
    query: z.strictObject(commandFilter),
    response: command,
    stream: 'ndjson',
  }),
};

const reviewState = z.enum(['pending', 'approved', 'refused', 'cancelled']);

const review = z.object({
  id: z.string(),
  session: z.string(),
  user: z.string(),
  userId: z.string(),
  asset: z.string(),
  account: z.string(),
  line: z.string(),
  /** The filter that holds it. */
  filter: z.string(),
  /** Who may decide. */
  reviewers: z.array(z.string()),
  state: reviewState,
  askedAt: time,
  settledAt: time.nullable(),
  settledBy: z.string().nullable(),
});
export type ReviewView = z.output<typeof review>;

export const reviews = {
  list: route({
    method: 'GET',
    path: '/reviews',
    needs: 'self',
    summary:
      'List commands that wait for approval, newest first; all of them with the right to read the audit, else one’s own to decide',
    query: z.strictObject({ ...pageQuery, state: z.enum([...reviewState.options, 'all']).default('pending') }),
    response: page(review),
  }),
  show: route({
    method: 'GET',
    path: '/reviews/:id',
    needs: 'self',
    summary: 'Show a command that waits, or waited, for approval',
    response: review,
  }),
  approve: route({
    method: 'POST',
    path: '/reviews/:id/approve',
    needs: 'self',
    summary: 'Let a waiting command run, once',
    response: review,
  }),
  deny: route({
    method: 'POST',
    path: '/reviews/:id/deny',
    needs: 'self',
    summary: 'Refuse a waiting command',
    response: review,
  }),
};

const transfer = z.object({
  id: z.string(),
  session: z.string(),
  user: z.string(),
  userId: z.string(),
  asset: z.string(),
  assetId: z.string(),
  account: z.string(),
  method: z.enum(['zmodem', 'sftp', 'scp', 'rsync', 'git', 'tar', 'web']),
  direction: z.enum(['upload', 'download']),
  path: z.string(),
  startedAt: time,
  endedAt: time,
  bytes: z.number(),
  /** Of the bytes that went by, hex; null when not every byte was seen in order. */
  sha256: z.string().nullable(),
  /** Not the file from its beginning on: resumed, or out of order. */
  partial: z.boolean(),
  result: z.enum(['ok', 'failed', 'denied', 'cancelled']),
  detail: z.string().nullable(),
});
export type TransferView = z.output<typeof transfer>;

const transferFilter = {
  session: name.optional(),
  user: name.optional(),
  asset: name.optional(),
  /** Found anywhere in the path, whatever the case. */
  text: name.optional(),
  since: time.optional(),
  until: time.optional(),
};

export const transfers = {
  list: route({
    method: 'GET',
    path: '/transfers',
    needs: 'audit.read',
    summary: 'List the files that went through sessions, newest first',
    query: z.strictObject({ ...pageQuery, ...transferFilter }),
    response: page(transfer),
  }),
  export: route({
    method: 'GET',
    path: '/transfers/export',
    needs: 'audit.read',
    summary: 'Every file that went through sessions as JSON Lines, newest first; the export is audited',
    query: z.strictObject(transferFilter),
    response: transfer,
    stream: 'ndjson',
  }),
};

const counted = z.object({ name: z.string(), sessions: z.number(), commands: z.number(), denied: z.number() });

const numbers = z.object({
  since: time,
  until: time,
  users: z.array(counted),
  assets: z.array(counted),
  /** By day in UTC, oldest first; `name` is `2026-12-31`. Every day of the time asked for is there. */
  days: z.array(counted),
  /** Logins by day in UTC, over SSH, web and API. */
  logins: z.array(z.object({ name: z.string(), ok: z.number(), failed: z.number() })),
  /** First words of commands. */
  topCommands: z.array(z.object({ name: z.string(), count: z.number() })),
  deniedCommands: z.array(z.object({ line: z.string(), filter: z.string(), count: z.number() })),
});
export type StatisticsView = z.output<typeof numbers>;

export const statistics = {
  show: route({
    method: 'GET',
    path: '/statistics',
    needs: 'sessions.read',
    summary:
      'Sessions and commands by user, asset and day, the most frequent and the denied commands; 30 days unless told',
    query: z.strictObject({
      since: time.optional(),
      until: time.optional(),
      top: z.coerce.number().int().min(1).max(100).default(10),
    }),
    response: numbers,
  }),
};
