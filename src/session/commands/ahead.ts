import type { Input } from './input.ts';
import { type KnownPrompts, looksLikePrompt } from './prompts.ts';
import { isSecretPrompt, NOTHING, type Settled, secretLine } from './settle.ts';

/** What a row that was left, `left`, says of a line that was typed before its prompt was there. */
export function inRow(input: Input, left: string, known: KnownPrompts): Settled | undefined {
  const { typed } = input;
  const line = (text: string, prompt: string): Settled => ({
    kind: 'line',
    line: text,
    confidence: 'screen',
    prompt,
  });
  const prompt = known.startOf(`${left} `);
  const rest = left.slice(prompt.length).trim();
  const text = typed.text.trim();
  if (!typed.exact || text === '') {
    // a line that lost its place could be any
    if (prompt === '' || input.anchor) return undefined;
    return rest === '' ? (typed.exact ? NOTHING : undefined) : line(rest, prompt);
  }
  if (!left.endsWith(text)) {
    input.shownElsewhere ||= text.length > 2 && left.includes(text);
    return undefined;
  }
  const before = left.slice(0, left.length - text.length);
  if (prompt !== '' && !input.anchor) return line(rest, prompt);
  if (isSecretPrompt(before, known)) return secretLine(before);
  if (before !== '' && (known.has(before) || before === input.anchor?.prompt || looksLikePrompt(before)))
    return line(text, before);
  input.shownElsewhere = true;
  return undefined;
}
