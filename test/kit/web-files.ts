import type { FileEntry } from '../../src/api/contract/files.ts';
import { type Client, createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import type { Bastion } from './bastion.ts';
import type { House } from './house.ts';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown> | null;
}

/** What can be sent. */
type Body = string | Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** The files of an asset over the REST API, as somebody with a token of their own. */
export class WebFiles {
  readonly client: Client;
  readonly #base: string;
  readonly #token: string;

  constructor(bastion: Pick<Bastion, 'httpPort'>, token: string) {
    this.#base = `http://127.0.0.1:${bastion.httpPort}`;
    this.#token = token;
    this.client = createClient({ transport: fetchTransport({ url: this.#base, token }) });
  }

  static async of(house: House, user: string): Promise<WebFiles> {
    const { secret } = await house.api.tokens.add({ user, name: 'files' });
    return new WebFiles(house.bastion, secret);
  }

  /** Opens the files and gives the id of their session. */
  async open(asset = 'web1', account?: string): Promise<string> {
    const { id } = await this.opened(asset, account);
    return id;
  }

  async opened(asset = 'web1', account?: string) {
    const ticket = await this.ticket(asset, account);
    return this.client.files.open({ ticket });
  }

  async ticket(asset = 'web1', account?: string): Promise<string> {
    const answer = await this.client.connections.open({ asset, account, use: 'files' });
    if (answer.state !== 'ticket') throw new Error(`no ticket: ${JSON.stringify(answer)}`);
    return answer.ticket;
  }

  upload(id: string, path: string, body: Body, query: Record<string, string> = {}, signal?: AbortSignal) {
    return this.content(id, { path, ...query }, { method: 'POST', body: body as BodyInit, signal: signal ?? null });
  }

  download(id: string, path: string, query: Record<string, string> = {}, signal?: AbortSignal) {
    return this.content(id, { path, ...query }, { signal: signal ?? null });
  }

  content(id: string, query: Record<string, string>, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/octet-stream' };
    const url = `${this.#base}/api/v1/files/${id}/content?${new URLSearchParams(query)}`;
    return fetch(url, { ...init, headers, duplex: 'half' } as RequestInit);
  }

  async names(id: string, path: string): Promise<string[]> {
    return (await this.client.files.list({ id, path })).entries.map(({ name }: FileEntry) => name);
  }
}

/** What an answer says that is no success. */
export async function refusal(response: Response): Promise<Refusal> {
  const { error } = (await response.json()) as { error: Omit<Refusal, 'status'> };
  return { status: response.status, ...error };
}
