import { type FileHandle, open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { RecordingIndex } from './render.ts';

const unpack = promisify(zstdDecompress) as (block: Buffer) => Promise<Buffer>;
const NEWLINE = 0x0a;
/** Of the frame around what zstd readers skip. */
const SKIPPABLE_HEAD = 8;

/** How a recording is divided. */
export interface RecordingParts {
  readonly cols: number;
  readonly rows: number;
  /** Seconds. */
  readonly duration: number;
  /** Bytes as plain asciicast. */
  readonly bytes: number;
  /** `start` in seconds; `screen`: the part can begin with the screen as it stood then. */
  readonly parts: { readonly start: number; readonly bytes: number; readonly screen: boolean }[];
}

export async function readIndex(path: string): Promise<RecordingIndex> {
  return JSON.parse(await readFile(`${path}.idx`, 'utf8')) as RecordingIndex;
}

export async function partsOf(path: string): Promise<RecordingParts> {
  const index = await readIndex(path);
  // recordings of earlier versions have their size only in the header
  const { cols, rows } = index.size ?? (await withFile(path, (file) => sizeInHeader(file, index)));
  const screens = new Set((index.screens ?? []).map(([part]) => part));
  return {
    cols,
    rows,
    duration: index.seconds,
    bytes: index.frames.reduce((sum, [, , plain]) => sum + plain, 0),
    parts: index.frames.map(([, , plain, start], part) => ({ start, bytes: plain, screen: screens.has(part) })),
  };
}

/**
 * The events of one part as asciicast lines, without the header; `screen`: before them, where it was kept, the size and
 * the screen as it stood when the part begins. undefined when there is no such part. Reads nothing but this part.
 */
export async function readPart(path: string, part: number, screen: boolean): Promise<Buffer | undefined> {
  const index = await readIndex(path);
  const frame = index.frames[part];
  if (!frame) return undefined;
  return withFile(path, async (file) => {
    const [offset, stored, , start] = frame;
    const plain = await unpack(await read(file, offset, stored));
    const events = part === 0 ? plain.subarray(plain.indexOf(NEWLINE) + 1) : plain;
    const kept = screen ? index.screens?.find(([of]) => of === part) : undefined;
    if (!kept) return events;
    const [, at, length, cols, rows] = kept;
    const text = (await unpack(await read(file, at + SKIPPABLE_HEAD, length - SKIPPABLE_HEAD))).toString('utf8');
    const lines = [JSON.stringify([start, 'r', `${cols}x${rows}`]), JSON.stringify([start, 'o', text])];
    return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), events]);
  });
}

/** The whole recording as plain asciicast, frame by frame. */
export async function* plainRecording(path: string): AsyncGenerator<Buffer> {
  const index = await readIndex(path);
  // the streaming decompressor of Node stops after the first frame
  const file = await open(path, 'r');
  try {
    for (const [offset, stored] of index.frames) yield await unpack(await read(file, offset, stored));
  } finally {
    await file.close();
  }
}

/** What zstd readers pass over (RFC 8878 §3.1.2): a screen between the frames of the recording. */
export function skippable(content: Buffer): Buffer {
  const head = Buffer.allocUnsafe(SKIPPABLE_HEAD);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

async function sizeInHeader(file: FileHandle, index: RecordingIndex): Promise<{ cols: number; rows: number }> {
  const [offset, stored] = index.frames[0] ?? [0, 0];
  const plain = await unpack(await read(file, offset, stored));
  const header = JSON.parse(plain.toString('utf8', 0, plain.indexOf(NEWLINE))) as { width: number; height: number };
  return { cols: header.width, rows: header.height };
}

async function read(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(block, 0, length, offset);
  if (bytesRead !== length) throw new Error('the recording is shorter than its index says');
  return block;
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
