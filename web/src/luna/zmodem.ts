import { Receiver, ReceiverEvent, Sender, SenderEvent } from 'zmodem2';

/** The way to the program on the other side. */
export interface ZmodemWire {
  /** False: too much waits already. */
  send(bytes: Uint8Array): boolean;
  /** Bytes that have not gone out yet. */
  pending(): number;
}

export interface ZmodemEvents {
  progress(name: string, done: number, size: number): void;
  received(name: string, content: Blob): void;
  /** `skipped`: names the other side did not want. What came behind the end is for the screen. */
  done(skipped: readonly string[], rest: Uint8Array<ArrayBuffer>): void;
  failed(why: 'cancelled' | 'broken' | 'too-large'): void;
}

const CAN = 0x18;
/** So many in a row give a transfer up. */
const CANS = 5;
export const ABORT = Uint8Array.from([...Array(8).fill(CAN), ...Array(10).fill(8)]);
/** A file that is received lies in memory until it is whole. */
export const MAX_RECEIVED = 1024 ** 3;
const BLOB_BYTES = 4 * 1024 * 1024;
/** While so much waits to go out, nothing more is read from the file. */
const FULL = 1024 * 1024;
const READ_BYTES = 512 * 1024;
const ZSKIP = /\*\*\x18B05[0-9a-f]{12}/;

/** One batch of files by ZMODEM, received or sent. */
export interface Zmodem {
  /** Takes what the program sends. */
  feed(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is room for more. */
  room(): void;
  cancel(): void;
}

/** Notices five CAN bytes in a row. */
class Cancelled {
  #count = 0;
  seen(byte: number): boolean {
    this.#count = byte === CAN ? this.#count + 1 : 0;
    return this.#count >= CANS;
  }
}

/** Names travel as bytes; the library takes each as a letter. */
const nameBytes = (name: string) => String.fromCharCode(...new TextEncoder().encode(name));
const nameOf = (raw: string) => {
  const text = new TextDecoder().decode(Uint8Array.from(raw, (char) => char.charCodeAt(0)));
  const last = text.split(/[/\\]/).at(-1)!;
  return last.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 200) || 'file';
};

export function receiveFiles(wire: ZmodemWire, events: ZmodemEvents): Zmodem {
  const receiver = new Receiver();
  const cancelled = new Cancelled();
  const one = new Uint8Array(1);
  let over = false;
  let name = '';
  let size = 0;
  let done = 0;
  let parts: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  const pack = () => {
    parts.push(new Blob(chunks));
    chunks = [];
    waiting = 0;
  };
  const fail = (why: Parameters<ZmodemEvents['failed']>[0]) => {
    over = true;
    wire.send(ABORT);
    events.failed(why);
  };
  const flush = () => {
    const out = receiver.drainOutgoing();
    if (out.length > 0) wire.send(out);
  };
  const step = (): boolean => {
    const data = receiver.drainFile();
    if (data.length > 0) {
      chunks.push(data as Uint8Array<ArrayBuffer>);
      waiting += data.length;
      done += data.length;
      if (waiting >= BLOB_BYTES) pack();
      if (done > MAX_RECEIVED) return false;
    }
    for (let event = receiver.pollEvent(); event !== null; event = receiver.pollEvent()) {
      if (event === ReceiverEvent.FileStart) {
        name = nameOf(receiver.getFileName());
        size = receiver.getFileSize();
        done = 0;
        parts = [];
      } else if (event === ReceiverEvent.FileComplete) {
        pack();
        events.received(name, new Blob(parts, { type: 'application/octet-stream' }));
        parts = [];
      } else over = true;
    }
    flush();
    return true;
  };
  flush();
  return {
    feed(bytes) {
      // byte by byte: of a header that is not whole the library does not tell how much of it it took
      for (let at = 0; at < bytes.length && !over; at++) {
        const byte = bytes[at]!;
        if (cancelled.seen(byte)) {
          over = true;
          return events.failed('cancelled');
        }
        one[0] = byte;
        try {
          receiver.feedIncoming(one);
          if (!step()) return fail('too-large');
        } catch {
          return fail('broken');
        }
        if (over) return events.done([], afterEnd(bytes.subarray(at + 1)));
      }
      events.progress(name, done, size);
    },
    room: () => {},
    cancel: () => {
      if (!over) fail('cancelled');
    },
  };
}

