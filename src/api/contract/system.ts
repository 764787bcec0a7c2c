import { z } from 'zod';
import { role, time } from './common.ts';
import { route } from './route.ts';

export const vault = {
  rotateKey: route({
    method: 'POST',
    path: '/vault/rotate-key',
    needs: 'machine',
    summary: 'Make a new master key and seal every secret anew; only over admin.sock',
    response: z.object({ resealed: z.number() }),
  }),
};

export const system = {
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    needs: 'public',
    summary: 'This API as an OpenAPI 3.1 document',
    response: z.record(z.string(), z.unknown()),
  }),
  status: route({
    method: 'GET',
    path: '/status',
    needs: 'manage',
    summary: 'Version, uptime, listeners and live sessions of the running daemon',
    response: z.object({
      version: z.string(),
      startedAt: time,
      uptimeSeconds: z.number(),
      listeners: z.array(z.object({ kind: z.string(), address: z.string() })),
      liveSessions: z.number(),
    }),
  }),
  me: route({
    method: 'GET',
    path: '/me',
    needs: 'self',
    summary: 'Who is calling',
    response: z.object({
      kind: z.enum(['user', 'machine']),
      name: z.string(),
      displayName: z.string(),
      role: role.nullable(),
      /** The rest is null where no person calls. */
      id: z.string().nullable(),
      email: z.string().nullable(),
      /** What the role opens: `manage`, `audit.read`, … */
      capabilities: z.array(z.string()),
      hasPassword: z.boolean().nullable(),
      totpEnabled: z.boolean().nullable(),
      /** Whether the house wants verification codes of this person. */
      totpRequired: z.boolean().nullable(),
      passwordMinLength: z.number(),
      /** Whether terminals in the browser show who looks at them. */
      watermark: z.boolean(),
      /** When this sign-in ends at the latest; null for callers that did not sign in. */
      signedInUntil: time.nullable(),
      /** The version of the bastion. */
      version: z.string(),
    }),
  }),
  health: route({
    method: 'GET',
    path: '/health',
    needs: 'sessions.read',
    summary: 'What the daemon stands on: disk, database, recordings, memory, and what needs attention',
    response: z.object({
      checks: z.array(z.object({ name: z.string(), state: z.enum(['ok', 'warn', 'bad']), text: z.string() })),
      storage: z.object({
        diskTotal: z.number(),
        diskFree: z.number(),
        /** Below this no session that must be recorded begins. */
        diskReserve: z.number(),
        recordings: z.number(),
        spool: z.number(),
        database: z.number(),
        searchIndex: z.number(),
      }),
      process: z.object({ memory: z.number(), uptimeSeconds: z.number(), startedAt: time, version: z.string() }),
      counts: z.object({
        users: z.number(),
        assets: z.number(),
        permissions: z.number(),
        liveSessions: z.number(),
        pendingReviews: z.number(),
        changedHostKeys: z.number(),
      }),
    }),
  }),
  settings: route({
    method: 'GET',
    path: '/settings',
    needs: 'manage',
    summary: 'The configuration in force, key by key; the file is where it is changed',
    response: z.object({
      file: z.string().nullable(),
      settings: z.array(
        z.object({
          /** `session.idle_timeout` */
          key: z.string(),
          /** As it would be written in the file. */
          value: z.string(),
          isDefault: z.boolean(),
          /** BASTION_SESSION__IDLE_TIMEOUT */
          env: z.string(),
        }),
      ),
    }),
  }),
};
