import type { CommandRow, Confidence } from '../../src/store/model.ts';
import type { Case, Expected } from './corpus.ts';

/** What is looked at of a row. */
export type Row = Pick<CommandRow, 'line' | 'confidence' | 'context' | 'exitCode' | 'cwd' | 'reported'>;

/** What the rows of one case are worth. Only `wrong` is a failure. */
export interface Verdict {
  /** Right, and known as surely as a row can be. */
  readonly sure: number;
  /** Right, or said not to be known, with less confidence than the best there is: where that is all one can know. */
  readonly labelled: number;
  /** Right, but labelled with less confidence than the corpus expects. */
  readonly unsure: number;
  /** Silently wrong, missing, or too much. */
  readonly wrong: number;
}

type Mark = 'sure' | 'labelled' | 'unsure';
const ROWS: readonly Mark[] = ['sure', 'labelled', 'unsure'];
const RANK = { exact: 0, screen: 1, typed: 2, unparsed: 3 } as const;

export function judge(wanted: Case, rows: readonly Row[]): Verdict {
  const marks = aligned(wanted.commands, rows);
  const count = (mark: Mark) => marks?.filter((one) => one === mark).length ?? 0;
  const leaked = rows.filter((row) => wanted.secrets.some((secret) => JSON.stringify(row).includes(secret))).length;
  const wrong = leaked + (marks ? 0 : Math.max(1, differing(wanted.commands, rows)));
  const [sure, labelled, unsure] = ROWS.map(count);
  return { sure: sure!, labelled: labelled!, unsure: unsure!, wrong };
}

/** A mark for each row when the rows are what was expected, in order. */
function aligned(expected: readonly Expected[], rows: readonly Row[]): Mark[] | undefined {
  const [first, ...others] = expected;
  if (!first) return rows.length === 0 ? [] : undefined;
  for (const [marks, taken] of ways(first, rows)) {
    const rest = aligned(others, rows.slice(taken));
    if (rest) return [...marks, ...rest];
  }
  return undefined;
}

/** The ways in which the first rows can be what is expected here. */
function* ways(expected: Expected, rows: readonly Row[]): Generator<[Mark[], number]> {
  if ('unparsed' in expected) {
    const others = rows.findIndex((row) => row.confidence !== 'unparsed' || row.context !== expected.unparsed);
    for (let taken = others < 0 ? rows.length : others; taken >= 0; taken--)
      yield [Array<Mark>(taken).fill('labelled'), taken];
    return;
  }
  const single = (lines: readonly string[], row: Row | undefined) => row && mark(expected, lines, row);
  if ('line' in expected) {
    const one = single(expected.line, rows[0]);
    if (one) yield [[one], 1];
    return;
  }
  const joined = single([expected.lines.join('\n')], rows[0]);
  if (joined) yield [[joined], 1];
  const each = expected.lines.map((line, index) => single([line], rows[index]));
  if (each.every((one) => one !== undefined)) yield [each, each.length];
}

function mark(
  expected: Exclude<Expected, { unparsed: unknown }>,
  lines: readonly string[],
  row: Row,
): Mark | undefined {
  if (row.context !== expected.context) return undefined;
  if ('exit' in expected && expected.exit !== undefined && row.exitCode !== expected.exit) return undefined;
  if ('cwd' in expected && expected.cwd !== undefined && row.cwd !== expected.cwd) return undefined;
  const best = Math.min(...expected.confidence.map((one) => RANK[one]));
  const foreseen = (expected.confidence as readonly Confidence[]).includes(row.confidence);
  const right = lines.some((line) => same(line, row.line));
  if (right && RANK[row.confidence] <= best) return 'sure';
  if (right) return foreseen ? 'labelled' : 'unsure';
  if (!foreseen) return undefined;
  if (row.confidence === 'unparsed') return 'labelled';
  const typed = 'typed' in expected ? (expected.typed ?? []) : [];
  return row.confidence === 'typed' && typed.some((line) => same(line, row.line)) ? 'labelled' : undefined;
}

/** Blanks around a line change nothing about what was run. */
function same(expected: string, line: string): boolean {
  const ends = (text: string) =>
    text
      .split('\n')
      .map((one) => one.trimEnd())
      .join('\n')
      .trim();
  return ends(expected) === ends(line);
}

/** How many rows are missing, wrong or too much, at least. */
function differing(expected: readonly Expected[], rows: readonly Row[]): number {
  const wanted = expected.flatMap((one) =>
    'line' in one ? [one.line] : 'lines' in one ? one.lines.map((l) => [l]) : [],
  );
  let left = rows.map((row) => row.line);
  const missing = wanted.filter((lines) => {
    const at = left.findIndex((line) => lines.some((one) => same(one, line)));
    if (at >= 0) left = left.toSpliced(at, 1);
    return at < 0;
  });
  return Math.max(missing.length, left.length);
}
