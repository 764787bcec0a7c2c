import { withoutEscapes } from './escapes.ts';
import { type Part, type Source, type Word, within } from './syntax.ts';

/** What ends a word when it is not quoted. */
const BREAKS = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const PLAIN_RUN = /[^ \t\n;&|<>()\\'"`$}]+/y;
const QUOTED_RUN = /[^\\`$"}]+/y;
const ANSI_QUOTE = /'((?:[^'\\]|\\[\s\S])*)('?)/y;
const CONTINUATION = /(?:\\\n)*/y;
const NAME = /[A-Za-z_]\w*|[0-9@*#?$!-]/y;
const BRACED_NAME = /([!#]?)([A-Za-z_]\w*|\d+|[@*?$!#-])(?:\[([^\]\n]*)\])?/y;
const OPERATOR = /:?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:|@/y;

class Parts {
  readonly list: Part[] = [];

  text(text: string, quoted: boolean): void {
    const last = this.list.at(-1);
    if (last?.kind === 'text' && last.quoted === quoted) {
      this.list[this.list.length - 1] = { kind: 'text', text: last.text + text, quoted };
    } else if (text !== '' || quoted) this.list.push({ kind: 'text', text, quoted });
  }
}

/** The word that begins here, null when none does. Quotes that are never closed reach to the end. */
export function readWord(source: Source): Word | null {
  const parts = new Parts();
  const { text } = source;
  while (source.at < text.length) {
    const char = text[source.at]!;
    if ((char === '<' || char === '>') && text[source.at + 1] === '(') readCommands(source, parts, true, false);
    else if (BREAKS.has(char)) break;
    else readPlain(source, parts, char);
  }
  return parts.list.length === 0 ? null : parts.list;
}

/** The lines of a here-document in which variables and commands are replaced. */
export function readDocument(source: Source, text: string): Word {
  const parts = new Parts();
  readQuoted(within(source, text), parts, '');
  return parts.list;
}

function readPlain(source: Source, parts: Parts, char: string): void {
  const { text } = source;
  switch (char) {
    case '\\': {
      const next = text[source.at + 1];
      if (next === undefined) source.open = true;
      else if (next !== '\n') parts.text(next, true);
      source.at = Math.min(source.at + 2, text.length);
      return;
    }
    case "'": {
      const end = text.indexOf("'", source.at + 1);
      if (end < 0) source.open = true;
      parts.text(text.slice(source.at + 1, end < 0 ? undefined : end), true);
      source.at = end < 0 ? text.length : end + 1;
      return;
    }
    case '"':
      source.at++;
      parts.text('', true);
      readQuoted(source, parts, '"');
      return;
    case '`':
      readBackticks(source, parts, false);
      return;
    case '$':
      readDollar(source, parts, false);
      return;
    default:
      parts.text(run(PLAIN_RUN, source) || text[source.at++]!, false);
  }
}

/** As inside double quotes, up to and with `end`, which is `"`, `}` or nothing for all there is. */
function readQuoted(source: Source, parts: Parts, end: string): void {
  const { text } = source;
  while (source.at < text.length) {
    const char = text[source.at]!;
    if (char === end) {
      source.at++;
      return;
    }
    if (char === '\\') {
      const next = text[source.at + 1] ?? '';
      if ('$`"\\'.includes(next) || next === end) parts.text(next, true);
      else if (next !== '\n') parts.text(char + next, true);
      source.at = Math.min(source.at + 2, text.length);
    } else if (char === '`') readBackticks(source, parts, true);
    else if (char === '$') readDollar(source, parts, true);
    else if (char === '"' && end === '}') {
      source.at++;
      readQuoted(source, parts, '"');
    } else parts.text(run(QUOTED_RUN, source) || text[source.at++]!, true);
  }
  if (end !== '') source.open = true;
}

