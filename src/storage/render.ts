import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { type CastLine, castLines, NO_TERMINAL } from './cast.ts';
import { FRAME, type SpoolCommand, type SpoolEnd, type SpoolHeader } from './frames.ts';
import { skippable } from './parts.ts';
import { type KeptScreen, ScreenTrack } from './screens.ts';
import { SpoolReader, type SpoolTail } from './spool-reader.ts';

/** Uncompressed bytes of one zstd frame at most: what a reader has to unpack to seek. */
const BLOCK_BYTES = 1024 * 1024;
/** Level 1: of terminal output it makes as little as level 3, in two thirds of the time. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: BLOCK_BYTES };

/** So much plain text may have to be played to see what stood on the screen at any time; shorter recordings keep no screens. */
const SCREEN_BYTES = 4 * BLOCK_BYTES;

/** Lies beside a recording and says where its independent zstd frames begin. */
export interface RecordingIndex {
  readonly version: 1;
  readonly sha256: string;
  readonly bytes: number;
  readonly seconds: number;
  /** One entry per frame: file offset, stored bytes, plain bytes, time of its first event in seconds. */
  readonly frames: readonly (readonly [offset: number, stored: number, plain: number, seconds: number])[];
  /** Of a terminal, as it began. Recordings of earlier versions have neither this nor screens. */
  readonly size?: { readonly cols: number; readonly rows: number } | undefined;
  /**
   * In long recordings, the screen as it stood when a part (a frame of those above) begins: a zstd frame within one that
   * zstd readers pass over, so that the file is still what `zstd -d` reads.
   */
  readonly screens?: readonly (readonly [part: number, offset: number, stored: number, cols: number, rows: number])[];
}

export interface StoredRecording {
  readonly bytes: number;
  /** Of the stored file, hex. */
  readonly sha256: string;
  readonly seconds: number;
  readonly tail: SpoolTail;
}

/** What a spool tells about a session nobody ended. */
export interface SpoolFacts {
  /** Milliseconds since 1970 of the last readable frame. */
  readonly lastAt: number;
  readonly bytesOut: number;
  /** What was run, as far as the recording knows. */
  readonly commands: readonly SpoolCommand[];
  /** There when the session had ended in an orderly way. */
  readonly end: SpoolEnd | null;
  readonly tail: SpoolTail;
}

/**
 * Renders a spool into a finished recording at `path` with its index beside it. Written under another name, synced,
 * read back and compared, and only then given its name: a file with the right name is complete.
 */
export function renderRecording(spoolPath: string, path: string): StoredRecording {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp`;
  const indexTemporary = `${path}.idx.tmp`;
  try {
    const { index, tail } = writeBlocks(spoolPath, temporary);
    const reread = hashFile(temporary);
    if (reread !== index.sha256) throw new Error(`the recording reads back as ${reread}, written was ${index.sha256}`);
    writeFileSync(indexTemporary, JSON.stringify(index), { mode: 0o600, flush: true });
    renameSync(indexTemporary, `${path}.idx`);
    renameSync(temporary, path);
    syncDirectory(dirname(path));
    return { bytes: index.bytes, sha256: index.sha256, seconds: index.seconds, tail };
  } catch (error) {
    rmSync(temporary, { force: true });
    rmSync(indexTemporary, { force: true });
    throw error;
  }
}

/** Renders what a spool holds up to now as plain asciicast v2 into a new file. */
export function renderPlain(spoolPath: string, path: string): void {
  withSpool(spoolPath, (header, reader) => {
    const fd = openSync(path, 'wx', 0o600);
    try {
      for (const block of blocks(castLines(header, reader))) writeAll(fd, block.bytes);
    } finally {
      closeSync(fd);
    }
  });
}

/** Reads a spool to its end without rendering it. */
export function inspectSpool(spoolPath: string): SpoolFacts {
  return withSpool(spoolPath, (header, reader) => {
    let micros = 0;
    let bytesOut = 0;
    let end: SpoolEnd | null = null;
    const commands: SpoolCommand[] = [];
    for (let frame = reader.next(); frame; frame = reader.next()) {
      micros = frame.micros;
      if (frame.kind === FRAME.output || frame.kind === FRAME.stderr) bytesOut += frame.payload.length;
      if (frame.kind === FRAME.command) commands.push(JSON.parse(frame.payload.toString('utf8')) as SpoolCommand);
      if (frame.kind === FRAME.end) end = JSON.parse(frame.payload.toString('utf8')) as SpoolEnd;
    }
    return { lastAt: header.startedAt + Math.round(micros / 1000), bytesOut, commands, end, tail: reader.tail };
  });
}

function withSpool<T>(path: string, work: (header: SpoolHeader, reader: SpoolReader) => T): T {
  const reader = new SpoolReader(path);
  try {
    const header = reader.header();
    if (!header) throw new Error(`the spool ${path} has no readable header`);
    return work(header, reader);
  } finally {
    reader.close();
  }
}

function writeBlocks(spoolPath: string, path: string): { index: RecordingIndex; tail: SpoolTail } {
  return withSpool(spoolPath, (header, reader) => {
    const fd = openSync(path, 'w', 0o600);
    try {
      const hash = createHash('sha256');
      const frames: [number, number, number, number][] = [];
      const screens: [number, number, number, number, number][] = [];
      let offset = 0;
      let seconds = 0;
      const append = (bytes: Buffer) => {
        writeAll(fd, bytes);
        hash.update(bytes);
        offset += bytes.length;
      };
      const track = header.size && reader.bytes > SCREEN_BYTES ? new ScreenTrack(header.size) : undefined;
      for (const block of blocks(castLines(header, reader), track)) {
        if (block.screen) {
          const { cols, rows, text } = block.screen;
          const stored = skippable(zstdCompressSync(Buffer.from(text), FAST));
          screens.push([frames.length, offset, stored.length, cols, rows]);
          append(stored);
        }
        const stored = zstdCompressSync(block.bytes, FAST);
        frames.push([offset, stored.length, block.bytes.length, block.from]);
        append(stored);
        seconds = block.to;
      }
      fsyncSync(fd);
      track?.dispose();
      const { cols, rows } = header.size ?? NO_TERMINAL;
      const size = { cols, rows };
      const index: RecordingIndex = {
        version: 1,
        sha256: hash.digest('hex'),
        bytes: offset,
        seconds,
        frames,
        size,
        screens,
      };
      return { index, tail: reader.tail };
    } finally {
      closeSync(fd);
    }
  });
}

interface Block {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** As it stood before it. */
  readonly screen: KeptScreen | undefined;
}

/** Gathers lines into blocks that end between two lines. A block is valid until the next one is asked for. */
function* blocks(lines: Iterable<CastLine>, track?: ScreenTrack): Generator<Block> {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  let from = 0;
  let to = 0;
  let screen: KeptScreen | undefined;
  let sinceScreen = 0;
  for (const line of lines) {
    if (used > 0 && used + line.bytes.length > BLOCK_BYTES) {
      yield { bytes: buffer.subarray(0, used), from, to, screen };
      sinceScreen += used;
      used = 0;
      screen = sinceScreen >= SCREEN_BYTES ? track?.screen() : undefined;
      if (screen) sinceScreen = 0;
    }
    if (used === 0) from = line.seconds;
    to = line.seconds;
    used += line.bytes.copy(buffer, used);
    if (line.shows) track?.output(line.shows);
    if (line.resizes) track?.resize(line.resizes);
  }
  if (used > 0) yield { bytes: buffer.subarray(0, used), from, to, screen };
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** SHA-256 of a file, hex. */
export function hashFile(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
