import { expandBraces } from './braces.ts';
import type { Budget } from './budget.ts';
import { type Field, FieldBuilder, knownText, type Output } from './field.ts';
import { canMeet, isWild } from './glob.ts';
import type { Names, Picks, Value } from './names.ts';
import type { CommandPart, Item, Part, VariablePart, Word } from './syntax.ts';

/** Variables whose values begin with a slash on every machine. */
const PATHS = new Set(['HOME', 'PATH', 'PWD', 'OLDPWD', 'SHELL', 'BASH']);
const SLICE = /^\s*(-?\d+)\s*(?::\s*(-?\d+)\s*)?$/;
/** Prefixes and suffixes of longer values are not looked for. */
const LONGEST_TRIMMED = 256;

/** What words become, as far as the line itself tells. */
export class Expander {
  readonly #names: Names;
  readonly #picks: Picks;
  readonly #budget: Budget;
  readonly #outputOf: (items: readonly Item[]) => Output;

  constructor(names: Names, picks: Picks, budget: Budget, outputOf: (items: readonly Item[]) => Output) {
    this.#names = names;
    this.#picks = picks;
    this.#budget = budget;
    this.#outputOf = outputOf;
  }

  fields(word: Word): readonly Field[] {
    return expandBraces(word, this.#budget).flatMap((one) => this.#split(one));
  }

  /** Of what is never split: the value of an assignment, a here-document. Null when something of it is not known. */
  text(word: Word): string | null {
    return knownText(this.#split(word.map((part) => ({ ...part, quoted: true }))));
  }

  /** As `text`, with what is not known as it was written. */
  visible(word: Word): Output {
    const fields = this.#split(word.map((part) => ({ ...part, quoted: true })));
    return { text: fields.map((field) => field.text).join(' '), complete: knownText(fields) !== null };
  }

  #split(word: Word): readonly Field[] {
    const builder = new FieldBuilder();
    for (const part of word) this.#add(builder, part);
    builder.end();
    return builder.fields;
  }

  #add(builder: FieldBuilder, part: Part): void {
    if (part.kind === 'text') {
      this.#budget.spend(part.text.length);
      builder.literal(part.text, part.quoted);
      return;
    }
    const value = this.#value(part);
    if (value === null) {
      this.#budget.spend(part.source.length);
      if (part.kind !== 'command') builder.unknown(part.source);
      else if (part.process) builder.unknown(part.source, '', this.#output(part));
      else builder.unknown(part.source, this.#output(part).text);
    } else {
      for (const one of value) this.#budget.spend(one.length + 1);
      // "$*" is one word, "$@" is several
      const joined = part.quoted && part.kind === 'variable' && part.name !== '@' && part.index !== '@';
      builder.value(joined ? [value.join(' ')] : value, part.quoted);
    }
  }

  #value(part: Exclude<Part, { kind: 'text' }>): Value {
    if (part.kind === 'arithmetic') return null;
    if (part.kind === 'variable') return this.#budget.nested(() => this.#variable(part));
    if (part.process) return null;
    const { text, complete } = this.#output(part);
    return complete ? [text.replace(/\n+$/, '')] : null;
  }

  #output(part: CommandPart): Output {
    return this.#budget.nested(() => this.#outputOf(part.items));
  }

