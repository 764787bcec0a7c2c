import type { Confidence } from '../../store/model.ts';
import type { TypedLine } from './keys.ts';
import type { Reading } from './line.ts';
import { type KnownPrompts, looksLikePrompt } from './prompts.ts';
import { asksForSecret, isMasked } from './secret.ts';

/** What is known of one input. `undefined` from a function: wait for more output. */
export type Settled =
  | { readonly kind: 'line'; readonly line: string; readonly confidence: Confidence; readonly prompt: string }
  /** Nothing was entered, or nothing that may be kept. */
  | { readonly kind: 'nothing' };

export const NOTHING: Settled = { kind: 'nothing' };
const HIDDEN = 'input without echo, not kept';
const SECRET = 'an answer to a prompt for a secret, not kept';
export const UNREAD = 'a line that could not be read from the screen';

/** What the keys and the screen say of a line. */
export interface Evidence {
  readonly typed: TypedLine;
  /** As it stood when its Enter came, and when the cursor left it. */
  readonly atEnter: Reading | undefined;
  readonly atEnd: Reading | undefined;
  /** At some key the screen showed exactly what was typed until then. */
  readonly echoed: boolean;
  /** Output came by itself while it was typed. */
  readonly disturbed: boolean;
  /** Its beginning was moved out of sight. */
  readonly scrolled: boolean;
  /** Most likely the terminal itself takes the line, as dash has it. */
  readonly noEditor: boolean;
}

/** A line whose prompt is known to have been there when it was typed, at the moment the cursor leaves it. */
export function settle(evidence: Evidence, known: KnownPrompts): Settled | undefined {
  const { typed, atEnter, atEnd } = evidence;
  const reading = atEnd ?? atEnter;
  if (!reading) return undefined;
  const { prompt } = reading;
  const line = (text: string, confidence: Confidence): Settled => ({ kind: 'line', line: text, confidence, prompt });
  if (reading.text === '') {
    if (typed.exact ? typed.text.trim() === '' : !typed.any || known.has(prompt)) return NOTHING;
    return prompt.trim() === '' ? undefined : hidden(typed, prompt, known);
  }
  // a program may ask before it has switched the echo off
  if (isSecretPrompt(prompt, known)) {
    // or what follows came on the same row, since even the Enter was not shown
    const isShown = !typed.exact || reading.text[0] === typed.text.trim()[0] || isMasked(reading.text[0]!);
    return isShown ? secretLine(prompt) : undefined;
  }
  if (isMasked(reading.text) && !sameText(reading.text, typed.text)) return hidden(typed, prompt, known);
  if (typed.exact) return settleExact(evidence, reading, line);
  // erasing over the edge, a terminal without a line editor leaves behind what it erased
  const uncertain =
    evidence.scrolled ||
    (evidence.disturbed && reading.broken) ||
    (evidence.noEditor && typed.erased && reading.wrapped);
  // what Ctrl-R makes such a terminal print again
  const again = /(?:^|\n)[^\n]*\^R\n([^\n]+)$/.exec(reading.text);
  if (again) return line(again[1]!, 'screen');
  // the key came in the middle of output, for all one can tell
  const unlikely = reading.by === 'prompt' && !known.has(prompt) && !looksLikePrompt(prompt);
  if (uncertain || unlikely) return line(`perhaps: ${reading.text}`, 'unparsed');
  if (reading.by !== 'place') return line(reading.text, 'screen');
  // a key that only an editor understands, shown by a terminal without one
  if (/\^[A-Z[\]^_?]/.test(reading.text)) return undefined;
  // no prompt to go by: what the target says may have come in between
  return atEnter && atEnter.text !== '' && reading.text.startsWith(atEnter.text)
    ? line(reading.text, 'screen')
    : undefined;
}

function settleExact(
  { typed, atEnter, echoed, scrolled }: Evidence,
  reading: Reading,
  line: (text: string, confidence: Confidence) => Settled,
): Settled | undefined {
  const own = typed.text.trimEnd();
  if (sameText(reading.text, own)) return line(own, 'screen');
  const atFirst = atEnter?.text ?? '';
  // transient prompts: the program put another one in its place
  if (reading.by !== 'prompt' && sameText(atFirst, own) && own !== '') return line(own, 'screen');
  if (reading.by === 'place') return undefined;
  // what the program put there itself, before the Enter or with a prompt that came after it
  if (own.trim() === '') {
    const cameLater = atEnter?.by === 'place' && reading.by === 'known';
    return atFirst !== '' || cameLater ? line(reading.text, 'screen') : undefined;
  }
  // keys that another program took before
  if (own.endsWith(reading.text) && atFirst === reading.text) return line(reading.text, 'screen');
  // abbreviations become what they stand for at the Enter or at the blank behind them
  if (!sameText(atFirst, own) && !echoed) return undefined;
  const expanded =
    reading.text.length >= own.length && !typed.erased && !scrolled && !isInserted(own.trim(), reading.text);
  return expanded ? line(reading.text, 'screen') : line(own, 'typed');
}

/** What cannot be awaited any longer. */
export function giveUp(
  evidence: Evidence,
  about: { readonly prompt: string; readonly secretAsked: boolean; readonly shownElsewhere: boolean },
  known: KnownPrompts,
): Settled {
  const { typed, atEnter } = evidence;
  const { prompt } = about;
  const line = (text: string, confidence: Confidence): Settled => ({ kind: 'line', line: text, confidence, prompt });
  if (typed.exact && typed.text.trim() === '') return NOTHING;
  if (about.secretAsked) return about.shownElsewhere ? secretLine(prompt) : NOTHING;
  if (typed.exact && (about.shownElsewhere || (atEnter && sameText(atEnter.text, typed.text))))
    return line(typed.text.trimEnd(), 'typed');
  if (typed.exact) return hidden(typed, prompt, known);
  return line(atEnter && atEnter.text !== '' ? `perhaps: ${atEnter.text}` : UNREAD, 'unparsed');
}

/** What stands behind it is a secret, shown or not; a prompt at which commands were seen is none. */
export function isSecretPrompt(prompt: string, known: KnownPrompts): boolean {
  return asksForSecret(prompt) && !known.has(prompt);
}

/** What is known of an input of which the text must not be. */
export function secretLine(prompt: string): Settled {
  return { kind: 'line', line: SECRET, confidence: 'unparsed', prompt };
}

/** Something was typed and the screen does not show it. */
function hidden(typed: TypedLine, prompt: string, known: KnownPrompts): Settled {
  const secret = asksForSecret(prompt);
  if (secret && !known.has(prompt)) return NOTHING;
  if (!secret && known.has(prompt) && typed.exact)
    return { kind: 'line', line: typed.text.trimEnd(), confidence: 'typed', prompt };
  return { kind: 'line', line: HIDDEN, confidence: 'unparsed', prompt };
}

/** The same but for blanks: how lines are broken, how wide a tab is, what fills the row before a wide character. */
export function sameText(shown: string, typed: string): boolean {
  if (shown.trimEnd() === typed.trimEnd()) return true;
  const bare = (text: string) => text.replace(/\s+/g, '');
  return bare(shown) === bare(typed) && bare(typed) !== '';
}

/** Whether `shown` is what was typed with something put in between, as output of another program is. */
function isInserted(typed: string, shown: string): boolean {
  if (shown.length <= typed.length) return false;
  let start = 0;
  while (start < typed.length && typed[start] === shown[start]) start++;
  const rest = typed.length - start;
  return rest === 0 || shown.endsWith(typed.slice(start));
}
