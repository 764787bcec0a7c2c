import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { AppError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';

/** Bytes that may wait for a page which does not read them before it is given up. */
const MAX_UNREAD = 1024 * 1024;
/** Close codes, RFC 6455 §7.4.1. */
const CLOSE = { normal: 1000, goingAway: 1001, policy: 1008, failure: 1011 } as const;
const BINARY = { binary: true, compress: false, fin: true } as const;

export interface PageEvents<In> {
  message(message: In): void;
  /** A binary frame. The buffer is ours to keep. */
  bytes(chunk: Buffer): void;
  /** What came is no message of the contract; nothing more is read. */
  broken(error: AppError): void;
  /** `clean`: this side had said all there was to say. Called once. */
  closed(clean: boolean): void;
}

/** One WebSocket of a page: checked messages in, messages out, bytes by reference both ways. */
export class PageSocket<In, Out extends { readonly type: string }> {
  readonly #ws: WebSocket;
  readonly #log: Log;
  readonly #maxUnread: number;
  #finished = false;
  #broken = false;

  /** `maxUnread`: where more than messages is sent without the page having asked for it. */
  constructor(ws: WebSocket, schema: z.ZodType<In>, log: Log, events: PageEvents<In>, maxUnread = MAX_UNREAD) {
    this.#ws = ws;
    this.#log = log;
    this.#maxUnread = maxUnread;
    ws.on('message', (data: Buffer, binary: boolean) => {
      if (this.#broken || this.#finished) return;
      try {
        if (binary) events.bytes(data);
        else events.message(read(schema, data));
      } catch (error) {
        if (!(error instanceof AppError)) log.error({ err: error }, 'a message of a page could not be handled');
        this.#broken = true;
        events.broken(
          error instanceof AppError ? error : new AppError('internal', 'what was sent could not be handled'),
        );
      }
    });
    // with its text the client's own fault (frames too large, no UTF-8); `close` follows
    ws.on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
    ws.on('close', (code) => events.closed(this.#finished && code === CLOSE.normal));
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && !this.#finished;
  }

  /** Bytes that wait for the network. */
  get unread(): number {
    return this.#ws.bufferedAmount;
  }

  send(message: Out): void {
    if (!this.open) return;
    if (this.unread > this.#maxUnread) {
      this.#log.info('a page does not read what it is sent');
      this.#ws.terminate();
      return;
    }
    this.#ws.send(JSON.stringify(message));
  }

  /** By reference. `sent` is called when the operating system has the bytes, or the socket is gone. */
  sendBytes(chunk: Buffer, sent: () => void): void {
    this.#ws.send(chunk, BINARY, sent);
  }

  /** Says what did not work, and closes. */
  refuse({ code, message }: AppError): void {
    this.send({ type: 'error', code, message } as never);
    this.#close(CLOSE.policy);
  }

  /** All there was to say is said. */
  finish(): void {
    this.#close(CLOSE.normal);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #close(code: number): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#ws.close(code);
  }
}

export { CLOSE };

/** @throws AppError `invalid` */
function read<In>(schema: z.ZodType<In>, data: Buffer): In {
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    throw new AppError('invalid', 'a message was no JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new AppError('invalid', `a message was not understood (${[...path, message].join(': ').slice(0, 200)})`);
}
