import type { ClientChannel } from 'ssh2';
import { string, uint32 } from '../kit/raw-ssh.ts';
import { FORCED } from './credentials.ts';

/** SSH_FXP_* of draft-ietf-secsh-filexfer-02. */
export const FXP = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  setstat: 9,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  extended: 200,
} as const;

/** SSH_FXF_*. */
export const MODE = { read: 1, write: 2, append: 4, create: 8, truncate: 16 } as const;
export const NO_ATTRIBUTES = uint32(0);

export interface Answer {
  readonly type: number;
  /** Of a status. */
  readonly code: number;
  readonly text: string;
  readonly body: Buffer;
}

/** SFTP version 3 as bytes: says exactly what it is told to, and takes what comes. */
export class Sftp {
  readonly channel: ClientChannel;
  /** Settles with what came before the end; whoever waits for an answer then gets none. */
  readonly closed: Promise<void>;
  over = false;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #bytes = Buffer.alloc(0);
  #nextId = 1;

  private constructor(channel: ClientChannel) {
    this.channel = channel;
    channel.on('data', (chunk: Buffer) => this.#take(chunk));
    this.closed = new Promise((resolve) => {
      channel.on('close', () => {
        this.over = true;
        for (const settle of this.#waiting.values())
          settle({ type: 0, code: -1, text: 'the channel closed', body: Buffer.alloc(0) });
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** The protocol on a channel on which a server was started; a text when something else came. */
  static start(channel: ClientChannel): Promise<Sftp | string> {
    let text = Buffer.alloc(0);
    let err = '';
    channel.write(Buffer.concat([uint32(5), Buffer.from([FXP.init]), uint32(3)]));
    return new Promise((resolve) => {
      const onData = (chunk: Buffer) => {
        text = Buffer.concat([text, chunk]);
        // what is no SFTP server may wait for the end of its input
        if (text.includes(FORCED)) channel.end();
        if (text.length < 5) return;
        const length = text.readUInt32BE(0);
        if (text[4] !== 2 || length > 64 * 1024) return;
        if (text.length < 4 + length) return;
        channel.off('data', onData);
        const sftp = new Sftp(channel);
        sftp.#take(text.subarray(4 + length));
        resolve(sftp);
      };
      channel.on('data', onData);
      channel.stderr.on('data', (chunk: Buffer) => {
        err += chunk;
      });
      channel.once('close', () => resolve(`${text.toString('latin1')}${err}`));
    });
  }

  request(type: number, ...parts: readonly (Buffer | string)[]): Promise<Answer> {
    if (this.over) return Promise.resolve({ type: 0, code: -1, text: 'the channel is closed', body: Buffer.alloc(0) });
    const id = this.#nextId++;
    const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? string(part) : part)));
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.channel.write(Buffer.concat([uint32(5 + body.length), Buffer.from([type]), uint32(id), body]));
    });
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUInt32BE(0);
      if (this.#bytes.length < 4 + length) return;
      const type = this.#bytes[4]!;
      const id = this.#bytes.readUInt32BE(5);
      const body = this.#bytes.subarray(9, 4 + length);
      this.#bytes = this.#bytes.subarray(4 + length);
      const status = type === FXP.status;
      const code = status ? body.readUInt32BE(0) : 0;
      const text = status ? body.toString('utf8', 8, 8 + body.readUInt32BE(4)) : '';
      this.#waiting.get(id)?.({ type, code, text, body });
      this.#waiting.delete(id);
    }
  }
}

/** The handle or the bytes of an answer, which stand in it as one string. */
export const stringOf = ({ body }: Answer) => body.subarray(4, 4 + body.readUInt32BE(0));
