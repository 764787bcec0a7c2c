import type { CommandRow } from '../../src/store/model.ts';
import type { Expected } from './corpus.ts';
import type { Outcome } from './driver.ts';

export function failed(outcome: Outcome): boolean {
  return outcome.stuck !== undefined || outcome.verdict.wrong > 0;
}

/** What was expected and what came, for a person. */
export function explained(outcome: Outcome): string {
  const { case: one, mode, rows, stuck } = outcome;
  return [
    `${failed(outcome) ? '✗' : '✓'} ${one.group}: ${one.name} (${mode})`,
    ...(stuck ? [`  stuck: ${stuck.message}`] : []),
    '  expected:',
    ...one.commands.map((expected) => `    ${described(expected)}`),
    '  got:',
    ...rows.map((row) => `    ${got(row)}`),
  ].join('\n');
}

/** The accuracy of each group of cases, as a Markdown table. */
export function table(outcomes: readonly Outcome[]): string {
  const groups = Map.groupBy(outcomes, (outcome) => outcome.case.group);
  const lines = [...groups].map(([group, list]) => line(group, list));
  return [
    '| corpus | interactions | rows | right, surest label | right or unknown, labelled so | right, labelled lower than could be | wrong or missing |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    line('**all**', outcomes),
  ].join('\n');
}

function line(group: string, outcomes: readonly Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const cells = [
    new Set(outcomes.map((outcome) => `${outcome.case.group}: ${outcome.case.name}`)).size,
    sum((outcome) => outcome.rows.length),
    sum(({ verdict }) => verdict.sure),
    sum(({ verdict }) => verdict.labelled),
    sum(({ verdict }) => verdict.unsure),
    sum(({ verdict }) => verdict.wrong),
  ];
  return `| ${group} | ${cells.join(' | ')} |`;
}

function described(expected: Expected): string {
  if ('unparsed' in expected) return `(any number of unparsed rows, ${expected.unparsed})`;
  const what =
    'line' in expected ? expected.line.map((one) => JSON.stringify(one)).join(' or ') : joined(expected.lines);
  return `${what}  ${expected.confidence.join('/')} ${expected.context}`;
}

function joined(lines: readonly string[]): string {
  return lines.map((one) => JSON.stringify(one)).join(' + ');
}

function got(row: CommandRow): string {
  const more = [row.exitCode, row.cwd, row.reported].some((one) => one !== null)
    ? ` exit ${row.exitCode} cwd ${row.cwd} reported ${JSON.stringify(row.reported)}`
    : '';
  return `${JSON.stringify(row.line)}  ${row.confidence} ${row.context}${more}`;
}
