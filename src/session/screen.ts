import { SerializeAddon } from '@xterm/addon-serialize';
import * as headless from '@xterm/headless';
import type { Size } from '../kernel/channel.ts';
import type { Clock } from '../kernel/clock.ts';
import { FRESH, type ModeState, ModeTracker, transition } from '../kernel/term-modes.ts';
import { boundTerminal } from '../kernel/terminal-bounds.ts';
import { boundedSize, type Drawn, drawnOf, picture, type SyncTerminal, sliceFor } from '../kernel/terminal-picture.ts';

// the package is CommonJS whose names Node cannot see: under Node its classes stand on the default export
const { Terminal } = (headless as { default?: typeof headless }).default ?? headless;

/** More pending output than this is either drawn or, when it came fast, skipped. */
const PENDING_LIMIT = 256 * 1024;
/** What stays of skipped output: more than any screen holds. */
const TAIL = 64 * 1024;
/** Output that took longer than this to reach the limit is drawn; faster output scrolls away anyway. */
const BULK_MS = 2000;
/** Many small chunks are joined, so that pending keystroke echoes do not cost a Buffer object each. */
const MAX_CHUNKS = 512;
const SMALL = 16 * 1024;
/** Drawing yields to other sessions after this long. */
const DRAW_MS = 2;
/** No honest output of a screen's worth takes so long to draw: the rest is left out. */
const DRAW_BUDGET_MS = 1000;
type Event = Buffer | Size;

export interface Snapshot {
  /** Draws the whole screen on a terminal of this size, whatever stood there before. */
  readonly screen: Buffer;
  readonly size: Size;
  /** What came after the snapshot; valid only during the callback. */
  readonly since: readonly (Buffer | Size)[];
}

/**
 * The screen of a session, drawn only when somebody needs it. Output is kept by reference on top of the last
 * snapshot; a headless terminal exists only while a new snapshot is made from both.
 */
export class Screen {
  readonly #clock: Clock;
  readonly #modes = new ModeTracker();
  #base: Buffer = Buffer.alloc(0);
  #baseSize: Size;
  /** Modes after the snapshot, from where skipped output has to be bridged. */
  #baseModes: ModeState = FRESH;
  #pending: Event[] = [];
  #bytes = 0;
  /** When the oldest pending output came. */
  #since = 0;
  #chunks = 0;
  #drawing = false;
  #waiting: ((snapshot: Snapshot) => void)[] = [];

  constructor(size: Size, clock: Clock) {
    this.#baseSize = size;
    this.#clock = clock;
  }

  /** The size now. */
  get size(): Size {
    return this.#pending.findLast(isSize) ?? this.#baseSize;
  }

