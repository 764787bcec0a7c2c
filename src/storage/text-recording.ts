import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import type { TextBlock } from '../store/text/block.ts';
import type { RecordingIndex } from './render.ts';
import { TextBlocks } from './text-blocks.ts';
import { TerminalText } from './text-lines.ts';

/** So much text of a session can be searched; a session that writes more is one of bulk output, whose beginning tells what it is. */
const TEXT_LIMIT = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The text of a stored recording, block by block. Synchronous: it belongs into a worker. Returns whether it was cut at
 * the limit. Throws when the recording is missing or damaged.
 */
export function* recordingText(path: string, limit = TEXT_LIMIT): Generator<TextBlock, boolean> {
  const blocks = new TextBlocks(limit);
  const events = new Events(blocks);
  for (const block of plainBlocks(path)) {
    for (let from = 0; from < block.length; ) {
      const newline = block.indexOf(NEWLINE, from);
      const to = newline < 0 ? block.length : newline;
      events.take(block.toString('utf8', from, to));
      from = to + 1;
      yield* blocks.ready.splice(0);
    }
    if (blocks.full) break;
  }
  events.end();
  blocks.flush();
  yield* blocks.ready.splice(0);
  return blocks.full;
}

/** The lines of an asciicast: its header, then one event each. */
class Events {
  readonly #blocks: TextBlocks;
  #text: TerminalText | undefined;
  #terminal = false;

  constructor(blocks: TextBlocks) {
    this.#blocks = blocks;
  }

  take(line: string): void {
    const value = JSON.parse(line) as { width: number; env?: { TERM?: string } } | [number, string, string];
    if (!Array.isArray(value)) {
      this.#terminal = value.env?.TERM !== undefined;
      this.#text = new TerminalText(this.#blocks, this.#terminal ? value.width : Number.POSITIVE_INFINITY);
      return;
    }
    const [seconds, kind, data] = value;
    if (kind === 'o') this.#text?.write(data, Math.round(seconds * 1000));
    else if (kind === 'r' && this.#terminal) this.#text?.resize(Number.parseInt(data, 10));
  }

  end(): void {
    this.#text?.end();
  }
}

function* plainBlocks(path: string): Generator<Buffer> {
  const index = JSON.parse(readFileSync(`${path}.idx`, 'utf8')) as RecordingIndex;
  const fd = openSync(path, 'r');
  try {
    for (const [offset, stored, plain] of index.frames) {
      const block = Buffer.allocUnsafe(stored);
      if (readSync(fd, block, 0, stored, offset) !== stored)
        throw new Error(`the recording ${path} is shorter than its index says`);
      yield zstdDecompressSync(block, { chunkSize: Math.max(64, plain) });
    }
  } finally {
    closeSync(fd);
  }
}
