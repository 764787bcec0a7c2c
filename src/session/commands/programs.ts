import type { TypedLine } from './keys.ts';
import { type Bounds, type CommandScreen, UNWRITTEN } from './screen.ts';

const MULTIPLEXERS = new Set(['tmux', 'screen', 'byobu', 'zellij', 'dtach', 'abduco', 'dvtm', 'tmate']);
/** Programs that may be named before the one that counts. */
const BEFORE = new Set(['sudo', 'doas', 'exec', 'env', 'command', 'nohup', 'time', 'builtin']);
/** tmux and screen name their windows at an edge: `[0] 0:bash*`, `0:bash- 1:vim*`. */
const STATUS = /^(?:\[[^\]]{1,40}\] ?)?\d+:\S+[*-]?(?:\s|$)/;
/** vim's and ex's ways to a shell, and a pager's. */
const SHELL_COMMAND =
  /^(?::[\s:]*(?:[%'<>,.$\d;+-]|\\[/?&])*\s*(?:(?:r|re|read|w|wr|wri|write|term|terminal|sp|vs|vert|tab|sil|silent!?|up|update|exe|execute|bel|bot|bo)\b\s*)*!\s*\S.*|:\s*(?:ter|term|termi|termin|termina|terminal|sh|she|shel|shell)\b.*|!\s*\S.*|\|.\s*\S.*)$/;
const VERTICAL = /[│┃|├┤┼┬┴┌┐└┘]/;
const CURSOR_AWAY = 3;

/** The first word that says what was started. */
export function programOf(line: string): string {
  const words = line.trim().split(/\s+/);
  const word = words.find((one) => !BEFORE.has(one) && !one.startsWith('-') && !/^\w+=/.test(one)) ?? '';
  return word.split('/').at(-1)!;
}

export function isMultiplexer(line: string): boolean {
  return line.split(/&&|\|\||[;|]/).some((part) => MULTIPLEXERS.has(programOf(part)));
}

/** Whether the screen looks like a multiplexer's: its line of windows stands at the bottom or the top. */
export function showsWindows(screen: CommandScreen): boolean {
  return [screen.top + screen.rows - 1, screen.top].some((row) => STATUS.test(textOf(screen, row).trim()));
}

/** The columns of the pane in which the cursor stands: cut at lines drawn from row to row. */
export function paneOf(screen: CommandScreen): Bounds {
  const row = screen.cursorRow;
  const isBorder = (col: number) => {
    const here = screen.char(row, col);
    if (!/[│┃|]/.test(here)) return false;
    const neighbours = [row - 1, row + 1].filter((at) => at >= screen.top && at < screen.top + screen.rows);
    return (here !== '|' || neighbours.length > 1) && neighbours.every((at) => VERTICAL.test(screen.char(at, col)));
  };
  let from = Math.min(screen.cursorCol, screen.cols - 1);
  while (from > 0 && !isBorder(from - 1)) from--;
  let to = screen.cursorCol;
  while (to < screen.cols && !isBorder(to)) to++;
  return { from, to };
}

/** What is typed at the bottom of a full-screen program to run something: `:!ls`, `!ls`. undefined when it is not that. */
export function bottomCommand(screen: CommandScreen, typed: TypedLine): { text: string; sure: boolean } | undefined {
  const bottom = screen.top + screen.rows - 1;
  const shown = bottom - screen.cursorRow < CURSOR_AWAY ? textOf(screen, screen.cursorRow).trimEnd() : '';
  const keys = typed.exact ? typed.text : '';
  if (shown !== '' && SHELL_COMMAND.test(shown)) {
    const rest = keys.lastIndexOf(shown);
    // the last keys may not be shown yet
    return rest < 0 || keys.slice(rest) === shown
      ? { text: shown, sure: true }
      : { text: keys.slice(rest), sure: false };
  }
  const begin = keys.search(/[:!|][^:]*$/);
  const last = begin < 0 ? '' : keys.slice(begin);
  const mayBe = last !== '' && (shown === '' || last.startsWith(shown)) && SHELL_COMMAND.test(last);
  return mayBe && last.length > 1 ? { text: last, sure: false } : undefined;
}

function textOf(screen: CommandScreen, row: number): string {
  return screen.row(row).replaceAll(UNWRITTEN, ' ');
}
