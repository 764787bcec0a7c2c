import { bold, cyan, dim } from './style.ts';
import type { MenuDeps } from './types.ts';
import { clean, cut, textWidth, wrap } from './width.ts';

export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['any text', 'search as you type; Enter connects when one asset is meant'],
  ['Up Down', 'select a row; Enter connects to it'],
  ['a number', 'connect to that row'],
  ['/text', 'search everything, without connecting'],
  ['//text', 'search within the list that is shown'],
  ['p  h  d', 'list all assets, hosts, databases'],
  ['g  g3', 'show the folders, list folder 3'],
  ['n  b', 'next page, page before (also PageDown, PageUp)'],
  ['Enter', 'on an empty line: next page'],
  ['Tab', 'complete a name'],
  ['r', 'load the list again'],
  ['Esc', 'clear, then back to the whole list'],
  ['q', 'leave (also exit, quit, Ctrl-D)'],
];

/** The greeting above the first list. */
export function welcome(deps: Pick<MenuDeps, 'userName' | 'displayName' | 'announcement'>, width: number): string[] {
  const name = clean(deps.displayName).trim();
  const user = clean(deps.userName);
  const who = name === '' || name === user ? user : `${name} (${user})`;
  const announcement = deps.announcement.trim();
  const told = announcement === '' ? [] : announcement.split(/\r?\n/).flatMap((line) => wrap(clean(line), width));
  return ['', bold(cut(`Welcome to Bastion, ${who}.`, width)), ...told, ''];
}

/** As many parts as fit, the first ones first. */
export function statusLine(parts: readonly string[], width: number): string {
  let line = cut(` ${parts[0] ?? ''}`, width);
  for (const part of parts.slice(1)) {
    const longer = `${line} · ${part}`;
    if (textWidth(longer) <= width) line = longer;
  }
  return dim(line);
}

/** A prompt with what was typed behind it, or a hint while nothing was. */
export function promptLine(
  label: string,
  line: { view(width: number): { text: string; cursor: number } },
  hint: string,
  width: number,
): { readonly text: string; readonly cursor: number } {
  const start = `${cut(label, Math.max(1, width - 8))}> `;
  const used = textWidth(start);
  const { text, cursor } = line.view(width - used);
  return { text: bold(cyan(start)) + (text === '' ? dim(cut(hint, width - used)) : text), cursor: used + cursor };
}
