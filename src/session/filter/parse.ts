import type { Budget } from './budget.ts';
import { readRedirect, readRedirects, readWaitingDocuments } from './read-redirect.ts';
import { readWord } from './read-word.ts';
import { type Assignment, bareText, type Group, type Item, type Source, type Word } from './syntax.ts';

/** Words after which a command begins, as after a separator. */
const OPENING = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!']);
const CLOSING = new Set(['fi', 'done', 'esac', '}']);
const ASSIGNMENT = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?(\+?)=/;
const SEPARATOR = /&&|\|\||\|&|;;&|;;|;&|[;&|]/y;
/** A word without quotes and `$`: only such a one is the shell's own or names a function. */
const BARE_WORD = /(?:[^\s;&|<>()'"`$\\]|\\\n)+(?=[\s;&|<>()]|$)/y;
const BLANKS = /(?:[ \t]|\\\n)*/y;
const BLANKS_AND_LINES = /(?:[ \t\n]|\\\n)*/y;

/**
 * Reads a text as a POSIX shell or bash would. What is no valid shell line is read all the same, to the side that hides
 * nothing: a stray `)`, `fi` or `do` is passed over, for a person types a loop line by line.
 */
export function parse(text: string, budget: Budget): { readonly items: readonly Item[]; readonly open: boolean } {
  budget.spend(text.length);
  const source: Source = {
    text,
    at: 0,
    documents: [],
    open: false,
    budget,
    items: (inner, end) => new ItemReader(inner, end).read(),
  };
  const items = source.items(source, '');
  return { items, open: source.open || source.documents.length > 0 };
}

/** Reads one list of commands. */
class ItemReader {
  readonly #source: Source;
  readonly #end: string;
  readonly #items: Item[] = [];
  /** `if`, loops and `case` that are open. */
  #conditions = 0;
  #cases = 0;
  /** A pattern of `case` comes next. */
  #atPattern = false;
  /** Nothing decides whether the next command runs. */
  #certain = true;

  constructor(source: Source, end: string) {
    this.#source = source;
    this.#end = end;
  }

  read(): Item[] {
    const source = this.#source;
    const { text, budget } = source;
    for (;;) {
      skip(source, BLANKS);
      if (source.at >= text.length) {
        if (this.#end !== '') source.open = true;
        return this.#items;
      }
      budget.spend(1);
      const before = source.at;
      const char = text[before]!;
      if (char === '\n') {
        source.at++;
        readWaitingDocuments(source);
        this.#certain = true;
      } else if (this.#atPattern) this.#pattern();
      else if (char === ')') {
        source.at++;
        if (this.#end === ')') return this.#items;
      } else if (char === '(') this.#items.push(this.#group(')'));
      else if (char === '#') this.#comment();
      else if (!this.#separator() && this.#command()) return this.#items;
      // whatever it was, reading goes on behind it
      if (source.at === before) source.at++;
    }
  }

  /** False when none stands here. */
  #separator(): boolean {
    const { text, at } = this.#source;
    if (text[at] === '&' && text[at + 1] === '>') return false;
    const found = skip(this.#source, SEPARATOR);
    if (found === '') return false;
    const last = this.#items.at(-1);
    if (last && (found === '|' || found === '|&')) last.piped = true;
    if (found.startsWith(';;') || found === ';&') this.#atPattern = this.#cases > 0;
    this.#certain = found === ';';
    return true;
  }

  /** True at the word that ends this list. */
  #command(): boolean {
    const source = this.#source;
    const start = source.at;
    const text = skip(source, BARE_WORD).replaceAll('\\\n', '');
    if (text !== '') {
      if (text === '}' && this.#end === '}') return true;
      if (this.#reserved(text) || this.#function(text)) return false;
    }
    source.at = start;
    this.#simple();
    return false;
  }

  /** Takes a word that is no command itself, with what belongs to it. */
  #reserved(text: string): boolean {
    const source = this.#source;
    if (OPENING.has(text) || CLOSING.has(text)) {
      if (text === 'if' || text === 'while' || text === 'until') this.#conditions++;
      else if (text !== '}' && CLOSING.has(text) && this.#conditions > 0) this.#conditions--;
      if (text === 'esac' && this.#cases > 0) this.#cases--;
      return true;
    }
    switch (text) {
      case '{':
        source.at--;
        this.#items.push(this.#group('}'));
        return true;
      case 'for':
      case 'select':
        this.#loop();
        return true;
      case 'case':
        this.#case();
        return true;
      case 'function': {
        skip(source, BLANKS);
        const name = readWord(source);
        const known = name && bareText(name);
        if (known !== null && !this.#function(known, /\s*(?:\(\s*\))?\s*(?=[{(])/y)) skip(source, /\s*\(\s*\)/y);
        return true;
      }
      case 'coproc':
        skip(source, /[ \t]*[A-Za-z_]\w*(?=[ \t]*[{(])/y);
        return true;
      case 'time':
        // before a compound command it is the shell's own word; otherwise a command like env
        return peek(source, /[ \t]+(?:-p[ \t]+)?(?:[{(!]|(?:if|for|while|until|case|select)[ \t])/y);
      default:
        return false;
    }
  }

  /** `name() { … }`, read when the brackets stand here. */
  #function(name: string, brackets = /[ \t]*\([ \t]*\)\s*/y): boolean {
    const source = this.#source;
    if (skip(source, brackets) === '') return false;
    const open = source.text[source.at];
    // a body without brackets is zsh's way: it is read as the command it is
    if (open !== '{' && open !== '(') return true;
    const body = this.#group(open === '{' ? '}' : ')');
    this.#items.push({ kind: 'function', name, body, piped: false });
    return true;
  }

  /** From its opening bracket to the redirects behind it. */
  #group(end: ')' | '}'): Group {
    const source = this.#source;
    source.at++;
    const items = source.budget.nested(() => source.items(source, end));
    return { kind: 'group', items, redirects: readRedirects(source), piped: false };
  }

  #loop(): void {
    const source = this.#source;
    this.#conditions++;
    skip(source, BLANKS);
    const word = readWord(source);
    const name = word && bareText(word);
    if (name === null) return;
    skip(source, BLANKS_AND_LINES);
    let words: Word[] | null = null;
    if (skip(source, /in(?=[\s;]|$)/y) !== '') words = this.#wordList();
    this.#items.push({ kind: 'loop', name, words, piped: false });
  }

  #wordList(): Word[] {
    const words: Word[] = [];
    for (;;) {
      skip(this.#source, BLANKS);
      const word = readWord(this.#source);
      if (!word) return words;
      words.push(word);
    }
  }

  #case(): void {
    const source = this.#source;
    this.#conditions++;
    skip(source, BLANKS);
    const word = readWord(source);
    // its word may hold a command, which runs
    if (word) this.#items.push({ kind: 'loop', name: '', words: [word], piped: false });
    skip(source, BLANKS_AND_LINES);
    if (skip(source, /in(?=\s|$)/y) === '') return;
    this.#cases++;
    this.#atPattern = true;
  }

  #pattern(): void {
    const source = this.#source;
    this.#atPattern = false;
    if (skip(source, /esac(?![^\s;&|)])/y) !== '') {
      this.#conditions = Math.max(0, this.#conditions - 1);
      this.#cases--;
      return;
    }
    skip(source, /\(/y);
    for (;;) {
      skip(source, BLANKS);
      const word = readWord(source);
      if (word) this.#items.push({ kind: 'loop', name: '', words: [word], piped: false });
      skip(source, BLANKS);
      if (skip(source, /\|/y) !== '') continue;
      skip(source, /\)/y);
      this.#certain = false;
      return;
    }
  }

  #comment(): void {
    const { text, at } = this.#source;
    const end = text.indexOf('\n', at);
    this.#source.at = end < 0 ? text.length : end;
    this.#items.push({ kind: 'comment', text: text.slice(at, this.#source.at), piped: false });
  }

  #simple(): void {
    const source = this.#source;
    const certain = this.#certain && this.#conditions === 0;
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects = [];
    for (;;) {
      skip(source, BLANKS);
      if (source.text[source.at] === '#') break;
      const redirect = readRedirect(source);
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const word = readWord(source);
      if (!word) break;
      source.budget.spend(1);
      const assignment = words.length === 0 ? this.#assignment(word) : null;
      if (assignment) assignments.push(assignment);
      else words.push(word);
    }
    if (assignments.length + words.length + redirects.length === 0) return;
    this.#items.push({ kind: 'simple', assignments, words, redirects, certain, piped: false });
  }

  #assignment(word: Word): Assignment | null {
    const [first, ...rest] = word;
    if (first?.kind !== 'text' || first.quoted) return null;
    const match = ASSIGNMENT.exec(first.text);
    if (!match) return null;
    const value: Word = [{ ...first, text: first.text.slice(match[0].length) }, ...rest];
    const whole = { name: match[1]!, append: match[2] === '+' };
    if (word.length > 1 || first.text.length > match[0].length || this.#source.text[this.#source.at] !== '(') {
      return { ...whole, values: [value] };
    }
    return { ...whole, values: this.#list() };
  }

  /** The words of `a=(…)`. */
  #list(): Word[] {
    const source = this.#source;
    source.at++;
    const words: Word[] = [];
    for (;;) {
      skip(source, BLANKS_AND_LINES);
      const word = readWord(source);
      if (word) words.push(word);
      else {
        skip(source, /\)/y);
        return words;
      }
    }
  }
}

/** What matches right here, passed over. */
function skip(source: Source, pattern: RegExp): string {
  pattern.lastIndex = source.at;
  const found = pattern.exec(source.text)?.[0] ?? '';
  source.at += found.length;
  return found;
}

function peek(source: Source, pattern: RegExp): boolean {
  pattern.lastIndex = source.at;
  return pattern.test(source.text);
}
