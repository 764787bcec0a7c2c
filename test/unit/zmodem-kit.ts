import { crc32 } from 'node:zlib';
import type { TransferEntry } from '../../src/session/transfers.ts';
import { crc16 } from '../../src/session/zmodem/crc16.ts';
import type { ZmodemHost } from '../../src/session/zmodem/host.ts';
import { ZmodemWatch } from '../../src/session/zmodem/watch.ts';
import type { TransferDirection } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';

/** Types of headers, as the protocol numbers them. */
export const Z = {
  rqinit: 0,
  rinit: 1,
  sinit: 2,
  file: 4,
  skip: 5,
  fin: 8,
  rpos: 9,
  data: 10,
  eof: 11,
  ferr: 12,
} as const;
/** Ends of subpackets. */
export const END = { frame: 'h', more: 'i', asked: 'j', wait: 'k' } as const;

export const bytes = (text: string) => Buffer.from(text, 'latin1');

function body(type: number, position: number): Buffer {
  const five = Buffer.alloc(5);
  five[0] = type;
  five.writeUInt32LE(position, 1);
  return five;
}

function sum16(content: Buffer): Buffer {
  const sum = Buffer.alloc(2);
  sum.writeUInt16BE(crc16(content, content.length));
  return sum;
}

function sum32(content: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(content));
  return sum;
}

/** Escapes what lrzsz escapes. */
function escaped(content: Buffer): Buffer {
  const out: number[] = [];
  for (const byte of content) {
    if ([0x18, 0x10, 0x11, 0x13, 0x90, 0x91, 0x93].includes(byte)) out.push(0x18, byte ^ 0x40);
    else if (byte === 0x7f) out.push(0x18, 0x6c);
    else if (byte === 0xff) out.push(0x18, 0x6d);
    else out.push(byte);
  }
  return Buffer.from(out);
}

export function hex(type: number, position = 0): Buffer {
  const content = body(type, position);
  const digits = Buffer.concat([content, sum16(content)]).toString('hex');
  return bytes(`**\x18B${digits}\r\x8a${type === Z.fin ? '' : '\x11'}`);
}

export function bin16(type: number, position = 0): Buffer {
  const content = body(type, position);
  return Buffer.concat([bytes('*\x18A'), escaped(Buffer.concat([content, sum16(content)]))]);
}

export function bin32(type: number, position = 0): Buffer {
  const content = body(type, position);
  return Buffer.concat([bytes('*\x18C'), escaped(Buffer.concat([content, sum32(content)]))]);
}

export function subpacket(content: Buffer, end: string = END.frame, width: 16 | 32 = 32): Buffer {
  const whole = Buffer.concat([content, bytes(end)]);
  const sum = width === 32 ? sum32(whole) : sum16(whole);
  return Buffer.concat([escaped(content), bytes(`\x18${end}`), escaped(sum)]);
}

export function fileFrame(name: string, size: number): Buffer {
  return Buffer.concat([bin32(Z.file), subpacket(Buffer.from(`${name}\0${size} 0 0 0 1 ${size}\0`), END.wait)]);
}

/** A whole file: its data in subpackets of this length, and its end. */
export function dataFrames(content: Buffer, from = 0, step = 1024): Buffer {
  const parts = [bin32(Z.data, from)];
  for (let at = from; at < content.length || at === from; at += step) {
    const last = at + step >= content.length;
    parts.push(subpacket(content.subarray(at, at + step), last ? END.frame : END.more));
  }
  return Buffer.concat([...parts, hex(Z.eof, content.length)]);
}

/** A terminal around the watch, that keeps what it is given. */
export class FakeTerminal implements ZmodemHost {
  readonly clock = new FakeClock();
  readonly allowed = new Set<TransferDirection>(['upload', 'download']);
  readonly watch: ZmodemWatch = new ZmodemWatch(this);
  readonly files: TransferEntry[] = [];
  readonly notices: string[] = [];
  readonly told: string[] = [];
  readonly typedChunks: string[] = [];
  shown = '';
  given = '';
  sent = '';
  touches = 0;
  unparsed = 0;

  may(direction: TransferDirection): boolean {
    return this.allowed.has(direction);
  }
  show(chunk: Buffer): void {
    this.shown += chunk.toString('latin1');
  }
  give(chunk: Buffer): void {
    this.given += chunk.toString('latin1');
  }
  send(chunk: Buffer): void {
    this.sent += chunk.toString('latin1');
  }
  typed(chunk: Buffer): void {
    this.typedChunks.push(chunk.toString('latin1'));
    this.send(chunk);
  }
  touched(): void {
    this.touches++;
  }
  notice(text: string): void {
    this.notices.push(text);
    this.given += `\n${text}\n`;
  }
  tell(text: string): void {
    this.told.push(text);
  }
  transfer(entry: TransferEntry): void {
    this.files.push(entry);
  }

  unproven(): void {
    this.unparsed++;
  }

  /** As the pump does it. */
  output(chunk: Buffer | string): void {
    const data = typeof chunk === 'string' ? bytes(chunk) : chunk;
    if (this.watch.output(data)) return;
    this.show(data);
    this.give(data);
  }
  input(chunk: Buffer | string): void {
    const data = typeof chunk === 'string' ? bytes(chunk) : chunk;
    if (!this.watch.input(data)) this.typed(data);
  }
}