function readDollar(source: Source, parts: Parts, quoted: boolean): void {
  const { text, at } = source;
  const next = text[at + 1];
  if (next === '(') {
    const end = text[at + 2] === '(' ? arithmeticEnd(text, at + 3) : -1;
    if (end < 0) readCommands(source, parts, false, quoted);
    else {
      const inner = readDocument(source, text.slice(at + 3, end));
      source.at = end + 2;
      parts.list.push({ kind: 'arithmetic', inner, source: text.slice(at, source.at), quoted });
    }
  } else if (next === '{') source.budget.nested(() => readBraced(source, parts, quoted));
  else if (next === "'" && !quoted) {
    ANSI_QUOTE.lastIndex = at + 1;
    const [all, inner, closed] = ANSI_QUOTE.exec(text)!;
    if (!closed) source.open = true;
    source.at += 1 + all.length;
    parts.text(withoutEscapes(inner!), true);
  } else if (next === '"' && !quoted) source.at++;
  else {
    source.at++;
    // some shells join lines before they look for names
    run(CONTINUATION, source);
    const name = run(NAME, source);
    if (name === '') parts.text('$', quoted);
    else {
      const whole = { prefix: '', index: '', operator: '', operand: [], source: `$${name}`, quoted };
      parts.list.push({ kind: 'variable', name, ...whole });
    }
  }
}

/**
 * Where the `))` of an arithmetic expression stands, -1 when it may be none: with quotes or line breaks inside, shells
 * differ, and a subshell in a substitution is the reading that hides nothing.
 */
function arithmeticEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (char === '(') depth++;
    else if (char === ')') {
      if (depth === 0) return text[at + 1] === ')' ? at : -1;
      depth--;
    } else if ('\'"\\`\n'.includes(char)) return -1;
  }
  return -1;
}

function readCommands(source: Source, parts: Parts, process: boolean, quoted: boolean): void {
  const start = source.at;
  source.at += 2;
  const items = source.budget.nested(() => source.items(source, ')'));
  parts.list.push({ kind: 'command', items, process, source: source.text.slice(start, source.at), quoted });
}

function readBackticks(source: Source, parts: Parts, quoted: boolean): void {
  const { text, at } = source;
  let end = at + 1;
  while (end < text.length && text[end] !== '`') end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length) source.open = true;
  const inner = text.slice(at + 1, end).replace(quoted ? /\\([`\\$"])/g : /\\([`\\$])/g, '$1');
  source.at = Math.min(end + 1, text.length);
  const items = source.budget.nested(() => source.items(within(source, inner), ''));
  parts.list.push({ kind: 'command', items, process: false, source: text.slice(at, source.at), quoted });
}

function readBraced(source: Source, parts: Parts, quoted: boolean): void {
  const { text, at } = source;
  BRACED_NAME.lastIndex = at + 2;
  const [all = '', prefix = '', name = '', index = ''] = BRACED_NAME.exec(text) ?? [];
  source.at += 2 + all.length;
  const operator = name === '' ? '' : run(OPERATOR, source);
  const operand = new Parts();
  if (quoted) readQuoted(source, operand, '}');
  else readToBrace(source, operand);
  const whole = text.slice(at, source.at);
  // what is neither a name nor an operator is no form we know, as zsh's ${(e)x}
  const known = operator !== '' || operand.list.length === 0;
  const form = { prefix, index, operator, operand: operand.list, source: whole, quoted };
  parts.list.push({ kind: 'variable', name: known ? name : '', ...form });
}

function readToBrace(source: Source, parts: Parts): void {
  while (source.at < source.text.length) {
    const char = source.text[source.at]!;
    if (char === '}') {
      source.at++;
      return;
    }
    readPlain(source, parts, char);
  }
  source.open = true;
}

/** What matches right here, passed over. */
function run(pattern: RegExp, source: Source): string {
  pattern.lastIndex = source.at;
  const found = pattern.exec(source.text)?.[0] ?? '';
  source.at += found.length;
  return found;
}