  output(chunk: Buffer): void {
    if (this.#bytes === 0) this.#since = this.#clock.monotonic();
    this.#pending.push(chunk);
    this.#bytes += chunk.length;
    if (++this.#chunks > MAX_CHUNKS) this.#join();
    if (this.#bytes <= PENDING_LIMIT) return;
    if (!this.#drawing && this.#clock.monotonic() - this.#since > BULK_MS) this.#draw();
    else this.#skip();
  }

  resize(size: Size): void {
    if (isSize(this.#pending.at(-1))) this.#pending.pop();
    this.#pending.push(size);
  }

  /** Calls back with the screen as it stands; at once when nothing has to be drawn. */
  snapshot(callback: (snapshot: Snapshot) => void): void {
    this.#waiting.push(callback);
    if (!this.#drawing) this.#draw();
  }

  /** What brings the user's terminal back to where it was before the session, as far as modes go. */
  restore(): string {
    const modes = this.#modes.clone();
    for (const event of this.#pending) if (!isSize(event)) modes.scan(event);
    const { state, partial } = modes;
    const abort = partial.length > 0 ? '\x18' : '';
    const region = state.region === FRESH.region ? '' : '\x1b7\x1b[r\x1b8';
    return `${abort}${transition({ ...state, region: FRESH.region }, FRESH)}${region}\x1b[0m`;
  }

  #draw(): void {
    this.#drawing = true;
    const events = this.#pending;
    this.#pending = [];
    this.#bytes = 0;
    this.#chunks = 0;
    for (const event of events) if (!isSize(event)) this.#modes.scan(event);
    const modes = this.#modes.state;
    this.#baseModes = modes;
    const partial = this.#modes.partial;
    const size = events.findLast(isSize) ?? this.#baseSize;
    drawScreen(this.#base, this.#baseSize, events, (drawn) => {
      this.#base = Buffer.concat([Buffer.from(picture(modes, drawn)), partial]);
      this.#baseSize = size;
      this.#drawing = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const callback of waiting) callback({ screen: this.#base, size, since: this.#pending });
    });
  }

  /** Drops pending output but its tail; one chunk in its place makes the mode switches that were dropped. */
  #skip(): void {
    let size: Size | undefined;
    let dropped = 0;
    for (let excess = this.#bytes - TAIL; excess > 0; ) {
      const event = this.#pending[dropped]!;
      if (isSize(event)) size = event;
      else {
        this.#modes.scan(event.subarray(0, excess));
        if (event.length > excess) {
          this.#pending[dropped] = event.subarray(excess);
          break;
        }
        excess -= event.length;
      }
      dropped++;
    }
    this.#bytes = TAIL;
    const switches = Buffer.from(`\x18${transition(this.#baseModes, this.#modes.state)}`);
    const bridge: Event[] = [Buffer.concat([switches, this.#modes.partial])];
    if (size) bridge.unshift(size);
    this.#pending = [...bridge, ...this.#pending.slice(dropped)];
    this.#chunks = this.#pending.length;
    this.#since = this.#clock.monotonic();
  }

  #join(): void {
    const joined: Event[] = [];
    let run: Buffer[] = [];
    const close = () => {
      if (run.length > 0) joined.push(run.length === 1 ? run[0]! : Buffer.concat(run));
      run = [];
    };
    for (const event of this.#pending) {
      if (!isSize(event) && event.length < SMALL) run.push(event);
      else {
        close();
        joined.push(event);
      }
    }
    close();
    this.#pending = joined;
    this.#chunks = joined.length;
  }
}

function isSize(event: Event | undefined): event is Size {
  return event !== undefined && !Buffer.isBuffer(event);
}

/**
 * Draws events on top of a snapshot and serialises the result. Drawn synchronously in small slices: the library's
 * own queue would throw what hostile output makes it throw where nobody can catch it.
 */
function drawScreen(base: Buffer, baseSize: Size, events: readonly Event[], done: (drawn: Drawn) => void): void {
  const terminal = new Terminal({ ...boundedSize(baseSize), scrollback: 0, allowProposedApi: true, logLevel: 'off' });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  const core = (terminal as unknown as { _core: SyncTerminal })._core;
  boundTerminal(terminal);
  const slices = sliced([base, ...events], () => sliceFor(terminal));
  let spent = 0;
  const work = () => {
    const start = performance.now();
    try {
      for (let slice = slices.next(); !slice.done && spent < DRAW_BUDGET_MS; slice = slices.next()) {
        if (isSize(slice.value)) terminal.resize(boundedSize(slice.value).cols, boundedSize(slice.value).rows);
        else core.writeSync(slice.value);
        const took = performance.now() - start;
        if (took < DRAW_MS) continue;
        spent += took;
        setImmediate(work);
        return;
      }
    } catch {
      // what was drawn so far is the best there is; the next output draws over it
    }
    const drawn = drawnOf(terminal, serializer);
    terminal.dispose();
    done(drawn);
  };
  work();
}

function* sliced(events: readonly Event[], length: () => number): Generator<Event> {
  for (const event of events) {
    if (isSize(event)) yield event;
    else for (let at = 0, step = length(); at < event.length; at += step) yield event.subarray(at, at + step);
  }
}
