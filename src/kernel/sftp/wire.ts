import { wireString as string, wireUint32 as uint32 } from '../wire.ts';

export { string, uint32 };

/** SFTP version 3, draft-ietf-secsh-filexfer-02: the one OpenSSH speaks. */
export const SFTP_VERSION = 3;
/** As OpenSSH: no packet is longer, its length field not counted. */
export const MAX_PACKET = 256 * 1024;

/** Packet types (§3). */
export const TYPE = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
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
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const;

/** Codes of STATUS (§7). */
export const STATUS = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

/** `pflags` of OPEN (§6.3). */
export const OPEN = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;

/** Flags of ATTRS (§5). */
export const ATTR = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const;

/**
 * EXTENDED with a handle, which only our own client sends and no target sees: who reads or writes this file has given it
 * up, so what passed is not all of it.
 */
export const GIVEN_UP = 'given-up@bastion';

/** What the other side sent is no SFTP. */
export class SftpError extends Error {}

/** Reads the fields of one packet. Throws `SftpError` when it is shorter than it says. */
export class SftpReader {
  readonly #bytes: Buffer;
  #at: number;

  /** `at`: 9 for what stands behind length, type and id. */
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0);
  }

  /** Offsets and sizes; exact up to 2^53. */
  uint64(): number {
    const bytes = this.#take(8);
    return bytes.readUInt32BE(0) * 0x1_0000_0000 + bytes.readUInt32BE(4);
  }

  /** By reference. */
  string(): Buffer {
    return this.#take(this.uint32());
  }

  #take(length: number): Buffer {
    if (length > this.left) throw new SftpError('a packet is shorter than it says');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

export const uint64 = (value: number): Buffer =>
  Buffer.concat([uint32(Math.floor(value / 0x1_0000_0000)), uint32(value % 0x1_0000_0000)]);

/** A whole packet: length, type, id, and its fields. */
export function packet(type: number, id: number, ...fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), uint32(id), ...fields]);
  return Buffer.concat([uint32(body.length), body]);
}

/** The answer to a request that gives nothing but how it went (§7). */
export function statusPacket(id: number, code: number, message: string): Buffer {
  return packet(TYPE.status, id, uint32(code), string(message), string(''));
}
