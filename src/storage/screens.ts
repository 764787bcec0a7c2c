import { SerializeAddon } from '@xterm/addon-serialize';
import * as headless from '@xterm/headless';
import { ModeTracker } from '../kernel/term-modes.ts';
import { boundTerminal } from '../kernel/terminal-bounds.ts';
import { boundedSize, drawnOf, picture, type SyncTerminal, sliceFor } from '../kernel/terminal-picture.ts';

// the package is CommonJS whose names Node cannot see: under Node its classes stand on the default export
const { Terminal } = (headless as { default?: typeof headless }).default ?? headless;

/** Drawing a recording takes a thread of its own no longer than this; a longer one is sought from its last screen. */
const BUDGET_MS = 30_000;
/** Larger pictures than any screen of plain text are not worth keeping. */
const LARGEST = 1024 * 1024;

interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface KeptScreen extends Size {
  /** Draws it on a terminal of this size, whatever stood there before. */
  readonly text: string;
}

/** The screen of a recording as it is rendered, so that it can be played from other places than its beginning. */
export class ScreenTrack {
  readonly #terminal: InstanceType<typeof Terminal>;
  readonly #serializer = new SerializeAddon();
  readonly #modes = new ModeTracker();
  #size: Size;
  #spent = 0;

  constructor(size: Size) {
    this.#size = size;
    this.#terminal = new Terminal({ ...bounded(size), scrollback: 0, allowProposedApi: true, logLevel: 'off' });
    this.#terminal.loadAddon(this.#serializer);
    boundTerminal(this.#terminal);
  }

  output(bytes: Buffer): void {
    if (this.#isOver) return;
    const began = performance.now();
    this.#modes.scan(bytes);
    const core = (this.#terminal as unknown as { _core: SyncTerminal })._core;
    const step = sliceFor(this.#terminal);
    try {
      for (let at = 0; at < bytes.length && !this.#isOver; at += step) core.writeSync(bytes.subarray(at, at + step));
    } catch {
      // hostile output makes the library throw: what it drew so far is no screen to go by
      this.#spent = BUDGET_MS;
    }
    this.#spent += performance.now() - began;
  }

  resize(size: Size): void {
    if (this.#isOver) return;
    this.#size = size;
    const { cols, rows } = bounded(size);
    this.#terminal.resize(cols, rows);
  }

  /** The screen now; undefined when it took too long to draw, or is too large to keep. */
  screen(): KeptScreen | undefined {
    if (this.#isOver) return undefined;
    // a sequence that is cut here goes on in the part behind it
    const cut = this.#modes.partial.toString('utf8');
    const text = picture(this.#modes.state, drawnOf(this.#terminal, this.#serializer)) + cut;
    return text.length > LARGEST ? undefined : { ...this.#size, text };
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  get #isOver(): boolean {
    return this.#spent >= BUDGET_MS;
  }
}

function bounded({ cols, rows }: Size): Size {
  return boundedSize({ cols, rows, width: 0, height: 0 });
}
