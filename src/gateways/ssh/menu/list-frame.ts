import type { Entry, FolderNode } from './catalogue.ts';
import { type Command, commandHint } from './commands.ts';
import type { Line } from './line.ts';
import type { Frame } from './screen.ts';
import { bold } from './style.ts';
import { folderLine, headerLine, helpLine, layout, rowLine } from './table.ts';
import { hasAir, pageSize, type Room } from './view.ts';
import { cut } from './width.ts';
import { KEYS, promptLine, statusLine } from './words.ts';

/** What the list of assets looks like follows from this alone. */
export interface ListState {
  readonly line: Line;
  readonly command: Command;
  /** What is being searched for, '' for nothing, and whether within the scope. */
  readonly searched: { readonly text: string; readonly narrow: boolean };
  readonly shows: 'assets' | 'folders' | 'help';
  /** Name of the scope. */
  readonly title: string;
  readonly all: readonly Entry[];
  /** What the scope holds. */
  readonly base: readonly Entry[];
  readonly listed: readonly Entry[];
  readonly folders: readonly FolderNode[];
  /** Rows there are of what is shown, and the first of the page. */
  readonly count: number;
  readonly top: number;
  /** The row Enter would act on. */
  readonly marked: number | undefined;
  /** Said below the list in place of the status, '' for nothing. */
  readonly notice: string;
}

export function listFrame(state: ListState, { width, rows }: Room): Frame {
  const prompt = promptLine('Asset', state.line, 'type to search, ? for help', width);
  const air = hasAir(rows) ? [''] : [];
  const page = pageSize(rows);
  const foot = state.notice === '' ? statusLine(status(state, page), width) : bold(cut(` ${state.notice}`, width));
  return { lines: [prompt.text, ...air, ...body(state, page, width), ...air, foot], cursor: prompt.cursor };
}

function body(state: ListState, page: number, width: number): string[] {
  const { shows, top, marked, folders, listed, base, all } = state;
  if (shows === 'help') {
    return [bold(' KEYS'), ...KEYS.slice(top, top + page).map((key) => helpLine(key, width))];
  }
  if (shows === 'folders') {
    const rows = folders
      .slice(top, top + page)
      .map((folder, i) => folderLine(top + i, folder, top + i === marked, width));
    return [bold(' ID  FOLDER'), ...rows];
  }
  if (listed.length === 0) return [cut(` ${nothing(state)}`, width)];
  const columns = layout(base.length >= listed.length && !isSearching(state) ? base : all, width);
  const rows = listed
    .slice(top, top + page)
    .map((entry, i) => rowLine(columns, top + i + 1, entry, top + i === marked));
  return [headerLine(columns), ...rows];
}

function nothing(state: ListState): string {
  if (isSearching(state)) return 'No asset matches.';
  return state.all.length === 0
    ? 'No asset is open to you yet; ask an administrator for a permission.'
    : 'Nothing here; p lists every asset.';
}

function status(state: ListState, page: number): string[] {
  const { shows, top, count } = state;
  const pages = Math.max(1, Math.ceil(count / page));
  const place = pages > 1 ? [`page ${Math.floor(top / page) + 1}/${pages}`] : [];
  const turn = pages > 1 ? ['n next', 'b back'] : [];
  if (shows === 'help') {
    const rest = top + page < count ? ['Enter shows more', 'Esc goes back'] : ['Enter goes back'];
    return ['Help', ...place, ...rest];
  }
  const hint = hintOf(state);
  if (shows === 'folders')
    return ['Folders', ...place, hint ?? 'number or arrows and Enter open one', ...turn, 'Esc goes back'];
  if (isSearching(state)) {
    const of = state.searched.narrow ? state.base.length : state.all.length;
    return [`${count} of ${of} match`, ...(hint ? [hint] : []), ...place, 'Esc clears'];
  }
  const assets = `${count} ${count === 1 ? 'asset' : 'assets'}`;
  return [state.title, ...place, assets, ...(hint ? [hint] : []), ...turn, 'g folders', '? help', 'q leave'];
}

function hintOf(state: ListState): string | undefined {
  const { marked, shows, folders, listed } = state;
  if (marked !== undefined)
    return shows === 'folders' ? `Enter lists ${folders[marked]!.path}` : `Enter connects to ${listed[marked]!.name}`;
  if (isSearching(state) && listed.length > 0) return 'Enter keeps these';
  return commandHint(state.command);
}

function isSearching({ searched }: ListState): boolean {
  return searched.text !== '';
}
