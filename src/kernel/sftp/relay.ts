import { MAX_PACKET, SftpError, TYPE } from './wire.ts';

/** Length, type, and id or version. */
const SHORTEST_HEAD = 9;
/** §4: handles are opaque strings of up to this. */
const LONGEST_HANDLE = 256;

export interface RelayHost {
  /**
   * A packet has come: all of it, or, of a WRITE or DATA packet, what stands before its payload. `true` lets it pass
   * as it is, `false` drops it, a buffer takes its place (for WRITE and DATA that of their head). `head` is only lent.
   */
  packet(type: number, id: number, head: Buffer): boolean | Buffer;
  /** A piece of the payload of a WRITE or DATA packet that passes, by reference. */
  payload(piece: Buffer): void;
  /** Its last piece was that. */
  payloadEnd(): void;
  /** What goes on. */
  emit(chunk: Buffer): void;
}

/**
 * One direction of an SFTP connection, read as it passes. What passes unchanged goes on in the very pieces in which it
 * came; only a head that was cut by the end of a piece is held until the rest of it is there. Throws `SftpError` at
 * what is no SFTP.
 */
export class SftpRelay {
  readonly #host: RelayHost;
  /** A head of which too little has come, and how much of it has. */
  #held: Buffer | undefined;
  #filled = 0;
  /** Bytes of the current payload still to come, and whether they pass. */
  #left = 0;
  #passing = true;
  /** To go in between two packets. */
  #injected: Buffer[] = [];
  /** While a piece is read: it, and from where on it was not emitted yet. */
  #chunk: Buffer | undefined;
  #from = 0;
  #at = 0;

  constructor(host: RelayHost) {
    this.#host = host;
  }

  /** Whether what was emitted ends with a whole packet. */
  get betweenPackets(): boolean {
    return this.#left === 0 || !this.#passing;
  }

  /** Whether everything that came was whole packets. */
  get complete(): boolean {
    return this.#left === 0 && this.#held === undefined;
  }

  /** How many packets of our own wait for the end of the one that is under way. */
  get waiting(): number {
    return this.#injected.length;
  }

  /** Puts a packet of our own in, as soon as none is under way. */
  inject(packet: Buffer): void {
    if (this.#chunk || !this.betweenPackets) this.#injected.push(packet);
    else this.#host.emit(packet);
  }

  /** Emits what was read before the current packet: for a host that is about to send what follows elsewhere. */
  flush(): void {
    if (this.#chunk && this.#at > this.#from) this.#host.emit(this.#chunk.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#from = 0;
    this.#at = 0;
    try {
      while (this.#at < chunk.length) {
        if (this.#left > 0) this.#passPayload(chunk);
        else if (!this.#readHead(chunk)) break;
      }
      this.flush();
      if (this.betweenPackets) this.#emitInjected();
    } finally {
      this.#chunk = undefined;
    }
  }

  #passPayload(chunk: Buffer): void {
    const end = Math.min(chunk.length, this.#at + this.#left);
    this.#left -= end - this.#at;
    if (this.#passing) this.#host.payload(chunk.subarray(this.#at, end));
    this.#at = end;
    if (!this.#passing) this.#from = end;
    else if (this.#left === 0) this.#host.payloadEnd();
  }

  /** False: the rest of it has to come first. */
  #readHead(chunk: Buffer): boolean {
    if (this.#injected.length > 0 && this.betweenPackets) {
      this.flush();
      this.#emitInjected();
    }
    if (this.#held) return this.#completeHeld(chunk);
    const need = headLength(chunk, this.#at, chunk.length - this.#at);
    if (chunk.length - this.#at >= need) {
      this.#judge(chunk.subarray(this.#at, this.#at + need), true);
      return true;
    }
    this.flush();
    this.#hold(chunk.subarray(this.#at), need);
    this.#at = this.#from = chunk.length;
    return false;
  }

  #completeHeld(chunk: Buffer): boolean {
    for (;;) {
      const held = this.#held!;
      const taken = chunk.copy(held, this.#filled, this.#at, chunk.length);
      this.#filled += taken;
      this.#at = this.#from = this.#at + taken;
      if (this.#filled < held.length) return false;
      const need = headLength(held, 0, this.#filled);
      if (need === held.length) break;
      this.#hold(held, need);
    }
    const head = this.#held!;
    this.#held = undefined;
    this.#judge(head, false);
    return true;
  }

  #hold(bytes: Buffer, need: number): void {
    this.#held = Buffer.allocUnsafe(need);
    this.#filled = bytes.copy(this.#held);
  }

  /** `inChunk`: it stands in the current piece, at the place that was read up to. */
  #judge(head: Buffer, inChunk: boolean): void {
    const verdict = this.#host.packet(head[4]!, head.readUInt32BE(5), head);
    const passing = verdict !== false;
    if (verdict !== true || !inChunk) {
      this.flush();
      if (verdict !== false) this.#host.emit(verdict === true ? head : verdict);
      if (inChunk) this.#from = this.#at + head.length;
    }
    if (inChunk) this.#at += head.length;
    this.#left = 4 + head.readUInt32BE(0) - head.length;
    if (head[4] === TYPE.write && head.readUInt32BE(head.length - 4) !== this.#left)
      throw new SftpError('the lengths within a packet do not fit');
    this.#passing = passing;
    if (this.#left === 0 && passing && isBulk(head[4]!)) this.#host.payloadEnd();
  }

  #emitInjected(): void {
    for (const packet of this.#injected.splice(0)) this.#host.emit(packet);
  }
}

const isBulk = (type: number) => type === TYPE.write || type === TYPE.data;

/** How many bytes the head at this place has, as far as `available` bytes tell: all of the packet unless it is bulk. */
function headLength(bytes: Buffer, at: number, available: number): number {
  if (available < SHORTEST_HEAD) return SHORTEST_HEAD;
  const whole = 4 + bytes.readUInt32BE(at);
  if (whole < SHORTEST_HEAD || whole > 4 + MAX_PACKET) throw new SftpError('a packet has an impossible length');
  const type = bytes[at + 4]!;
  if (!isBulk(type)) return whole;
  if (available < SHORTEST_HEAD + 4) return SHORTEST_HEAD + 4;
  const first = bytes.readUInt32BE(at + SHORTEST_HEAD);
  // DATA: the length of its payload; WRITE: handle, offset, and then that length
  const head = type === TYPE.data ? SHORTEST_HEAD + 4 : SHORTEST_HEAD + 4 + first + 12;
  if (type === TYPE.write && first > LONGEST_HANDLE) throw new SftpError('a handle is too long');
  if (head > whole || (type === TYPE.data && head + first !== whole))
    throw new SftpError('the lengths within a packet do not fit');
  return head;
}
