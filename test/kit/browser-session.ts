import type { Bastion } from './bastion.ts';

const HEADER = 'x-bastion-csrf';

/** A browser that is signed in, as far as HTTP knows of one: its cookie, and the headers its pages send. */
export interface BrowserSession {
  readonly cookie: string;
  /** For calls of the API. */
  readonly headers: Record<string, string>;
  /** For the upgrade of a WebSocket. */
  readonly socket: Record<string, string>;
}

/** Signs somebody in by name and password alone. */
export async function signInBrowser(bastion: Bastion, name: string, password: string): Promise<BrowserSession> {
  const origin = `http://127.0.0.1:${bastion.httpPort}`;
  const response = await fetch(`${origin}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', [HEADER]: '1', Origin: origin },
    body: JSON.stringify({ name, password }),
  });
  const state = (await response.json()) as { state?: string };
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (state.state !== 'signed-in' || cookie === undefined) throw new Error(`not signed in: ${JSON.stringify(state)}`);
  return { cookie, headers: { Cookie: cookie, [HEADER]: '1' }, socket: { Cookie: cookie, Origin: origin } };
}
