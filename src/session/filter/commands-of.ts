import { Budget } from './budget.ts';
import { Expander } from './expand.ts';
import { baseName, type Field, ifNoMore, type Output, plainField } from './field.ts';
import { canMeet, isAnything, isWild } from './glob.ts';
import { Names, Picks } from './names.ts';
import { outputOf } from './outputs.ts';
import { parse } from './parse.ts';
import { rememberNames } from './remember-names.ts';
import type { Assignment, Group, Item, Loop, Redirect, Simple, Word } from './syntax.ts';
import { type Input, runners, unwrap } from './unwrap.ts';
import { isShell } from './wrappers.ts';

/** A simple command of a line. */
export interface FoundCommand {
  /** Quotes removed, words joined by one space, redirects to files at the end. */
  readonly text: string;
  /** Empty for a redirect without a command, as `> file`. */
  readonly argv: readonly Field[];
  /** What it stands in, from the outside inwards: `sudo`, `bash -c`, `substitution`. */
  readonly via: readonly string[];
  readonly undecided: readonly string[];
}

export interface FoundCommands {
  readonly commands: readonly FoundCommand[];
  /** A quote, a bracket or a here-document is not closed: the next line belongs to this one. */
  readonly open: boolean;
}

/** Every simple command a line may run, as far as the line itself tells. Throws TooIntricate. */
export function commandsOf(line: string): FoundCommands {
  // a line break and nothing else, whatever the sender's system
  const text = line.replace(/\r\n?/g, '\n');
  const budget = new Budget();
  // some shells leave a NUL out, for others it ends the text
  const readings = text.includes('\0') ? [text.replaceAll('\0', ''), text.replaceAll('\0', '\n')] : [text];
  const walks = readings.map((reading) => {
    const { items, open } = parse(reading, budget);
    const walk = new Walk(budget);
    walk.items(items, [], undefined);
    return { commands: walk.found, open };
  });
  return { commands: walks.flatMap((walk) => walk.commands), open: walks.some((walk) => walk.open) };
}

/** Goes through the commands as a shell would, remembering what the line gives names to. */
class Walk {
  readonly found: FoundCommand[] = [];
  readonly #budget: Budget;
  readonly #names = new Names();
  readonly #seen = new Set<string>();
  readonly #calls = new Set<string>();
  /** More than 0 where what is assigned may not be what holds later. */
  #inside = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  items(items: readonly Item[], via: readonly string[], input: Input): void {
    let piped: { readonly output: Input } | undefined;
    for (const item of items) {
      const into = piped ? piped.output : input;
      this.#item(item, via, into);
      piped = item.piped ? { output: this.#output(item, into) } : undefined;
    }
  }

  #item(item: Item, via: readonly string[], input: Input): void {
    switch (item.kind) {
      case 'simple':
        this.#simple(item, via, input);
        break;
      case 'group':
        for (const redirect of item.redirects) this.#redirect(redirect, via);
        this.#within(() => this.items(item.items, via, this.#input(item.redirects, input)));
        break;
      case 'function':
        this.#names.functions.set(item.name, item.body);
        this.#call(item.name, item.body, null, [...via, `function ${item.name}`], input);
        break;
      case 'loop':
        this.#loop(item, via);
        break;
      case 'comment': {
        // an interactive zsh has no comments: to it these are words, and what is behind a separator runs
        const words = item.text.replace(/(?<=^|[\s;&|()])#/g, '\\#');
        const [first, ...rest] = parse(words, this.#budget).items;
        const inside = [...via, 'comment'];
        if (first?.kind === 'simple') for (const word of first.words) this.#word(word, inside);
        this.#within(() => this.items(rest, inside, undefined));
      }
    }
  }

  #loop({ name, words }: Loop, via: readonly string[]): void {
    for (const word of words ?? []) this.#word(word, via);
    if (name === '') return;
    const fields = words?.flatMap((word) => this.#expander().fields(word));
    const given = fields?.map((field) => (field.undecided.length === 0 ? field.text : null));
    const values = given ?? this.#names.positional ?? [null];
    this.#names.loop(
      name,
      values.map((value) => (value === null ? null : [value])),
    );
  }

