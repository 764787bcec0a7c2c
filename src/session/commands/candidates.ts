import type { Confidence } from '../../store/model.ts';
import type { Input } from './input.ts';
import { type Reading, spaced } from './line.ts';
import { type KnownPrompts, looksLikePrompt } from './prompts.ts';
import type { CommandScreen } from './screen.ts';
import { UNREAD } from './settle.ts';

/** Judged in place of a line that cannot be read: a command whose name is not known, which a word list names as `$*`. */
const UNREADABLE = '$unreadable_line';
/** Of a reading in several rows so many are judged by themselves. */
const MOST_ROWS = 20;

export interface Candidate {
  readonly text: string;
  readonly confidence: Confidence;
  /** What is judged, where that is not the text. */
  readonly judged?: string;
}

/** The lines an Enter may run now: what the screen shows, what was typed, or both where they differ: typed first. */
export function candidates(
  input: Input,
  reading: Reading | undefined,
  screen: CommandScreen,
  known: KnownPrompts,
): Candidate[] {
  const { typed } = input;
  const shown = reading?.text.trim() ?? '';
  const own = typed.text.trim();
  const lines: Candidate[] = [];
  if (own !== '' && own !== shown && (typed.exact || shown === ''))
    lines.push({ text: own, confidence: typed.exact ? 'typed' : 'unparsed' });
  if (shown !== '') lines.push({ text: shown, confidence: 'screen' });
  // any of several rows may be what a program reads, the others output or what was given up
  for (const judged of shown.includes('\n') ? shown.split('\n').slice(-MOST_ROWS) : [])
    lines.push({ text: shown, confidence: 'screen', judged });
  if (!typed.exact && !reading)
    lines.push(...guesses(screen).map((text): Candidate => ({ text, confidence: 'unparsed' })));
  if (!typed.exact && !isRead(input, reading, known)) {
    const text = shown === '' ? UNREAD : `perhaps: ${shown}`;
    lines.push({ text, confidence: 'unparsed', judged: UNREADABLE });
  }
  return lines;
}

/** Whether the screen tells what stands there, where the keys do not. */
function isRead(input: Input, reading: Reading | undefined, known: KnownPrompts): boolean {
  if (!reading || input.scrolled || input.disturbed) return false;
  const { text, prompt, by } = reading;
  if (text === '') return input.echoed || (!input.typed.any && known.has(prompt));
  return by === 'known' || (by === 'prompt' && (known.has(prompt) || looksLikePrompt(prompt)));
}

/** What an unknown prompt may leave of the row at the cursor. */
function guesses(screen: CommandScreen): string[] {
  const row = spaced(screen.logical(screen.cursorRow).text).trim();
  const behind = /^.*?[$#%>❯»:]\s+(.+)$/u.exec(row)?.[1];
  return [behind, row].filter((line): line is string => line !== undefined && line !== '');
}