/** What sz says good bye with (`OO`, and the end of its last header) is not for the screen. */
function afterEnd(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let at = 0;
  while (at < bytes.length && [0x0d, 0x0a, 0x8a, 0x8d, 0x11].includes(bytes[at]!)) at++;
  if (bytes[at] === 0x4f && bytes[at + 1] === 0x4f) at += 2;
  return bytes.subarray(at);
}

/** `header`: what rz began with. */
export function sendFiles(
  files: readonly File[],
  header: Uint8Array<ArrayBuffer>,
  wire: ZmodemWire,
  events: ZmodemEvents,
): Zmodem {
  const cancelled = new Cancelled();
  const latin = new TextDecoder('latin1');
  const skipped: string[] = [];
  const one = new Uint8Array(1);
  let sender = new Sender(false);
  let at = 0;
  let over = false;
  let heard = '';
  let buffer: { from: number; bytes: Uint8Array } = { from: 0, bytes: new Uint8Array(0) };
  let pumping = false;
  const fail = (why: Parameters<ZmodemEvents['failed']>[0]) => {
    if (over) return;
    over = true;
    wire.send(ABORT);
    events.failed(why);
  };
  const flush = () => {
    const out = sender.drainOutgoing();
    if (out.length > 0 && !wire.send(out)) fail('broken');
  };
  const next = () => {
    const file = files[at];
    if (file) sender.startFile(nameBytes(file.name), file.size);
    else sender.finishSession();
    buffer = { from: 0, bytes: new Uint8Array(0) };
    flush();
  };
  const hear = (bytes: Uint8Array) => {
    for (const byte of bytes) {
      one[0] = byte;
      sender.feedIncoming(one);
      flush();
    }
  };
  /** A new sender that knows already whom it speaks to. */
  const renew = () => {
    sender = new Sender(false);
    hear(header);
    next();
  };
  const pump = async () => {
    if (pumping || over) return;
    pumping = true;
    try {
      for (;;) {
        const event = sender.pollEvent();
        if (event === SenderEvent.FileComplete) {
          at++;
          next();
        } else if (event === SenderEvent.SessionComplete) {
          over = true;
          return events.done(skipped, new Uint8Array(0));
        }
        const request = sender.pollFile();
        const file = files[at];
        if (!request || !file || over) return;
        if (wire.pending() > FULL) return;
        const { offset, len } = request;
        if (offset < buffer.from || offset + len > buffer.from + buffer.bytes.length) {
          buffer = { from: offset, bytes: new Uint8Array(await file.slice(offset, offset + READ_BYTES).arrayBuffer()) };
          // given up, or begun again, while the file was read
          if (over || sender.pollFile() !== request) continue;
        }
        const start = offset - buffer.from;
        sender.feedFile(buffer.bytes.subarray(start, start + len));
        flush();
        events.progress(file.name, offset + len, file.size);
      }
    } catch {
      fail('broken');
    } finally {
      pumping = false;
    }
  };
  hear(header);
  next();
  return {
    feed(bytes) {
      if (over) return;
      for (const byte of bytes) {
        if (!cancelled.seen(byte)) continue;
        over = true;
        return events.failed('cancelled');
      }
      heard = (heard + latin.decode(bytes)).slice(-64);
      try {
        if (ZSKIP.test(heard)) {
          heard = '';
          skipped.push(files[at]?.name ?? '');
          at++;
          renew();
        } else hear(bytes);
      } catch {
        return fail('broken');
      }
      void pump();
    },
    room: () => void pump(),
    cancel: () => fail('cancelled'),
  };
}