  #variable(part: VariablePart): Value {
    const { name, prefix, index, operator } = part;
    const own = this.#lookUp(name, index);
    // white space, however it is cut, unless the line changes it
    if (name === 'IFS' && own === undefined) return [' \t\n'];
    if (own === undefined) return this.#unset(part);
    if (own === null) return null;
    const text = own.join(' ');
    if (prefix === '#') return [String(text.length)];
    if (prefix === '!') {
      const target = this.#lookUp(text, '');
      return operator === '' ? (target ?? null) : null;
    }
    switch (operator) {
      case '':
      case '?':
      case ':?':
      case '@':
        return operator === '@' ? null : own;
      case '-':
      case '=':
      case ':-':
      case ':=':
        return text === '' && operator.startsWith(':') ? this.#operand(part) : own;
      case '+':
      case ':+':
        return text === '' && operator.startsWith(':') ? [] : this.#operand(part);
      default: {
        const changed = this.#changed(text, part);
        return changed === null ? null : [changed];
      }
    }
  }

  /** Undefined when the line does not say what it is, null when it says something unknown. */
  #lookUp(name: string, index: string): Value | undefined {
    const { positional, zero } = this.#names;
    if (name === '@' || name === '*') return positional ?? undefined;
    if (name === '0') return zero === null ? undefined : [zero];
    if (/^\d+$/.test(name))
      return positional === null
        ? undefined
        : (([one]) => (one === undefined ? [] : [one]))(positional.slice(Number(name) - 1));
    const values = this.#names.of(name);
    if (values.length === 0) return undefined;
    const value = this.#picks.choose(name, values);
    if (value === null || index === '@' || index === '*') return value;
    if (index !== '' && !/^\d+$/.test(index)) return null;
    const at = Number(index || 0);
    const one = (n: number) => value.slice(n, n + 1);
    // zsh counts from 1
    return at === 0 ? one(0) : this.#picks.choose(`${name}[${at}]`, [one(at), one(at - 1)]);
  }

  /** It may come from elsewhere. The reading that hides nothing is taken: `${x:-rm}` is `rm`, and `${x:+rm}` is `rm` and nothing. */
  #unset(part: VariablePart): Value {
    const { name, prefix, operator } = part;
    if (prefix !== '') return null;
    if (/^:?[-=]$/.test(operator)) return this.#operand(part);
    if (/^:?\+$/.test(operator)) return this.#picks.choose(part.source, [this.#operand(part), []]);
    if (operator === ':' && PATHS.has(name)) {
      const [, start, length] = SLICE.exec(this.text(part.operand) ?? '') ?? [];
      if (start === '0' && length === '1') return ['/'];
    }
    return null;
  }

  #operand(part: VariablePart): Value {
    const text = this.text(part.operand);
    return text === null ? null : [text];
  }

  #changed(text: string, { operator, operand }: VariablePart): string | null {
    const fields = this.#split(operand);
    if (fields.length > 1 || fields.some((field) => field.undecided.length > 0)) return null;
    const { text: argument, shape } = fields[0] ?? { text: '', shape: '' };
    switch (operator) {
      case ':': {
        const [, start, length] = SLICE.exec(argument) ?? [];
        if (start === undefined) return null;
        const rest = text.slice(Number(start));
        return length === undefined ? rest : rest.slice(0, Number(length));
      }
      case '^^':
      case ',,':
        return operator === '^^' ? text.toUpperCase() : text.toLowerCase();
      case '^':
      case ',': {
        const first = text.slice(0, 1);
        return (operator === '^' ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
      }
      case '/':
      case '//': {
        const [from = '', to = ''] = argument.split('/', 2);
        if (from === '' || isWild(shape)) return null;
        return operator === '//' ? text.replaceAll(from, () => to) : text.replace(from, () => to);
      }
      default:
        return this.#trimmed(text, operator, shape);
    }
  }

  /** `#` and `%`: without the shortest (`##`, `%%`: longest) beginning or end that fits. */
  #trimmed(text: string, operator: string, shape: string): string | null {
    if (text.length > LONGEST_TRIMMED) return null;
    this.#budget.spend(text.length * shape.length);
    const lengths = Array.from({ length: text.length + 1 }, (_, n) => n);
    if (operator.length > 1) lengths.reverse();
    const cut = (n: number) => (operator.startsWith('#') ? text.slice(0, n) : text.slice(text.length - n));
    const fits = lengths.find((n) => canMeet(shape, cut(n)));
    if (fits === undefined) return text;
    return operator.startsWith('#') ? text.slice(fits) : text.slice(0, text.length - fits);
  }
}
