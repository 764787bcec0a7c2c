import type { TypedLine } from './keys.ts';
import { alike, type KnownPrompts } from './prompts.ts';
import { type Bounds, type CommandScreen, type LogicalRow, type Mark, UNWRITTEN } from './screen.ts';

/** Of an input no more rows are looked through for its prompt. */
const MOST_ROWS = 60;

/** Where a line began: what stood there when its first key came. */
export interface Anchor {
  readonly mark: Mark | undefined;
  readonly row: number;
  /** What stood left of the cursor. */
  readonly prompt: string;
  /** What stood at the right edge, '' for nothing. */
  readonly right: string;
  readonly bounds: Bounds | undefined;
}

/** A line as it stands on the screen. */
export interface Reading {
  /** Without prompts and suggestions. */
  readonly text: string;
  /** Its part before the cursor. */
  readonly left: string;
  readonly prompt: string;
  /** Found by where it began, by its own prompt, or by one at which commands were seen. */
  readonly by: 'place' | 'prompt' | 'known';
  readonly first: number;
  readonly last: number;
  /** Of several rows that the terminal did not wrap. */
  readonly broken: boolean;
  /** Of several rows. */
  readonly wrapped: boolean;
}

/** Where the cursor stands now is where a line begins. `known`: what stands behind such a prompt belongs to the line. */
export function anchorHere(screen: CommandScreen, known: KnownPrompts, typed: TypedLine, bounds?: Bounds): Anchor {
  const row = screen.logical(screen.cursorRow, bounds);
  const left = spaced(row.text.slice(0, row.cursor));
  const rest = row.text.slice(row.cursor);
  const begun = known.startOf(left);
  const unknown = withoutEcho(left, typed);
  // a full-screen editor's command line is a line with its colon
  const prompt = begun !== '' ? begun : unknown.trim() === ':' ? '' : unknown;
  // text at the cursor itself is part of the line; what stands apart is a right prompt
  const right = /^[\0 ]/.test(rest) ? spaced(rest).trim() : '';
  return { mark: bounds ? undefined : screen.mark(), row: row.first, prompt, right, bounds };
}

/** Reads the line that began there and ends in the row `end`; undefined when it is not found. */
export function readLine(
  screen: CommandScreen,
  anchor: Anchor,
  typed: TypedLine,
  known: KnownPrompts,
  end = screen.cursorRow,
): Reading | undefined {
  const found = locate(screen, anchor, known, end);
  if (!found) return undefined;
  const { row, prompt, by } = found;
  let text = '';
  let left: string | undefined;
  let broken = false;
  let last = row.last;
  for (let next: LogicalRow | undefined = row; next; ) {
    const begin = next === row ? prompt.length : 0;
    const part = next === row ? withoutRight(next, begin, anchor.right) : next.text.slice(begin);
    const at = next.cursor < begin ? -1 : next.cursor - begin;
    const own = at < 0 ? part : withoutSuggestion(screen, part, at, text, typed, anchor.bounds);
    if (at >= 0) left = text + spaced(part.slice(0, at));
    text += trimmed(own);
    last = next.last;
    if (next.last >= end) break;
    if (!next.full) {
      // a pane's line has no other rows
      if (anchor.bounds) return undefined;
      text += '\n';
      broken = true;
    }
    next = screen.logical(next.last + 1, anchor.bounds);
  }
  text = text.trimEnd();
  return { text, left: left ?? text, prompt, by, first: row.first, last, broken, wrapped: last > row.first };
}

interface Found {
  readonly row: LogicalRow;
  readonly prompt: string;
  readonly by: Reading['by'];
}

function locate(screen: CommandScreen, anchor: Anchor, known: KnownPrompts, end: number): Found | undefined {
  const { prompt, bounds } = anchor;
  const place = anchor.mark ? anchor.mark.line : anchor.row;
  const lowest = Math.max(0, end - MOST_ROWS, place >= 0 && !bounds ? place : 0);
  const blank = prompt.trim() === '';
  for (let at = end; at >= lowest; ) {
    const row = screen.logical(at, bounds);
    const text = spaced(row.text);
    if (!blank && (text.startsWith(prompt) || alike(text.slice(0, prompt.length), prompt)))
      return { row, prompt: text.slice(0, prompt.length), by: 'prompt' };
    const start = known.startOf(text);
    if (start !== '') return { row, prompt: start, by: 'known' };
    at = row.first - 1;
  }
  if (!blank || place < 0 || place > end) return undefined;
  return { row: screen.logical(place, bounds), prompt, by: 'place' };
}

function withoutRight(row: LogicalRow, begin: number, right: string): string {
  const text = row.text.slice(begin);
  if (right === '' || row.first !== row.last) return text;
  const gap = /\0+ *[^\0 ]/.exec(text);
  if (gap) return text.slice(0, gap.index);
  const end = spaced(text).trimEnd();
  return end.endsWith(` ${right}`) ? end.slice(0, -right.length) : text;
}

/** Leaves out what a shell suggests behind the cursor. */
function withoutSuggestion(
  screen: CommandScreen,
  part: string,
  at: number,
  before: string,
  typed: TypedLine,
  bounds: Bounds | undefined,
): string {
  const tail = trimmed(part.slice(at));
  if (tail.trim() === '') return part;
  const left = before + spaced(part.slice(0, at));
  if (typed.exact && typed.text !== '' && left === typed.text) return part.slice(0, at);
  return screen.faintFromCursor(tail.length, bounds) ? part.slice(0, at) : part;
}

/** What the keys have put there already is not part of the prompt. */
function withoutEcho(left: string, typed: TypedLine): string {
  if (!typed.exact) return left;
  for (let length = Math.min(typed.text.length, left.length); length > 0; length--) {
    if (left.endsWith(typed.text.slice(-length))) return left.slice(0, -length);
  }
  return left;
}

export function spaced(text: string): string {
  return text.replaceAll(UNWRITTEN, ' ');
}

function trimmed(text: string): string {
  return spaced(text.replace(/\0+$/, '')).trimEnd() === '' ? '' : spaced(text.replace(/\0+$/, ''));
}
