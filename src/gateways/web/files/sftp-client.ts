import type { Clock } from '../../../kernel/clock.ts';
import { InnerChannel } from '../../../kernel/inner-channel.ts';
import { printable } from '../../../kernel/printable.ts';
import { type Attributes, readAttributes } from '../../../kernel/sftp/attributes.ts';
import { SftpPackets } from '../../../kernel/sftp/packets.ts';
import {
  GIVEN_UP,
  packet,
  SFTP_VERSION,
  SftpError,
  SftpReader,
  STATUS,
  string,
  TYPE,
  uint32,
  uint64,
} from '../../../kernel/sftp/wire.ts';

/** A target that says nothing for so long is given up, and so is one that leaves a request unanswered for so long. */
const SILENT_MS = 60_000;
const UNANSWERED_MS = 10 * 60_000;
const LOOK_MS = 5_000;
const LONGEST_TEXT = 300;
/** §4 of the draft. */
const LONGEST_HANDLE = 256;
const NO_ATTRIBUTES = uint32(0);
const INIT = Buffer.concat([uint32(5), Buffer.of(TYPE.init), uint32(SFTP_VERSION)]);

/** The other side answered no, in these words. */
export class SftpFailure extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** One entry of a folder, as READDIR tells it. */
export interface Listed {
  readonly name: Buffer;
  /** The line that `ls -l` would show. */
  readonly line: Buffer;
  readonly attributes: Attributes;
}

export interface SftpClientHost {
  readonly clock: Clock;
  /** While it is locked nothing is answered, and that is nobody's fault. */
  readonly locked: boolean;
  /** Nothing works any more, for this reason; called once. `ours`: the session itself is still there. */
  over(reason: string, ours: boolean): void;
}

interface Waiting {
  since: number;
  settle(type: number, fields: SftpReader): void;
  reject(error: Error): void;
}

/**
 * The SFTP client of the pages, at the client's end of a session. It trusts nothing the other side says: what does not
 * answer a request, or not in its kind, ends it. Methods reject with `SftpFailure` when the other side says no.
 */
export class SftpClient {
  readonly channel: InnerChannel;
  readonly #host: SftpClientHost;
  readonly #packets = new SftpPackets((type, id, bytes) => this.#answer(type, id, bytes));
  readonly #waiting = new Map<number, Waiting>();
  readonly #stopLooking: () => void;
  #id = 0;
  #heard: number;
  #greeting = Promise.withResolvers<void>();
  #greeted = false;
  /** Why nothing works any more. */
  failure: SftpFailure | undefined;
  /** The last sentence on stderr, which tells why a session ends. */
  #said = '';

  constructor(host: SftpClientHost) {
    this.#host = host;
    this.#heard = host.clock.monotonic();
    // who does not wait for the greeting any more hears of the failure elsewhere
    this.#greeting.promise.catch(() => {});
    this.channel = new InnerChannel({
      data: (chunk) => this.#data(chunk),
      stderr: (chunk) => {
        this.#said = printable(chunk.toString().trim(), LONGEST_TEXT);
      },
      // what is asked for at once is bounded, so what is answered is, too
      blocked: false,
      full: () => {},
      closed: () => this.fail(this.#said.replace(/^bastion: /, '') || 'the connection ended', false),
    });
    this.#stopLooking = host.clock.every(LOOK_MS, () => this.#look());
    this.channel.send(INIT);
  }

  /** Resolves when the other side has said which version it speaks. */
  get greeted(): Promise<void> {
    return this.#greeting.promise;
  }

  /** Nothing more is asked: what waits for an answer gets this instead. */
  fail(reason: string, ours: boolean): void {
    if (this.failure) return;
    this.#stopLooking();
    this.failure = new SftpFailure(LOST, reason);
    this.#greeting.reject(this.failure);
    for (const waiting of this.#waiting.values()) waiting.reject(this.failure);
    this.#waiting.clear();
    this.#host.over(reason, ours);
  }

  /** Absolute, without links. */
  async realpath(path: Buffer): Promise<Buffer> {
    const [first] = await this.#ask([TYPE.realpath, string(path)], (type, fields) => names(type, fields));
    if (first?.name[0] !== 0x2f) throw new SftpFailure(STATUS.failure, 'the path it gave is none');
    return first.name;
  }

  stat(path: Buffer): Promise<Attributes> {
    return this.#ask([TYPE.stat, string(path)], attributes);
  }

  lstat(path: Buffer): Promise<Attributes> {
    return this.#ask([TYPE.lstat, string(path)], attributes);
  }

  fstat(handle: Buffer): Promise<Attributes> {
    return this.#ask([TYPE.fstat, string(handle)], attributes);
  }

  /** `flags`: of `OPEN`. */
  open(path: Buffer, flags: number): Promise<Buffer> {
    return this.#ask([TYPE.open, string(path), uint32(flags), NO_ATTRIBUTES], handleIn);
  }

  opendir(path: Buffer): Promise<Buffer> {
    return this.#ask([TYPE.opendir, string(path)], handleIn);
  }

  /** The next entries, `.` and `..` too; undefined at the end. */
  readdir(handle: Buffer): Promise<Listed[] | undefined> {
    return this.#untilEnd([TYPE.readdir, string(handle)], (type, fields) => {
      const found = names(type, fields);
      if (found.length === 0) throw new SftpError('it listed nothing where it should list something');
      return found;
    });
  }

