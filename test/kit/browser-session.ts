import type { Transport } from '../../src/sdk/transport.ts';
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

/** Signs somebody in by name and password, and a code where one is asked for. */
export async function signInBrowser(
  bastion: Bastion,
  name: string,
  password: string,
  code?: string,
): Promise<BrowserSession> {
  const origin = `http://127.0.0.1:${bastion.httpPort}`;
  const post = async (path: string, body: object) => {
    const response = await fetch(`${origin}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', [HEADER]: '1', Origin: origin },
      body: JSON.stringify(body),
    });
    return { response, state: (await response.json()) as { state?: string; challenge?: string } };
  };
  const begun = await post('sign-in', { name, password });
  const { challenge } = begun.state;
  const { response, state } = code === undefined ? begun : await post('sign-in/answer', { challenge, answer: code });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (state.state !== 'signed-in' || cookie === undefined) throw new Error(`not signed in: ${JSON.stringify(state)}`);
  return { cookie, headers: { Cookie: cookie, [HEADER]: '1' }, socket: { Cookie: cookie, Origin: origin } };
}

/** For a client of the SDK that speaks as this browser's pages do. */
export function browserTransport({ httpPort }: Pick<Bastion, 'httpPort'>, { headers }: BrowserSession): Transport {
  return async ({ method, path, body, content, signal }) => {
    const type = content === undefined ? 'application/json' : 'application/octet-stream';
    const sent = content ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method,
      headers: { ...headers, ...(sent !== undefined && { 'Content-Type': type }) },
      ...(sent !== undefined && { body: sent as BodyInit, duplex: 'half' }),
      signal: signal ?? null,
    } as RequestInit);
    return { status: response.status, body: response.body ?? new Blob([]).stream() };
  };
}
