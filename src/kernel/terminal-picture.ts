import type { SerializeAddon } from '@xterm/addon-serialize';
import type { Terminal } from '@xterm/headless';
import type { Size } from './channel.ts';
import { FRESH, type ModeState, transition } from './term-modes.ts';

/** Bytes drawn in one step. Two of them can touch every cell, so the larger the screen, the shorter the step. */
const SLICE = 1024;
const SHORTEST_SLICE = 16;
const CELLS_PER_STEP = 2 ** 21;
/** A size the client made up must not cost more memory than this many cells. */
const MAX_COLS = 1000;
const MAX_ROWS = 500;

/** Brings any terminal to a clear screen and default modes without touching its scrollback. */
const CLEAR =
  '\x18\x1b[?1049l\x1b[!p\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l' +
  '\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b>\x1b[4l\x0f\x1b(B\x1b)B\x1b[0m\x1b[2J\x1b[H';

/** Modes the serialiser does not know: cursor visibility and how mouse positions are encoded. */
const LEFT_OUT: ReadonlySet<number> = new Set([25, 1005, 1006, 1015, 1016]);

/** What is used of the library beyond its declared interface; the version is pinned. */
export interface SyncTerminal {
  writeSync(data: Uint8Array): void;
}

/** What stands on a screen, as the serialiser tells it. */
export interface Drawn {
  readonly text: string;
  /** The cursor, counted from 1. */
  readonly row: number;
  readonly col: number;
}

/** What stands on the screen of a terminal now. */
export function drawnOf(terminal: Terminal, serializer: SerializeAddon): Drawn {
  const { cursorX, cursorY } = terminal.buffer.active;
  // the serialiser forgets that the attributes in force at the end of the normal screen reach into the other one
  const text = serializer.serialize({ scrollback: 0 }).replace('\x1b[?1049h', '\x1b[0m\x1b[?1049h');
  return { text, row: cursorY + 1, col: cursorX + 1 };
}

/** What draws the whole screen on a terminal of this size, whatever stood there before; `modes` as they are then. */
export function picture(modes: ModeState, drawn: Drawn): string {
  return CLEAR + drawn.text + extras(modes, drawn);
}

/** How many bytes may be drawn on a terminal of this size in one step. */
export function sliceFor({ cols, rows }: Pick<Size, 'cols' | 'rows'>): number {
  return Math.min(SLICE, Math.max(SHORTEST_SLICE, Math.floor(CELLS_PER_STEP / (cols * rows))));
}

/** A size that a terminal can have, whatever the client says. */
export function boundedSize(size: Size): { cols: number; rows: number } {
  const within = (value: number, most: number) => Math.min(Math.max(1, Math.floor(value) || 1), most);
  return { cols: within(size.cols, MAX_COLS), rows: within(size.rows, MAX_ROWS) };
}

/** What the serialiser leaves out: hidden cursor, mouse encoding, character sets, scroll region. */
function extras(modes: ModeState, { row, col }: Drawn): string {
  const changed = new Set([...modes.changed].filter((mode) => LEFT_OUT.has(mode)));
  const text = transition(FRESH, { ...modes, changed, insert: false });
  // setting a region or the origin mode moves the cursor home; with origin mode rows count from the region
  const origin = modes.changed.has(6);
  if (modes.region === FRESH.region && !origin) return text;
  const top = origin ? Number(modes.region.split(';')[0]) || 1 : 1;
  return `${text}\x1b[${row - top + 1};${col}H`;
}
