import { crc32 } from 'node:zlib';
import type { SessionId } from '../kernel/id.ts';
import type { CommandRow, EndCause } from '../store/model.ts';

/**
 * The spool format: frames one after the other, nothing between them. Little endian:
 *
 *     u32 payload length | u32 crc32 | u48 time | u8 kind | u8 zero | payload
 *
 * The time is microseconds since the session began; the checksum covers everything behind itself, so a frame is
 * either whole or recognised as not being one.
 */
export const FRAME_HEAD = 16;
/** Longer payloads are not written; a length above it can only be damage. */
export const MAX_PAYLOAD = 16 * 1024 * 1024;

export const FRAME = {
  header: 1,
  output: 2,
  stderr: 3,
  resize: 4,
  notice: 5,
  marker: 6,
  snapshot: 7,
  counts: 8,
  end: 9,
  command: 10,
} as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** First frame of every spool: what the recording says about its session. */
export interface SpoolHeader {
  readonly version: 1;
  readonly id: SessionId;
  /** Milliseconds since 1970; frame times count from here. */
  readonly startedAt: number;
  /** null without a terminal. */
  readonly size: { readonly cols: number; readonly rows: number } | null;
  readonly term: string | null;
  readonly user: string;
  readonly asset: string;
  readonly account: string;
  readonly command: string | null;
}

/** A command as the recording knows it: what the player shows, and what a crash leaves of the command log. */
export type SpoolCommand = Pick<
  CommandRow,
  'id' | 'at' | 'line' | 'confidence' | 'context' | 'verdict' | 'filter' | 'reviewer' | 'offset'
>;

/** What was left out of a recording, and the hashes of what went by. */
export interface SpoolCounts {
  readonly skippedBytes: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** SHA-256 (hex) of all bytes of each stream so far, when they are kept. */
  readonly stdoutSha256: string | null;
  readonly stderrSha256: string | null;
}

/** Last frame of a spool whose session ended in an orderly way. */
export interface SpoolEnd {
  readonly cause: EndCause;
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The head of a frame for this payload. */
export function frameHead(kind: FrameKind, micros: number, payload: Buffer): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD);
  head.writeUInt32LE(payload.length, 0);
  head.writeUIntLE(micros, 8, 6);
  head[14] = kind;
  head[15] = 0;
  head.writeUInt32LE(checksum(head, payload), 4);
  return head;
}

/** Checksum over a head (without its own field) and a payload. */
export function checksum(head: Buffer, payload: Buffer): number {
  // the length is mixed in as the start value: one pass over the head instead of two
  return crc32(payload, crc32(head.subarray(8, FRAME_HEAD), head.readUInt32LE(0)));
}
