import { ATTR, OPEN, packet, SftpReader, STATUS, string, TYPE, uint32, uint64 } from '../../src/kernel/sftp/wire.ts';
import { Exchange } from '../../src/session/files/exchange.ts';
import type { TransferEntry } from '../../src/session/transfers.ts';
import type { Action } from '../../src/store/model.ts';

const NO_ATTRS = uint32(0);

/** Requests of a client, by name. */
export const ask = {
  init: (version = 3) => packet(TYPE.init, version),
  open: (id: number, path: string, flags: number) => packet(TYPE.open, id, string(path), uint32(flags), NO_ATTRS),
  close: (id: number, handle: string) => packet(TYPE.close, id, string(handle)),
  read: (id: number, handle: string, offset: number, length = 32_768) =>
    packet(TYPE.read, id, string(handle), uint64(offset), uint32(length)),
  write: (id: number, handle: string, offset: number, data: string | Buffer) =>
    packet(TYPE.write, id, string(handle), uint64(offset), string(data)),
  path: (type: number, id: number, ...paths: string[]) => packet(type, id, ...paths.map((path) => string(path))),
  setstat: (type: number, id: number, what: string) =>
    packet(type, id, string(what), uint32(ATTR.permissions | ATTR.times), uint32(0o100644), uint32(1), uint32(2)),
  extended: (id: number, name: string, ...fields: Buffer[]) => packet(TYPE.extended, id, string(name), ...fields),
};

/** Answers of a target. */
export const say = {
  version: (version = 3) => packet(TYPE.version, version, string('limits@openssh.com'), string('1')),
  handle: (id: number, handle: string) => packet(TYPE.handle, id, string(handle)),
  data: (id: number, data: string | Buffer) => packet(TYPE.data, id, string(data)),
  status: (id: number, code: number, message = '') =>
    packet(TYPE.status, id, uint32(code), string(message), string('')),
  ok: (id: number) => packet(TYPE.status, id, uint32(STATUS.ok), string('Success'), string('')),
  attrs: (id: number) => packet(TYPE.attrs, id, NO_ATTRS),
};

export const WRITE_NEW = OPEN.write | OPEN.create | OPEN.truncate;

/** The packets in these bytes, which are whole ones. */
export function packetsIn(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new Error(`a packet of ${end - at} bytes is cut after ${bytes.length - at}`);
    packets.push(bytes.subarray(at, end));
    at = end;
  }
  return packets;
}

/** `status 5 permission denied …`. */
export function statusIn(bytes: Buffer): { id: number; code: number; text: string } {
  if (bytes[4] !== TYPE.status) throw new Error(`a packet of type ${bytes[4]} is no status`);
  const fields = new SftpReader(bytes, 9);
  return { id: bytes.readUInt32BE(5), code: fields.uint32(), text: fields.string().toString() };
}

/** One exchange between a client and a target that are made of packets. */
export class Table {
  readonly exchange: Exchange;
  readonly rights: Set<Action>;
  readonly lines: string[] = [];
  readonly transfers: TransferEntry[] = [];
  readonly denied: string[] = [];
  #toTarget: Buffer[] = [];
  #toClient: Buffer[] = [];

  constructor(
    rights: readonly Action[] = ['connect', 'upload', 'download', 'delete'],
    method: 'sftp' | 'web' = 'sftp',
  ) {
    this.rights = new Set(rights);
    this.exchange = new Exchange({
      asset: 'web1',
      method,
      may: (action) => this.rights.has(action),
      now: () => 1000,
      toTarget: (chunk) => this.#toTarget.push(chunk),
      toClient: (chunk) => this.#toClient.push(chunk),
      tell: (line) => this.lines.push(line),
      transfer: (entry) => this.transfers.push(entry),
      denied: (action) => this.denied.push(action),
    });
  }

  /** Both have said which version they speak. */
  static begun(rights?: readonly Action[], method?: 'sftp' | 'web'): Table {
    const table = new Table(rights, method);
    table.client(ask.init());
    table.target(say.version());
    table.atTarget();
    table.atClient();
    return table;
  }

  client(...packets: Buffer[]): void {
    for (const one of packets) this.exchange.fromClient(Buffer.from(one));
  }

  target(...packets: Buffer[]): void {
    for (const one of packets) this.exchange.fromTarget(Buffer.from(one));
  }

  /** What reached the target since the last call. */
  atTarget(): Buffer {
    const bytes = Buffer.concat(this.#toTarget);
    this.#toTarget = [];
    return bytes;
  }

  atClient(): Buffer {
    const bytes = Buffer.concat(this.#toClient);
    this.#toClient = [];
    return bytes;
  }

  /** Opens a file under this handle. */
  open(handle: string, path: string, flags: number, id = 1): void {
    this.client(ask.open(id, path, flags));
    this.target(say.handle(id, handle));
    this.atTarget();
    this.atClient();
  }

  close(handle: string, id = 2): void {
    this.client(ask.close(id, handle));
    this.target(say.ok(id));
    this.atTarget();
    this.atClient();
  }
}
