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
    }),
  }),
};
