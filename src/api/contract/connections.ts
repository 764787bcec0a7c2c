import { z } from 'zod';
import { login, nothing, password, protocol, time, userName } from './common.ts';
import { route } from './route.ts';

const asked = z.string().min(1).max(512);

export const connections = {
  open: route({
    method: 'POST',
    path: '/connections',
    needs: 'self',
    summary:
      'A one-time ticket for one use of one asset, good for a minute: the first message of /ws/terminal, the body of POST /files, or the password (or the user name) of an SSH login as "ticket"',
    body: z.strictObject({
      /** Name, address or id. */
      asset: asked,
      /** A login, or `@input`. */
      account: asked.optional(),
      protocol: protocol.optional(),
      use: z.enum(['shell', 'files', 'desktop']).default('shell'),
    }),
    response: z.discriminatedUnion('state', [
      z.object({
        state: z.literal('ticket'),
        ticket: z.string(),
        expiresAt: time,
        asset: z.string(),
        assetId: z.string(),
        account: z.string(),
        protocol,
        /** Login and secret have to be typed; `login` is set when it is known already. */
        input: z.object({ login: z.string().nullable() }).nullable(),
      }),
      /** Several accounts are usable: ask again with one of them. */
      z.object({ state: z.literal('choose'), asset: z.string(), protocol, accounts: z.array(z.string()) }),
    ]),
  }),
};

/** What is typed for `@input`: passed on to the target, kept nowhere. */
export const typedInput = z.strictObject({ login, secret: password });

const share = z.object({
  id: z.string(),
  session: z.string(),
  /** Whether who comes by it may type. */
  write: z.boolean(),
  /** Whom it is for; empty means everybody who can sign in. */
  users: z.array(z.string()),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
});
export type ShareView = z.output<typeof share>;

/** Links by which people let others into a live session of theirs. They end with the session. */
export const shares = {
  list: route({
    method: 'GET',
    path: '/sessions/:id/shares',
    needs: 'self',
    summary: 'The links to a live session; one’s own sessions, or with the right to control all',
    response: z.array(share),
  }),
  add: route({
    method: 'POST',
    path: '/sessions/:id/shares',
    needs: 'self',
    summary: 'Make a link to a live session of one’s own; needs action share. `token` is shown this once',
    body: z.strictObject({
      write: z.boolean().default(false),
      users: z.array(userName).max(100).default([]),
      minutes: z
        .number()
        .int()
        .min(1)
        .max(24 * 60)
        .default(60),
    }),
    response: z.object({ share, token: z.string(), url: z.string().nullable() }),
  }),
  remove: route({
    method: 'DELETE',
    path: '/shares/:id',
    needs: 'self',
    summary: 'Take a link back; who came by it leaves',
    response: nothing,
  }),
  show: route({
    method: 'POST',
    path: '/shares/show',
    needs: 'self',
    summary: 'What a link leads to',
    body: z.strictObject({ token: z.string().min(1).max(256) }),
    response: z.object({
      session: z.string(),
      user: z.string(),
      asset: z.string(),
      account: z.string(),
      write: z.boolean(),
      expiresAt: time,
    }),
  }),
};
