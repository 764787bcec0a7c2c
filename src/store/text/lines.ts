/** So much of a line is told on each side of what was found. */
const AROUND = 160;

/** A line of a part that holds the text. */
export interface FoundLine {
  /** Counted from the beginning of the part. */
  readonly line: number;
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

/** The lines, the last one first, in which the pattern (global) matches, with the first place of each. */
export function linesWith(text: string, pattern: RegExp): FoundLine[] {
  const found: FoundLine[] = [];
  let line = 0;
  let counted = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < match.index; at = text.indexOf('\n', counted)) {
      line++;
      counted = at + 1;
    }
    const end = text.indexOf('\n', match.index);
    const behind = match.index + match[0].length;
    found.push({
      line,
      before: tail(text.slice(counted, match.index)),
      match: match[0],
      after: head(text.slice(behind, end < 0 ? text.length : end)),
    });
    if (end < 0) break;
    pattern.lastIndex = end + 1;
  }
  return found.reverse();
}

function tail(text: string): string {
  return text.length <= AROUND ? text : `…${text.slice(-AROUND).toWellFormed()}`;
}

function head(text: string): string {
  return text.length <= AROUND ? text : `${text.slice(0, AROUND).toWellFormed()}…`;
}
