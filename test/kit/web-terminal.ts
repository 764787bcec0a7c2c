import WebSocket from 'ws';
import type { TerminalInput, TerminalOutput } from '../../src/api/contract/ws.ts';
import type { Bastion } from './bastion.ts';
import { eventually } from './process.ts';

export interface WebTerminalOptions {
  readonly cols?: number;
  readonly rows?: number;
  /** For the upgrade; a `Cookie` needs an `Origin` beside it. */
  readonly headers?: Record<string, string>;
  /** An API token, in the place of headers. */
  readonly token?: string;
  readonly input?: { readonly login: string; readonly secret: string };
  /** Acknowledge output as it comes; default true. */
  readonly acks?: boolean;
  /** Keep all that is shown, and not the last of it alone; default true. */
  readonly keeps?: boolean;
}

type Message<T extends TerminalOutput['type']> = Extract<TerminalOutput, { readonly type: T }>;

/** One page's end of /ws/terminal, as a page would hold it: offsets, acknowledgements, one socket after the other. */
export class WebTerminal {
  readonly messages: TerminalOutput[] = [];
  readonly #bastion: Pick<Bastion, 'httpPort'>;
  readonly #options: WebTerminalOptions;
  #tap: (chunk: Buffer) => void = () => {};
  #ws: WebSocket;
  #shown = '';
  /** Bytes of output that have arrived in all. */
  received = 0;
  closed: { readonly code: number } | undefined;

  constructor(bastion: Pick<Bastion, 'httpPort'>, first: TerminalInput, options: WebTerminalOptions = {}) {
    this.#bastion = bastion;
    this.#options = options;
    this.#ws = this.#open(first);
  }

  /** The upgrade alone, without a first message. */
  static socket(
    bastion: Pick<Bastion, 'httpPort'>,
    options: WebTerminalOptions = {},
    path = '/ws/terminal',
  ): WebSocket {
    const headers = { ...(options.token && { Authorization: `Bearer ${options.token}` }), ...options.headers };
    return new WebSocket(`ws://127.0.0.1:${bastion.httpPort}${path}`, { headers, perMessageDeflate: false });
  }

  #open(first: TerminalInput): WebSocket {
    const ws = WebTerminal.socket(this.#bastion, this.#options);
    this.closed = undefined;
    ws.on('open', () => ws.send(JSON.stringify(first)));
    ws.on('message', (data: Buffer, binary: boolean) => {
      if (ws !== this.#ws) return;
      if (binary) this.#take(data);
      else this.messages.push(JSON.parse(data.toString('utf8')) as TerminalOutput);
    });
    ws.on('error', () => {});
    ws.on('close', (code) => {
      if (ws === this.#ws) this.closed = { code };
    });
    return ws;
  }

  #take(data: Buffer): void {
    this.received += data.length;
    this.#tap(data);
    this.#shown += data.toString('latin1');
    if (this.#options.keeps === false) this.#shown = this.#shown.slice(-1000);
    if (this.#options.acks !== false) this.ack();
  }

  /** What has been shown so far, a character a byte. */
  get shown(): string {
    return this.#shown;
  }

  /** Sees all output from now on. */
  tap(tap: (chunk: Buffer) => void): void {
    this.#tap = tap;
  }

  get socket(): WebSocket {
    return this.#ws;
  }

  send(message: TerminalInput): void {
    this.#ws.send(JSON.stringify(message));
  }

  ack(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.send({ type: 'ack', received: this.received });
  }

  type(text: string | Buffer): void {
    this.#ws.send(Buffer.from(text));
  }

  /** As a network that is gone: the bastion gets no word. */
  cut(): void {
    this.#ws.terminate();
  }

  /** In another socket, on from what has arrived; `over` says something else than is true. */
  resume(over: Partial<Extract<TerminalInput, { type: 'resume' }>> = {}): void {
    const token = this.all('ready').at(-1)!.resume;
    const { cols = 80, rows = 24 } = this.#options;
    this.#ws = this.#open({ type: 'resume', token, received: this.received, cols, rows, ...over });
  }

  all<T extends TerminalOutput['type']>(type: T): Message<T>[] {
    return this.messages.filter((message): message is Message<T> => message.type === type);
  }

  /** The first message of this kind from now on (or that has come already, after `from` of its kind). */
  async message<T extends TerminalOutput['type']>(type: T, from = 0): Promise<Message<T>> {
    return eventually(`a message "${type}"`, async () => this.all(type)[from]);
  }

  async sees(pattern: RegExp | string): Promise<void> {
    const shown = () => `the terminal to show ${pattern}; it shows ${JSON.stringify(this.#shown.slice(-500))}`;
    await eventually(shown, async () =>
      (typeof pattern === 'string' ? this.#shown.includes(pattern) : pattern.test(this.#shown)) ? true : undefined,
    );
  }

  async ended(): Promise<Message<'ended'>> {
    return this.message('ended');
  }

  async closing(): Promise<number> {
    const { code } = await eventually('the socket to be closed', async () => this.closed);
    return code;
  }
}

/** A ticket for this wish, from the API. `headers` as a page or a program sends them. */
export async function ticketFor(
  bastion: Pick<Bastion, 'httpPort'>,
  headers: Record<string, string>,
  wish: { asset: string; account?: string; protocol?: string; use?: string },
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${bastion.httpPort}/api/v1/connections`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(wish),
  });
  const answer = (await response.json()) as { ticket?: string };
  if (answer.ticket === undefined) throw new Error(`no ticket: ${JSON.stringify(answer)}`);
  return answer.ticket;
}

/** A terminal of the bearer of this API token. */
export async function openWebTerminal(
  bastion: Bastion,
  token: string,
  wish: { asset: string; account?: string; protocol?: string },
  options: WebTerminalOptions = {},
): Promise<WebTerminal> {
  const ticket = await ticketFor(bastion, { Authorization: `Bearer ${token}` }, wish);
  const { cols = 80, rows = 24, input } = options;
  const hello = { type: 'hello', ticket, cols, rows, ...(input && { input }) } as const;
  return new WebTerminal(bastion, hello, { ...options, token });
}
