// The filter corpus: data files that anyone can add to, and the table of docs/FILTERS.md that is made from them.
// `node test/commands/filter/corpus.ts` writes the table anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { FilterId } from '../../../src/kernel/id.ts';
import type { CommandRule, FilterAction } from '../../../src/store/model.ts';

export interface CorpusLine {
  readonly line: string;
  readonly expect: FilterAction;
  /** The simple commands that must be found, in order. */
  readonly commands: readonly string[];
  readonly undecided?: readonly string[];
  /** Why a line that may do harm is let through, or one that may do none is caught. */
  readonly why?: string;
  /** False where the file's shell does otherwise, or another machine would. */
  readonly real?: false;
}

export interface CorpusFile {
  readonly name: string;
  readonly title: string;
  /** The shell in which each line that is caught really runs `rm`, and no other one does. */
  readonly shell?: 'bash';
  readonly rules: readonly CommandRule[];
  readonly lines: readonly CorpusLine[];
}

interface RawRule {
  readonly name: string;
  readonly do: FilterAction;
  readonly priority?: number;
  readonly words?: readonly string[];
  readonly regex?: string;
  readonly matchCase?: boolean;
}

export function corpus(): readonly CorpusFile[] {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yml'));
  return names.sort().map((name) => {
    const raw: CorpusFile & { rules: readonly RawRule[] } = parse(
      readFileSync(join(import.meta.dirname, name), 'utf8'),
    );
    return { ...raw, name, rules: raw.rules.map(rule) };
  });
}

function rule(raw: RawRule): CommandRule {
  return {
    id: raw.name as FilterId,
    name: raw.name,
    priority: raw.priority ?? 50,
    action: raw.do,
    words: raw.words ?? [],
    regex: raw.regex ?? null,
    matchCase: raw.matchCase ?? false,
    reviewers: [],
  };
}

const BEGIN = '<!-- made from test/commands/filter: begin -->';
const END = '<!-- end -->';
export const DOCUMENT = join(import.meta.dirname, '../../../docs/FILTERS.md');

/** The document with the tables as the corpus has them now. */
export function documentWithTables(text: string): string {
  const before = text.slice(0, text.indexOf(BEGIN));
  const after = text.slice(text.indexOf(END));
  return `${before}${BEGIN}\n\n${corpus().map(table).join('\n')}\n${after}`;
}

function table({ title, rules, lines }: CorpusFile): string {
  const given = rules.map(
    ({ name, priority, action, words, regex, matchCase }) =>
      `${action} ${regex === null ? words.map(code).join(', ') : `the expression ${code(regex)}`}${matchCase ? ', case matters' : ''} (${name}${priority === 50 ? '' : `, priority ${priority}`})`,
  );
  const reasons = lines.some((line) => line.why !== undefined);
  const rows = lines.map(
    ({ line, expect, why }) =>
      `| ${code(line).replaceAll('|', '\\|')} | ${expect} |${reasons ? ` ${why ?? ''} |` : ''}`,
  );
  const head = reasons ? '| line | result | why |\n|---|---|---|' : '| line | result |\n|---|---|';
  return `### ${title}\n\nRules: ${given.join('; ')}.\n\n${head}\n${rows.join('\n')}\n`;
}

const SHOWN: Readonly<Record<string, string>> = { '\n': '⏎', '\r': '␍', '\t': '⇥', '\0': '␀', '\u200b': '[U+200B]' };

function code(text: string): string {
  const shown = text.replace(/[\n\r\t\0\u200b]/g, (char) => SHOWN[char]!);
  if (shown.trim() === '') return shown === '' ? '(nothing)' : '(blanks)';
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

if (import.meta.main) writeFileSync(DOCUMENT, documentWithTables(readFileSync(DOCUMENT, 'utf8')));
