import { MAX_PACKET, SftpError } from './wire.ts';

/** Puts the pieces of a stream together to whole packets. Throws `SftpError` at a length that cannot be. */
export class SftpPackets {
  readonly #packet: (type: number, id: number, packet: Buffer) => void;
  #pieces: Buffer[] = [];
  #have = 0;
  /** Of the packet under way, its length field counted; 4 until that is known. */
  #need = 4;

  /** `packet`: type, id (or version), and all of it, by reference where it came in one piece. */
  constructor(packet: (type: number, id: number, packet: Buffer) => void) {
    this.#packet = packet;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const end = Math.min(chunk.length, at + this.#need - this.#have);
      this.#pieces.push(chunk.subarray(at, end));
      this.#have += end - at;
      at = end;
      if (this.#have < this.#need) return;
      const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#have);
      if (this.#need === 4) {
        // once more from its length on, so that what comes in one piece stays in one
        const length = whole.readUInt32BE(0);
        if (length < 5 || length > MAX_PACKET) throw new SftpError('a packet has an impossible length');
        this.#need = 4 + length;
        if (this.#pieces.length === 1 && at >= 4) {
          at -= 4;
          this.#clear();
        } else this.#pieces = [whole];
        continue;
      }
      this.#clear();
      this.#need = 4;
      this.#packet(whole[4]!, whole.readUInt32BE(5), whole);
    }
  }

  #clear(): void {
    this.#pieces = [];
    this.#have = 0;
  }
}
