/** What begins a transfer: sz says ZRQINIT, rz says ZRINIT, both as a header in hex digits. */
const HEADER = /\*\*\x18B(0[01])[0-9a-f]{12}/;
const LONGEST = 18;
const CAN = 0x18;

export interface Wanted {
  /** `receive`: sz has a file for this side; `send`: rz waits for some. */
  readonly kind: 'receive' | 'send';
  /** Where in the chunk the header begins, negative when it began in an earlier one. */
  readonly at: number;
  readonly header: Uint8Array<ArrayBuffer>;
}

const latin = new TextDecoder('latin1');

/** Finds the beginning of a transfer in what a terminal shows. Chunks without a CAN byte cost one search for it. */
export class ZmodemDetector {
  #tail = '';

  find(chunk: Uint8Array): Wanted | undefined {
    const tail = this.#tail;
    this.#tail = latin.decode(chunk.subarray(-LONGEST)).slice(-LONGEST + 1);
    if (chunk.indexOf(CAN) < 0 && !tail.includes('\x18')) return undefined;
    const match = HEADER.exec(tail + latin.decode(chunk));
    if (!match || match.index + match[0].length <= tail.length) return undefined;
    this.#tail = '';
    return {
      kind: match[1] === '00' ? 'receive' : 'send',
      at: match.index - tail.length,
      header: Uint8Array.from(`${match[0]}\r\n`, (char) => char.charCodeAt(0)),
    };
  }
}
