import { once } from 'node:events';
import type { Socket } from 'node:net';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';

/** A connection of ssh2's client, logged in. It ends with the test through `using` or `end()`. */
export async function connectClient(port: number, options: ConnectConfig): Promise<Client & Disposable> {
  const client = new ssh2.Client();
  const ready = once(client, 'ready');
  client.connect({ host: '127.0.0.1', port, ...options });
  await ready;
  client.on('error', () => {});
  return Object.assign(client, { [Symbol.dispose]: () => void client.destroy() });
}

export interface ExecResult {
  readonly code: number | null;
  readonly signal: string | undefined;
  readonly out: Buffer;
  readonly err: string;
}

export function openExec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

/** What a channel gives until it closes. */
export function collect(channel: ClientChannel): Promise<ExecResult> {
  const out: Buffer[] = [];
  let err = '';
  let code: number | null = null;
  let signal: string | undefined;
  channel.on('data', (chunk: Buffer) => out.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  channel.on('exit', (status: number | null, name?: string) => {
    code = status;
    signal = name;
  });
  return new Promise((resolve) => channel.on('close', () => resolve({ code, signal, out: Buffer.concat(out), err })));
}

/** Listens inside ssh2's callback: the exit of a short program may stand in the same read as the start's confirmation. */
export function exec(client: Client, command: string): Promise<ExecResult> {
  return new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(collect(channel)))),
  );
}

interface Inside {
  readonly _protocol: {
    readonly _cipher: { allocPacket(bytes: number): Buffer; encrypt(packet: Buffer): void };
    readonly _handlers: Record<string, (...args: never[]) => void>;
  };
}

/** ssh2's own protocol, for what no well-behaved client does. */
export const insideOf = (client: Client) => (client as unknown as Inside)._protocol;

/** Sends one packet of our own making, encrypted and with a right MAC. */
export function sendPayload(client: Client, ...parts: (Buffer | number)[]): void {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  const { _cipher } = insideOf(client);
  const packet = _cipher.allocPacket(payload.length);
  packet.set(payload, 5);
  _cipher.encrypt(packet);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function string(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Message numbers of RFC 4252 and RFC 4254. */
export const MSG = {
  userauthRequest: 50,
  globalRequest: 80,
  channelOpen: 90,
  windowAdjust: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
} as const;

export interface Ending {
  readonly success: boolean;
}

/** A client after the key exchange, whose login is whatever `attack` sends; tells how the connection ended. */
export function halfway(sock: Socket, attack: (client: Client) => void): Promise<Ending> {
  const client = new ssh2.Client();
  const ending = { success: false };
  return new Promise((resolve) => {
    client.on('error', () => {});
    client.on('close', () => resolve(ending));
    client.connect({
      sock,
      username: 'alice@web1',
      authHandler: () => {
        const { _handlers: handlers } = insideOf(client);
        handlers.USERAUTH_FAILURE = (() => client.end()) as never;
        handlers.USERAUTH_SUCCESS = (() => {
          ending.success = true;
          client.end();
        }) as never;
        attack(client);
      },
    });
  });
}

/** SSH_MSG_USERAUTH_REQUEST (RFC 4252 §5). */
export const authRequest = (user: string, method: string, ...rest: (Buffer | number)[]) =>
  [MSG.userauthRequest, string(user), string('ssh-connection'), string(method), ...rest] as const;
