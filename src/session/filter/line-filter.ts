import { type CommandRule, type FilterAction, SEVERITY } from '../../store/model.ts';
import { TooIntricate } from './budget.ts';
import { commandsOf, type FoundCommand, type FoundCommands } from './commands-of.ts';
import { MatchWork } from './match-work.ts';
import { Pattern } from './regex-rules.ts';
import { type ComparableCommand, comparable, matchesEntry, type WordEntry, wordEntry } from './word-rules.ts';

/** One simple command of a line and what decided about it. */
export interface JudgedCommand {
  /** As it will run, as far as can be told: quotes removed, words joined by one space. */
  readonly text: string;
  /** The rule that decided, null when none minded: then it is allowed. */
  readonly rule: CommandRule | null;
  readonly action: FilterAction;
  /** What it stands in, from the outside inwards: `sudo`, `bash -c`, `substitution`; `whole line` for the line itself. */
  readonly via?: readonly string[];
  /** What in it could not be told here, as it was written: `$x`, `input of sh`. */
  readonly undecided?: readonly string[];
}

export interface LineVerdict {
  readonly action: FilterAction;
  /** The rule that decided, null when no rule minded. */
  readonly rule: CommandRule | null;
  /** The simple command it decided about. */
  readonly command: string;
  /** Everything that was found in the line, in its order. */
  readonly commands: readonly JudgedCommand[];
  /** Why the line was not taken apart: then the severest rule decided. */
  readonly unread?: string;
  /** A quote, a bracket or a here-document is not closed: what is typed next belongs to this line. */
  readonly continues?: true;
}

const LONGEST_LINE = 64 * 1024;

interface ReadyRule {
  readonly rule: CommandRule;
  readonly entries: readonly WordEntry[];
  readonly pattern: Pattern | null;
}

/** A command as the rules see it, made when the first word list asks. */
interface Asked {
  readonly found: FoundCommand;
  exact?: ComparableCommand | null;
  folded?: ComparableCommand | null;
}

/**
 * The rules of one grant, ready to be asked about lines. Pure and synchronous; never throws, and a line that is too long
 * or too intricate to be taken apart is decided by the severest rule.
 */
export class LineFilter {
  readonly #rules: readonly ReadyRule[];

  /** `rules` in the order they are asked. */
  constructor(rules: readonly CommandRule[]) {
    this.#rules = rules.map((rule) => ({
      rule,
      entries: rule.words.map((entry) => wordEntry(entry, rule.matchCase)),
      pattern: rule.regex === null ? null : new Pattern(rule.regex, rule.matchCase),
    }));
  }

  /** Nothing is filtered: no line has to be looked at. */
  get empty(): boolean {
    return this.#rules.length === 0;
  }

  judge(line: string): LineVerdict {
    const found = takenApart(line);
    if ('unread' in found) return this.#unread(line, found.unread);
    const work = new MatchWork();
    const commands = found.commands.map((command): JudgedCommand => {
      const asked: Asked = { found: command };
      const rule = this.#rules.find((ready) => matches(ready, asked, work))?.rule ?? null;
      const { text, via, undecided } = command;
      const judged = { text, rule, action: rule?.action ?? ('allow' as const) };
      return {
        ...judged,
        ...(via.length > 0 && { via }),
        ...(undecided.length > 0 && { undecided }),
      };
    });
    const whole = this.#whole(line, work);
    if (whole && commands.every(({ rule }) => rule !== whole)) {
      commands.push({ text: line, rule: whole, action: whole.action, via: ['whole line'] });
    }
    const worst = severest(commands);
    return {
      action: worst?.action ?? 'allow',
      rule: worst?.rule ?? null,
      command: worst?.text ?? line,
      commands,
      ...(found.open && { continues: true as const }),
    };
  }

  /** The first expression that matches the line as it was typed: what it says counts like one more command. */
  #whole(line: string, work: MatchWork): CommandRule | null {
    return this.#rules.find(({ rule, pattern }) => pattern && doesMatch(pattern, line, rule, work))?.rule ?? null;
  }

  #unread(line: string, unread: string): LineVerdict {
    const rules = this.#rules.map(({ rule }) => ({ rule, action: rule.action }));
    const { rule = null, action = 'allow' as const } = severest(rules) ?? {};
    return { action, rule, command: line, commands: [{ text: line, rule, action, undecided: ['all of it'] }], unread };
  }
}

/** The simple commands of a line, or why they cannot be told. */
export function takenApart(line: string): FoundCommands | { readonly unread: string } {
  if (line.length > LONGEST_LINE) return { unread: `it is longer than ${LONGEST_LINE} characters` };
  try {
    return commandsOf(line);
  } catch (error) {
    // whatever it was, a line that was not understood must not pass for one that was
    return { unread: error instanceof TooIntricate ? error.message : 'it could not be taken apart' };
  }
}

function matches({ rule, entries, pattern }: ReadyRule, asked: Asked, work: MatchWork): boolean {
  if (entries.length > 0) {
    const key = rule.matchCase ? 'exact' : 'folded';
    if (asked[key] === undefined) asked[key] = comparable(asked.found, rule.matchCase);
    const command = asked[key];
    // what only may be meant is enough to stop a command, and not enough to let it through
    const mayBe = rule.action !== 'allow';
    if (command && entries.some((entry) => matchesEntry(entry, command, mayBe, work))) return true;
  }
  return pattern !== null && doesMatch(pattern, asked.found.text, rule, work);
}

/** An expression that cannot be asked counts as matching, except where it would let something through. */
function doesMatch(pattern: Pattern, text: string, rule: CommandRule, work: MatchWork): boolean {
  return pattern.matches(text, work) ?? rule.action !== 'allow';
}

function severest<T extends { readonly action: FilterAction }>(list: readonly T[]): T | undefined {
  return list.reduce<T | undefined>(
    (worst, one) => (worst && SEVERITY[one.action] <= SEVERITY[worst.action] ? worst : one),
    undefined,
  );
}