  #simple(item: Simple, via: readonly string[], input: Input): void {
    for (const { values } of item.assignments) for (const word of values) this.#word(word, via);
    for (const word of item.words) this.#word(word, via);
    for (const redirect of item.redirects) this.#redirect(redirect, via);
    const own = this.#input(item.redirects, input);
    const picks = new Picks();
    do {
      const expander = this.#expander(picks);
      const argv = item.words.flatMap((word) => expander.fields(word));
      const redirects = item.redirects.flatMap((redirect) => redirectText(redirect, expander));
      const certain = item.certain && this.#inside === 0 && argv.length === 0;
      for (const assignment of item.assignments) this.#assign(assignment, expander, certain);
      if (argv.length > 0) this.#run(argv, redirects, via, own);
      else if (redirects.length > 0) this.#add({ text: redirects.join(' '), argv, via, undecided: [] });
    } while (picks.next());
  }

  /** A command by its words, then what it runs in turn. */
  #run(argv: readonly Field[], redirects: readonly string[], via: readonly string[], input: Input): void {
    const [head, ...args] = argv;
    if (!head) return;
    this.#budget.nested(() => {
      const names = runnerNames(head);
      const runs = names.map((name) => unwrap(name, args, input));
      const own = argv
        .flatMap((field) => field.undecided)
        .concat(head.undecided.length === 0 && isWild(head.shape) ? [head.text] : []);
      const undecided = [...new Set([...own, ...runs.flatMap((run) => run.undecided)])];
      const text = [...argv.map((field) => field.text), ...redirects].join(' ');
      this.#budget.spend(text.length);
      this.#add({ text, argv, via, undecided });
      if (head.undecided.length > 0 && !names.some(isShell)) {
        this.#run([...ifNoMore(head), ...args], redirects, [...via, `${head.undecided.join(' ')} if empty`], input);
      }
      // the history of a shell, a program that runs commands, zsh's braces without a blank
      const escaped = /^(?::?!|\{)(?=.)/.exec(head.text)?.[0];
      if (escaped !== undefined) {
        const rest = plainField(head.text.slice(escaped.length));
        this.#run([rest, ...args], redirects, [...via, escaped], input);
      }
      rememberNames(this.#names, head.text, args, input);
      const body = this.#names.functions.get(head.text);
      if (body) this.#call(head.text, body, args, [...via, `function ${head.text}`], input);
      for (const inner of runs.flatMap((run) => run.inner)) {
        const inside = [...via, inner.through];
        if ('argv' in inner) this.#run(inner.argv, [], inside, input);
        else this.#script(inner.script, inner.args, inside, input);
      }
    });
  }

  #script(script: string, args: readonly Field[] | undefined, via: readonly string[], input: Input): void {
    const { items } = parse(script, this.#budget);
    const { zero, positional } = this.#names;
    if (args) {
      this.#names.zero = args[0]?.text ?? null;
      this.#names.positional = args.slice(1).map((arg) => arg.text);
    }
    this.#within(() => this.items(items, via, input));
    this.#names.zero = zero;
    this.#names.positional = positional;
  }

  /** The body of a function: with the words of a call, or with null as it was defined. */
  #call(name: string, body: Group, args: readonly Field[] | null, via: readonly string[], input: Input): void {
    if (this.#calls.has(name)) return;
    this.#calls.add(name);
    const { positional } = this.#names;
    this.#names.positional = args?.map((arg) => arg.text) ?? null;
    this.#within(() => this.#item(body, via, input));
    this.#names.positional = positional;
    this.#calls.delete(name);
  }

  #within(work: () => void): void {
    this.#inside++;
    this.#budget.nested(work);
    this.#inside--;
  }

  /** The commands inside a word. */
  #word(word: Word, via: readonly string[]): void {
    for (const part of word) {
      if (part.kind === 'variable') this.#word(part.operand, via);
      else if (part.kind === 'arithmetic') this.#word(part.inner, via);
      else if (part.kind === 'command') {
        const inside = [...via, part.process ? 'process substitution' : 'substitution'];
        this.#within(() => this.items(part.items, inside, undefined));
      }
    }
  }

  #redirect({ target, body }: Redirect, via: readonly string[]): void {
    this.#word(target, via);
    if (body) this.#word(body, via);
  }

  /** What a command reads. Where several things go into it, some shells take the last and some take all. */
  #input(redirects: readonly Redirect[], input: Input): Input {
    const inputs: Output[] = input ? [input] : [];
    for (const { operator, target, body } of redirects) {
      const text = operator === '<<<' ? target : body;
      if (text) inputs.push(this.#expander().visible(text));
      else if (operator === '<')
        inputs.push(this.#expander().fields(target)[0]?.input ?? { text: '', complete: false });
    }
    return inputs.length < 2 ? inputs[0] : together(inputs, '\n');
  }

  #output(item: Item, input: Input): Output {
    if (item.kind === 'group') return this.#outputs(item.items, this.#input(item.redirects, input));
    if (item.kind !== 'simple' || item.words.length === 0) return { text: '', complete: item.kind !== 'function' };
    const own = this.#input(item.redirects, input);
    const picks = new Picks();
    const outputs: Output[] = [];
    do {
      const expander = this.#expander(picks);
      const argv = item.words.flatMap((word) => expander.fields(word));
      const one = outputOf(argv, own);
      this.#budget.spend(one.text.length);
      outputs.push(one);
    } while (picks.next());
    return together(outputs, '');
  }

  #outputs(items: readonly Item[], input: Input): Output {
    const outputs: Output[] = [];
    let into = input;
    for (const item of items) {
      const one = this.#output(item, into);
      into = item.piped ? one : input;
      if (!item.piped) outputs.push(one);
    }
    return together(outputs, '');
  }

  #assign({ name, append, values }: Assignment, expander: Expander, certain: boolean): void {
    const texts = values.map((word) => expander.text(word));
    const value = texts.every((text) => text !== null) ? texts : null;
    if (append) this.#names.append(name, value, certain);
    else this.#names.assign(name, value, certain);
  }

  #expander(picks = new Picks()): Expander {
    return new Expander(this.#names, picks, this.#budget, (items) => this.#outputs(items, undefined));
  }

  /** Inside something the same command is told once; side by side each is told. */
  #add(command: FoundCommand): void {
    const key = `${command.argv.map((field) => field.shape).join('\0')}\0\0${command.text}`;
    if (command.via.length > 0 && this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#budget.command();
    this.found.push(command);
  }
}

function together(outputs: readonly Output[], between: string): Output {
  return {
    text: outputs.map(({ text }) => text).join(between),
    complete: outputs.every(({ complete }) => complete),
  };
}

/** The names under which a command may run others: several when its own is a file pattern. */
function runnerNames(head: Field): readonly string[] {
  const base = baseName(head.shape);
  if (head.undecided.length > 0 || !isWild(base)) return [baseName(head.undecided.length > 0 ? head.text : base)];
  if (isAnything(base)) return [];
  return [...runners()].filter((name) => canMeet(name, base));
}

function redirectText({ operator, target }: Redirect, expander: Expander): readonly string[] {
  if (operator.startsWith('<<') || operator.endsWith('<&')) return [];
  const text = expander
    .fields(target)
    .map((field) => field.text)
    .join(' ');
  return operator === '>&' && /^(?:\d+|-)?$/.test(text) ? [] : [`${operator} ${text}`];
}
