/**
 * Search for a text anywhere in a line, over an FTS5 index with `tokenize = 'trigram'` and `detail = none`: such an
 * index knows which rows hold a trigram, not where, so it is asked for all trigrams of the text, and `foldedMatcher`
 * then judges the rows it names. Both ignore case as Unicode's simple case folding does. Pure.
 */

/** Every three characters that follow each other, each once; empty for a text of less than three. */
export function trigramsOf(text: string): string[] {
  const characters = [...searchable(text)];
  const trigrams = new Set<string>();
  for (let i = 0; i + 3 <= characters.length; i++) trigrams.add(characters.slice(i, i + 3).join(''));
  return [...trigrams];
}

/** What to give to MATCH for rows that hold every trigram of the text; undefined for a text of less than three characters. */
export function matchExpression(text: string): string | undefined {
  const trigrams = trigramsOf(text);
  return trigrams.length === 0 ? undefined : allOf(trigrams);
}

/**
 * The range of index terms (from, to before which) that begin with a text too short for a trigram. Terms are kept
 * case-folded. Where lines are indexed with two characters more behind them, some term begins with each character.
 */
export function termRange(text: string): readonly [string, string] {
  const from = [...searchable(text)].map(folded).join('');
  return [from, `${from}\u{10ffff}`];
}

/** What to give to MATCH for rows that hold all of these trigrams. */
export function allOf(trigrams: readonly string[]): string {
  return trigrams.map(quoted).join(' AND ');
}

/** What to give to MATCH for rows that hold any of these trigrams; empty for none. */
export function anyOf(trigrams: readonly string[]): string {
  return trigrams.map(quoted).join(' OR ');
}

/** Whether a line holds the text, whatever the case. */
export function foldedMatcher(text: string): (line: string) => boolean {
  const pattern = foldedPattern(text);
  return (line) => pattern.test(line);
}

/** The text as a pattern that ignores case; `flags` besides. */
export function foldedPattern(text: string, flags = ''): RegExp {
  return new RegExp(searchable(text).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), `iu${flags}`);
}

/** What can stand in a stored line: FTS5 reads its queries up to a NUL, and SQLite stores no lone surrogates. */
function searchable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** One character for one, as FTS5 folds its terms. */
function folded(character: string): string {
  const other = character.toUpperCase().toLowerCase();
  return [...other].length === 1 && foldedMatcher(character)(other) ? other : character;
}

function quoted(trigram: string): string {
  return `"${trigram.replaceAll('"', '""')}"`;
}