  /** At most `length` bytes; undefined at the end of the file. */
  read(handle: Buffer, offset: number, length: number): Promise<Buffer | undefined> {
    return this.#untilEnd([TYPE.read, string(handle), uint64(offset), uint32(length)], (type, fields) => {
      if (type !== TYPE.data) throw unfit();
      const data = fields.string();
      if (data.length === 0 || data.length > length) throw new SftpError('it sent another length than was asked for');
      return data;
    });
  }

  /** `piece` goes on by reference. */
  write(handle: Buffer, offset: number, piece: Buffer): Promise<void> {
    const head = Buffer.concat([string(handle), uint64(offset), uint32(piece.length)]);
    return this.#ask([TYPE.write, head, piece], done);
  }

  close(handle: Buffer): Promise<void> {
    return this.#ask([TYPE.close, string(handle)], done);
  }

  /** Says of an open file that not all of it was wanted in the end. */
  giveUp(handle: Buffer): Promise<void> {
    return this.#ask([TYPE.extended, string(GIVEN_UP), string(handle)], done);
  }

  mkdir(path: Buffer): Promise<void> {
    return this.#ask([TYPE.mkdir, string(path), NO_ATTRIBUTES], done);
  }

  rmdir(path: Buffer): Promise<void> {
    return this.#ask([TYPE.rmdir, string(path)], done);
  }

  remove(path: Buffer): Promise<void> {
    return this.#ask([TYPE.remove, string(path)], done);
  }

  /** Never takes the place of another file. */
  rename(from: Buffer, to: Buffer): Promise<void> {
    return this.#ask([TYPE.rename, string(from), string(to)], done);
  }

  #untilEnd<T>(request: Asked, read: (type: number, fields: SftpReader) => T): Promise<T | undefined> {
    return this.#ask<T | undefined>(request, read).catch((error: unknown) => {
      if (error instanceof SftpFailure && error.code === STATUS.eof) return undefined;
      throw error;
    });
  }

  /** A STATUS other than OK rejects; `read` gets everything else and throws `SftpError` at what does not fit. */
  #ask<T>(request: Asked, read: (type: number, fields: SftpReader) => T): Promise<T> {
    if (this.failure) return Promise.reject(this.failure);
    const [type, ...fields] = request;
    do this.#id = (this.#id + 1) >>> 0;
    while (this.#waiting.has(this.#id));
    const id = this.#id;
    const payload = type === TYPE.write ? fields.pop()! : undefined;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const since = this.#host.clock.monotonic();
    if (this.#waiting.size === 0) this.#heard = since;
    this.#waiting.set(id, { since, reject, settle: (answer, reader) => resolve(read(answer, reader)) });
    const head = packet(type, id, ...fields);
    if (payload) {
      head.writeUInt32BE(head.length - 4 + payload.length);
      this.channel.send(head);
      this.channel.send(payload);
    } else this.channel.send(head);
    return promise;
  }

  #data(chunk: Buffer): void {
    if (this.failure) return;
    this.#heard = this.#host.clock.monotonic();
    try {
      this.#packets.push(chunk);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      this.fail(`what it answers is no SFTP: ${error.message}`, true);
    }
  }

  #answer(type: number, id: number, bytes: Buffer): void {
    if (this.failure) return;
    if (!this.#greeted) {
      if (type !== TYPE.version || id !== SFTP_VERSION) throw new SftpError('it does not speak version 3');
      this.#greeted = true;
      this.#greeting.resolve();
      return;
    }
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new SftpError('it answered what nobody asked');
    this.#waiting.delete(id);
    const fields = new SftpReader(bytes, 9);
    try {
      const failure = type === TYPE.status ? failureIn(fields) : undefined;
      if (failure) waiting.reject(failure);
      else waiting.settle(type, fields);
    } catch (error) {
      waiting.reject(error as Error);
      throw error;
    }
  }

  #look(): void {
    const now = this.#host.clock.monotonic();
    const waits = this.#waiting.size > 0 || !this.#greeted;
    if (this.#host.locked || !waits) {
      this.#heard = now;
      for (const waiting of this.#waiting.values()) waiting.since = now;
      return;
    }
    // ids go round, but what waits longest stands first
    const oldest = this.#waiting.values().next().value?.since ?? now;
    if (now - this.#heard >= SILENT_MS || now - oldest >= UNANSWERED_MS) this.fail('it does not answer any more', true);
  }
}

/** No code of SFTP: there is nobody any more who could answer. */
export const LOST = -1;

type Asked = [type: number, ...fields: Buffer[]];

const unfit = () => new SftpError('it answered something of another kind than was asked for');

/** Undefined when it says that all went well. */
function failureIn(fields: SftpReader): SftpFailure | undefined {
  const code = fields.uint32();
  if (code === STATUS.ok) return undefined;
  const text = fields.left > 4 ? fields.string().toString('utf8', 0, 4 * LONGEST_TEXT) : '';
  return new SftpFailure(code, printable(text.trim(), LONGEST_TEXT));
}

function done(type: number): void {
  if (type !== TYPE.status) throw unfit();
}

function handleIn(type: number, fields: SftpReader): Buffer {
  if (type !== TYPE.handle) throw unfit();
  const handle = fields.string();
  if (handle.length > LONGEST_HANDLE) throw new SftpError('it gave a handle that is too long');
  return Buffer.from(handle);
}

function attributes(type: number, fields: SftpReader): Attributes {
  if (type !== TYPE.attrs) throw unfit();
  return readAttributes(fields);
}

function names(type: number, fields: SftpReader): Listed[] {
  if (type !== TYPE.name) throw unfit();
  const count = fields.uint32();
  const found: Listed[] = [];
  for (let i = 0; i < count; i++)
    found.push({ name: fields.string(), line: fields.string(), attributes: readAttributes(fields) });
  return found;
}
