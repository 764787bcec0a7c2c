import { readDocument, readWord } from './read-word.ts';
import type { Redirect, Source, Word } from './syntax.ts';

const REDIRECT = /(?:\d+|\{[A-Za-z_]\w*\})?(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())[ \t]*/y;
const BLANKS = /(?:[ \t]|\\\n)*/y;

/** The redirect that begins here, null when none does. */
export function readRedirect(source: Source): Redirect | null {
  REDIRECT.lastIndex = source.at;
  const match = REDIRECT.exec(source.text);
  if (!match) return null;
  source.at += match[0].length;
  const redirect: Redirect = { operator: match[1]!, target: readWord(source) ?? [], body: null };
  if (redirect.operator === '<<' || redirect.operator === '<<-') source.documents.push(redirect);
  return redirect;
}

export function readRedirects(source: Source): Redirect[] {
  const redirects: Redirect[] = [];
  for (;;) {
    BLANKS.lastIndex = source.at;
    source.at += BLANKS.exec(source.text)![0].length;
    const redirect = readRedirect(source);
    if (!redirect) return redirects;
    redirects.push(redirect);
  }
}

/** At the beginning of a line: the here-documents of the line before stand here. */
export function readWaitingDocuments(source: Source): void {
  for (const redirect of source.documents.splice(0)) {
    const end = redirect.target.map((part) => (part.kind === 'text' ? part.text : part.source)).join('');
    const literal = redirect.target.some((part) => part.kind === 'text' && part.quoted);
    const lines: string[] = [];
    for (;;) {
      if (source.at >= source.text.length) {
        source.open = true;
        break;
      }
      const stop = source.text.indexOf('\n', source.at);
      const raw = source.text.slice(source.at, stop < 0 ? undefined : stop);
      source.at = stop < 0 ? source.text.length : stop + 1;
      const line = redirect.operator === '<<-' ? raw.replace(/^\t+/, '') : raw;
      if (line === end) break;
      lines.push(line);
    }
    const text = `${lines.join('\n')}\n`;
    const body: Word = literal ? [{ kind: 'text', text, quoted: true }] : readDocument(source, text);
    redirect.body = body;
  }
}
