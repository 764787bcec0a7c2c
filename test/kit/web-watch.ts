import WebSocket from 'ws';
import type { WatchInput, WatchOutput } from '../../src/api/contract/ws.ts';
import { eventually } from './process.ts';

type Message<T extends WatchOutput['type']> = Extract<WatchOutput, { readonly type: T }>;

export interface WatchClientOptions {
  /** For the upgrade; a `Cookie` needs an `Origin` beside it. */
  readonly headers?: Record<string, string>;
  /** An API token, in the place of headers. */
  readonly token?: string;
  /** Of a link. */
  readonly share?: string;
  /** What is said first; the hello of the contract unless told otherwise. null: nothing. */
  readonly first?: string | Buffer | null;
}

/** One page's end of /ws/watch/ID, without a page. */
export class WatchClient implements Disposable {
  readonly socket: WebSocket;
  readonly messages: WatchOutput[] = [];
  /** Messages and binary frames by their kind, in the order they came. */
  readonly order: string[] = [];
  /** What is shown since the last snapshot. */
  shown = '';
  received = 0;
  closed: number | undefined;
  /** HTTP status of a refused upgrade. */
  refused: number | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(url: string, { headers, token, share, first }: WatchClientOptions = {}) {
    const all = { ...(token && { Authorization: `Bearer ${token}` }), ...headers };
    this.socket = new WebSocket(url, { headers: all, perMessageDeflate: false });
    const hello = JSON.stringify({ type: 'hello', ...(share !== undefined && { share }) });
    this.socket.on('open', () => {
      if (first !== null) this.socket.send(first ?? hello);
    });
    this.socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.#bytes(data);
      else this.#message(JSON.parse(data.toString('utf8')) as WatchOutput);
      this.#changed();
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode;
      this.socket.terminate();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closed = code;
      this.#changed();
    });
  }

  say(message: WatchInput): void {
    this.socket.send(JSON.stringify(message));
  }

  type(text: string | Buffer): void {
    this.socket.send(Buffer.from(text));
  }

  all<T extends WatchOutput['type']>(type: T): Message<T>[] {
    return this.messages.filter((message): message is Message<T> => message.type === type);
  }

  /** The message of this kind after `from` others of it. */
  async message<T extends WatchOutput['type']>(type: T, from = 0): Promise<Message<T>> {
    return eventually(`a message "${type}"`, async () => this.all(type)[from]);
  }

  /** Resolves with what stands there once this is shown. */
  async shows(pattern: RegExp): Promise<string> {
    return eventually(`the watcher to see ${pattern}`, async () => (pattern.test(this.shown) ? this.shown : undefined));
  }

  /** The same, in the turn in which it came. */
  async sees(text: string): Promise<void> {
    while (!this.shown.includes(text)) await this.#wake.promise;
  }

  async over(): Promise<number> {
    return eventually('the socket to be closed', async () => this.closed);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  #message(message: WatchOutput): void {
    this.messages.push(message);
    this.order.push(message.type);
    if (message.type === 'snapshot') this.shown = '';
  }

  #bytes(data: Buffer): void {
    this.order.push('bytes');
    this.received += data.length;
    this.shown += data.toString('utf8');
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
