import type { CommandRule, FilterAction } from '../../store/model.ts';

/** One simple command of a line and what decided about it. */
export interface JudgedCommand {
  /** As it will run, as far as can be told: quotes removed, words joined by one space. */
  readonly text: string;
  /** The rule that decided, null when none minded: then it is allowed. */
  readonly rule: CommandRule | null;
  readonly action: FilterAction;
}

export interface LineVerdict {
  readonly action: FilterAction;
  /** The rule that decided, null when no rule minded. */
  readonly rule: CommandRule | null;
  /** The simple command it decided about. */
  readonly command: string;
  /** Everything that was found in the line, in its order. */
  readonly commands: readonly JudgedCommand[];
}

const SEVERITY: Readonly<Record<FilterAction, number>> = { allow: 0, warn: 1, review: 2, deny: 3 };

/** The rules of one grant, ready to be asked about lines. Pure and synchronous. */
export class LineFilter {
  readonly #rules: readonly CommandRule[];

  /** `rules` in the order they are asked. */
  constructor(rules: readonly CommandRule[]) {
    this.#rules = rules;
  }

  /** Nothing is filtered: no line has to be looked at. */
  get empty(): boolean {
    return this.#rules.length === 0;
  }

  judge(line: string): LineVerdict {
    const commands = line
      .split(/[;&|\n]+/)
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text): JudgedCommand => {
        const rule = this.#rules.find(({ words }) => words.includes(text.split(/\s+/)[0]!)) ?? null;
        return { text, rule, action: rule?.action ?? 'allow' };
      });
    const worst = commands.reduce<JudgedCommand | undefined>(
      (most, one) => (!most || SEVERITY[one.action] > SEVERITY[most.action] ? one : most),
      undefined,
    );
    return {
      action: worst?.action ?? 'allow',
      rule: worst?.rule ?? null,
      command: worst?.text ?? line,
      commands,
    };
  }
}
