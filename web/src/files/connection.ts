import type { Result } from '../../../src/api/contract/route.ts';
import type { Routes } from '../../../src/api/contract/routes.ts';
import { CSRF_HEADER } from '../../../src/api/contract/ws-limits.ts';
import { ApiError, api } from '../kit/api.ts';

export type Place = Result<Routes['files']['open']>;

export interface Target {
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: Protocol | undefined;
}
export type Protocol = NonNullable<Parameters<typeof api.connections.open>[0]['protocol']>;

export interface Typed {
  readonly login: string;
  readonly secret: string;
}

/** What has to be known before files can be opened. */
export type Ask =
  | { readonly kind: 'choose'; readonly asset: string; readonly accounts: readonly string[] }
  | { readonly kind: 'input'; readonly login: string | null };

/** Thrown where the person has to say more. */
export class Asks extends Error {
  readonly ask: Ask;
  constructor(ask: Ask) {
    super(ask.kind);
    this.ask = ask;
  }
}

/** Only what was typed goes away when it is not used. */
const KEEP_MS = 60_000;
const PREFIX = '/api/v1/files/';

/**
 * The files of an asset as the server knows them under an id. It closes them when they are not used for a while; then
 * they are opened again by the next call.
 */
export class Connection {
  readonly target: Target;
  place: Place;
  #opening: Promise<Place> | undefined;
  #closed = false;
  #keep: ReturnType<typeof setInterval> | undefined;

  private constructor(target: Target, place: Place, typed: boolean) {
    this.target = target;
    this.place = place;
    if (typed)
      this.#keep = setInterval(() => void api.files.show({ id: this.place.id, path: '/' }).catch(() => {}), KEEP_MS);
  }

  /** Rejects with `Asks` when an account has to be chosen, or login and secret typed. */
  static async open(target: Target, typed?: Typed): Promise<Connection> {
    return new Connection(target, await begin(target, typed), typed !== undefined);
  }

  /** A call with the id of today. */
  async call<T>(work: (id: string) => Promise<T>): Promise<T> {
    const { id } = this.place;
    try {
      return await work(id);
    } catch (error) {
      if (this.#closed || !isClosed(error)) throw error;
      if (this.place.id === id) await this.#again();
      return work(this.place.id);
    }
  }

  contentUrl(path: string): string {
    return `${PREFIX}${this.place.id}/content?${new URLSearchParams({ path })}`;
  }

  /** Begins a download of the browser's own: any size goes to the disk as it comes. */
  async download(path: string, name: string): Promise<void> {
    // says why not, where it can be known before, and opens what was closed meanwhile
    await this.call((id) => api.files.show({ id, path }));
    const link = document.createElement('a');
    link.href = this.contentUrl(path);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  }

  /** The whole of a small file. */
  async read(path: string): Promise<Uint8Array> {
    return this.call(async () => {
      const response = await fetch(this.contentUrl(path), { credentials: 'same-origin' });
      if (!response.ok) throw errorIn(response.status, await response.text());
      return new Uint8Array(await response.arrayBuffer());
    });
  }

  /** Sends bytes of a file; `told` hears how many have left. */
  write(path: string, content: Blob, options: WriteOptions = {}): Promise<{ size: number }> {
    const { offset = 0, fresh = false, signal, told } = options;
    return this.call(
      (id) =>
        new Promise((resolve, reject) => {
          const request = new XMLHttpRequest();
          const query = new URLSearchParams({ path, offset: String(offset), fresh: String(fresh) });
          request.open('POST', `${PREFIX}${id}/content?${query}`);
          request.setRequestHeader(CSRF_HEADER, '1');
          request.setRequestHeader('content-type', 'application/octet-stream');
          request.upload.onprogress = (event) => told?.(event.loaded);
          request.onload = () => {
            if (request.status < 300) resolve(JSON.parse(request.responseText) as { size: number });
            else reject(errorIn(request.status, request.responseText));
          };
          request.onerror = () => reject(new Cut());
          request.onabort = () => reject(new DOMException('', 'AbortError'));
          if (signal?.aborted) return request.onabort(new ProgressEvent('abort'));
          signal?.addEventListener('abort', () => request.abort());
          request.send(content);
        }),
    );
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#keep);
    void api.files.close({ id: this.place.id }).catch(() => {});
  }

  async #again(): Promise<void> {
    this.#opening ??= begin(this.target, undefined).finally(() => {
      this.#opening = undefined;
    });
    this.place = await this.#opening;
    if (this.#closed) this.close();
  }
}

export interface WriteOptions {
  readonly offset?: number;
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  readonly told?: (bytes: number) => void;
}

/** The connection was cut in the middle. */
export class Cut extends Error {}

async function begin(target: Target, typed: Typed | undefined): Promise<Place> {
  const { asset, account, protocol } = target;
  const answer = await api.connections.open({ asset, account, protocol, use: 'files' });
  if (answer.state === 'choose') throw new Asks({ kind: 'choose', asset: answer.asset, accounts: answer.accounts });
  if (answer.input && !typed) throw new Asks({ kind: 'input', login: answer.input.login });
  return api.files.open(typed ? { ticket: answer.ticket, input: typed } : { ticket: answer.ticket });
}

/** Whether the files are open no more, rather than one of them missing. */
const isClosed = (error: unknown) => error instanceof ApiError && error.details?.closed === true;

export const isMissing = (error: unknown) => error instanceof ApiError && error.code === 'not_found';

function errorIn(status: number, text: string): Error {
  try {
    const { error } = JSON.parse(text) as { error: ConstructorParameters<typeof ApiError>[1] };
    return new ApiError(status, error);
  } catch {
    return new Cut();
  }
}
