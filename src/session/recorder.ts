import { createHash, type Hash } from 'node:crypto';
import type { Size } from '../kernel/channel.ts';
import type { Clock } from '../kernel/clock.ts';
import { FRAME, type SpoolCommand, type SpoolCounts, type SpoolEnd, type SpoolHeader } from '../storage/frames.ts';
import type { Recordings } from '../storage/local.ts';
import type { SpoolWriter } from '../storage/spool.ts';
import type { Screen } from './screen.ts';

/** Beyond the limit a recording goes on in steps of this. */
const STEP_MS = 1000;

export interface RecorderEvents {
  /** Nothing more can be recorded. */
  readonly failed: (error: Error) => void;
  /** After `output` or `stderr` said false. */
  readonly drained: () => void;
}

export interface RecorderOptions {
  /** Bytes of output that are kept whole. */
  readonly limit: number;
  /** Of a terminal: beyond the limit one picture a second is kept. Without one, counts and hashes are. */
  readonly screen: Screen | undefined;
  readonly clock: Clock;
  readonly events: RecorderEvents;
}

/** What the audit row of a session's end says about its recording. */
export interface RecordingSummary extends SpoolCounts {
  readonly limited: boolean;
}

/** One session's way into the spool: every chunk by reference until the limit, less beyond it. */
export class Recorder {
  readonly #options: RecorderOptions;
  #stdout: Hash | undefined;
  readonly #stderr: Hash | undefined;
  #writer: SpoolWriter | undefined;
  #kept = 0;
  #skipped = 0;
  #stdoutBytes = 0;
  #stderrBytes = 0;
  #picture: Buffer | undefined;
  #lastSize: string | undefined;
  #cancelStep: (() => void) | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    if (options.screen) return;
    this.#stdout = createHash('sha256');
    this.#stderr = createHash('sha256');
  }

  /** Starts the spool. Rejects with `recording_failed`; without a start nothing is recorded. */
  async begin(recordings: Recordings, header: SpoolHeader): Promise<void> {
    if (header.size) this.#lastSize = JSON.stringify({ cols: header.size.cols, rows: header.size.rows });
    await recordings.checkRoom();
    this.#writer = await recordings.begin(header, {
      onDrain: this.#options.events.drained,
      onError: (error) => {
        this.#stop();
        this.#options.events.failed(error);
      },
    });
  }

  get recording(): boolean {
    return this.#writer !== undefined;
  }

  /** False: the disk is behind, hold the source until `drained`. */
  output(chunk: Buffer): boolean {
    this.#stdoutBytes += chunk.length;
    this.#stdout?.update(chunk);
    return this.#take(FRAME.output, chunk);
  }

  /** As `output`. */
  stderr(chunk: Buffer): boolean {
    this.#stderrBytes += chunk.length;
    this.#stderr?.update(chunk);
    return this.#take(FRAME.stderr, chunk);
  }

  /** Output that is not recorded, as the bytes of a file: only counted, and then there is no hash of the output. */
  passed(chunk: Buffer): void {
    this.#stdoutBytes += chunk.length;
    this.#stdout = undefined;
  }

  /** A line about what is not recorded, where its output would stand; no output itself. False as of `output`. */
  line(text: string): boolean {
    return this.#take(FRAME.output, Buffer.from(`${text}\n`));
  }

  /** Counts towards the limit; beyond it, the next picture brings its size along. */
  resize(size: Size): void {
    if (this.#kept >= this.#options.limit) return;
    this.#kept += this.#size(size);
  }

  /** A sentence of ours that the user was shown. */
  notice(text: string): void {
    this.#writer?.append(FRAME.notice, Buffer.from(text));
  }

  /** A sentence that only the recording has. */
  marker(text: string): void {
    this.#writer?.append(FRAME.marker, Buffer.from(text));
  }

  command(command: SpoolCommand): void {
    this.#writer?.append(FRAME.command, Buffer.from(JSON.stringify(command)));
  }

  summary(): RecordingSummary {
    return {
      limited: this.#skipped > 0,
      skippedBytes: this.#skipped,
      stdoutBytes: this.#stdoutBytes,
      stderrBytes: this.#stderrBytes,
      stdoutSha256: this.#stdout?.copy().digest('hex') ?? null,
      stderrSha256: this.#stderr?.copy().digest('hex') ?? null,
    };
  }

  /** Completes the spool. A failure was told through `failed`. */
  async finish(end: SpoolEnd): Promise<void> {
    if (this.#skipped > 0) await this.#step();
    this.#cancelStep?.();
    await this.#writer?.finish(end);
    this.#writer = undefined;
  }

  /** Stops without completing: for a session that never began. */
  abandon(): void {
    this.#writer?.abandon();
    this.#stop();
  }

  #take(kind: typeof FRAME.output | typeof FRAME.stderr, chunk: Buffer): boolean {
    const writer = this.#writer;
    if (!writer) return true;
    const room = this.#options.limit - this.#kept;
    if (chunk.length <= room) {
      this.#kept += chunk.length;
      return writer.append(kind, chunk);
    }
    if (this.#skipped === 0) this.#overflow(writer, kind, chunk.subarray(0, room));
    this.#kept = this.#options.limit;
    this.#skipped += chunk.length - room;
    this.#cancelStep ??= this.#options.clock.after(STEP_MS, () => {
      this.#cancelStep = undefined;
      void this.#step();
    });
    return true;
  }

  #overflow(writer: SpoolWriter, kind: typeof FRAME.output | typeof FRAME.stderr, last: Buffer): void {
    if (last.length > 0) writer.append(kind, last);
    const what = this.#options.screen ? 'one picture of the screen a second' : 'only counts and hashes of the output';
    writer.append(FRAME.marker, Buffer.from(`recording limit reached: from here on ${what}`));
  }

  async #step(): Promise<void> {
    const { screen } = this.#options;
    if (screen) {
      await new Promise<void>((resolve) => {
        screen.snapshot((snapshot) => {
          this.#size(snapshot.size);
          if (!this.#picture?.equals(snapshot.screen)) this.#writer?.append(FRAME.snapshot, snapshot.screen);
          this.#picture = snapshot.screen;
          resolve();
        });
      });
    }
    const { limited: _, ...counts } = this.summary();
    this.#writer?.append(FRAME.counts, Buffer.from(JSON.stringify(counts satisfies SpoolCounts)));
  }

  /** Bytes it took. */
  #size({ cols, rows }: Size): number {
    const payload = JSON.stringify({ cols, rows });
    if (payload === this.#lastSize) return 0;
    this.#lastSize = payload;
    this.#writer?.append(FRAME.resize, Buffer.from(payload));
    return payload.length;
  }

  #stop(): void {
    this.#writer = undefined;
    this.#cancelStep?.();
    this.#cancelStep = undefined;
  }
}
