import { SftpClient } from '../../src/gateways/web/files/sftp-client.ts';
import { SftpPackets } from '../../src/kernel/sftp/packets.ts';
import { ATTR, packet, SftpReader, STATUS, string, TYPE, uint32, uint64 } from '../../src/kernel/sftp/wire.ts';
import { FakeClock } from '../kit/clock.ts';

export interface Request {
  readonly type: number;
  readonly id: number;
  readonly fields: SftpReader;
}

/** Attributes of a file of this mode and size. */
export const attrs = (mode: number, size = 0): Buffer =>
  Buffer.concat([uint32(ATTR.size | ATTR.permissions), uint64(size), uint32(mode)]);

export const FILE = 0o100644;
export const FOLDER = 0o040755;
export const LINK = 0o120777;

export const tell = {
  version: (version = 3) => packet(TYPE.version, version),
  ok: (id: number) => packet(TYPE.status, id, uint32(STATUS.ok), string(''), string('')),
  status: (id: number, code: number, text = '') => packet(TYPE.status, id, uint32(code), string(text), string('')),
  handle: (id: number, handle = 'h') => packet(TYPE.handle, id, string(handle)),
  attrs: (id: number, mode: number, size = 0) => packet(TYPE.attrs, id, attrs(mode, size)),
  data: (id: number, data: Buffer) => packet(TYPE.data, id, string(data)),
  names: (id: number, names: readonly (readonly [Buffer | string, number])[]) =>
    packet(
      TYPE.name,
      id,
      uint32(names.length),
      ...names.flatMap(([name, mode]) => [string(Buffer.from(name as string)), string(''), attrs(mode)]),
    ),
};

/** A client whose other side is played by the test: each request goes to `answer`, or waits in `asked`. */
export class PlayedServer {
  readonly clock = new FakeClock();
  readonly client: SftpClient;
  readonly asked: Request[] = [];
  readonly over: string[] = [];
  locked = false;
  answer: ((request: Request) => Buffer | readonly Buffer[] | undefined) | undefined;

  constructor() {
    const self = this;
    this.client = new SftpClient({
      clock: this.clock,
      get locked() {
        return self.locked;
      },
      over: (reason) => this.over.push(reason),
    });
    const packets = new SftpPackets((type, id, bytes) => this.#request(type, id, bytes));
    this.client.channel.attach({
      data: (chunk) => packets.push(chunk),
      drain() {},
      eof() {},
      resize() {},
      signal() {},
      closed() {},
    });
  }

  /** One that has said which version it speaks. */
  static async greeted(): Promise<PlayedServer> {
    const server = new PlayedServer();
    await server.turn();
    server.say(tell.version());
    await server.client.greeted;
    server.asked.length = 0;
    return server;
  }

  say(bytes: Buffer): void {
    this.client.channel.write(Buffer.from(bytes));
  }

  /** Lets everything happen that is due. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  #request(type: number, id: number, bytes: Buffer): void {
    const request = { type, id, fields: new SftpReader(Buffer.from(bytes), 9) };
    const answer = this.answer?.(request);
    if (answer === undefined) this.asked.push(request);
    else
      for (const one of Array.isArray(answer) ? (answer as Buffer[]) : [answer as Buffer])
        setImmediate(() => this.say(one));
  }
}
