import { z } from 'zod';
import { line, nothing, password, role, time } from './common.ts';
import { route } from './route.ts';

const challenge = z.string().min(1).max(256);

/** Anybody may send these: no more is read of them than they can need. */
const MAX_BODY = 16 * 1024;

/** Where a sign-in stands. `challenge` names it in the next call; it is good for five minutes. */
const state = z.discriminatedUnion('state', [
  z.object({ state: z.literal('signed-in'), name: z.string(), role }),
  /** A code of the authenticator app, or a recovery code. */
  z.object({ state: z.literal('code'), challenge }),
  /** Codes are wanted and none is set up: the secret for the app, then its first code. */
  z.object({ state: z.literal('enrol'), challenge, uri: z.string(), secretText: z.string() }),
  /** Shown this once; any answer goes on. */
  z.object({ state: z.literal('recovery-codes'), challenge, codes: z.array(z.string()) }),
]);
export type SignInState = z.output<typeof state>;

export const signIn = {
  options: route({
    method: 'GET',
    path: '/sign-in',
    needs: 'public',
    summary: 'What the page where people sign in needs to know',
    response: z.object({
      /** Whether passwords are taken at all. */
      password: z.boolean(),
      /** Nobody can sign in yet: the set-up link makes the first administrator. */
      needsSetup: z.boolean(),
      /** The demo's user, where this is one. */
      demoUser: z.string().nullable(),
    }),
  }),
  begin: route({
    method: 'POST',
    path: '/sign-in',
    needs: 'public',
    summary: 'Sign in with name and password; a browser gets a session cookie when that is enough',
    body: z.strictObject({ name: line(64).min(1), password }),
    response: state,
    maxBody: MAX_BODY,
  }),
  answer: route({
    method: 'POST',
    path: '/sign-in/answer',
    needs: 'public',
    summary: 'Go on with a sign-in: the code that was asked for',
    body: z.strictObject({ challenge, answer: z.string().max(64).default('') }),
    response: state,
    maxBody: MAX_BODY,
  }),
  end: route({
    method: 'POST',
    path: '/sign-out',
    needs: 'self',
    summary: 'Sign out: the session cookie, and what was opened with it, ends',
    response: nothing,
  }),
};

/** One browser that is signed in. */
const webSession = z.object({
  id: z.string(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  ip: z.string(),
  /** What the browser calls itself. */
  userAgent: z.string(),
  /** The one that asks. */
  current: z.boolean(),
});
export type WebSessionView = z.output<typeof webSession>;

export const signIns = {
  list: route({
    method: 'GET',
    path: '/me/sign-ins',
    needs: 'self',
    summary: "The caller's browsers that are signed in",
    response: z.array(webSession),
  }),
  end: route({
    method: 'DELETE',
    path: '/me/sign-ins/:id',
    needs: 'self',
    summary: 'Sign one of them out, with what it has open',
    response: nothing,
  }),
  endOthers: route({
    method: 'POST',
    path: '/me/sign-ins/end-others',
    needs: 'self',
    summary: 'Sign out everywhere else',
    response: z.object({ ended: z.number() }),
  }),
};
