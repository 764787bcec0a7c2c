import type { CommandContext, Confidence } from '../../store/model.ts';
import { type Admission, ruled } from './admission.ts';
import { isExpansion, LineHistory, mayExpand } from './history.ts';
import type { Input } from './input.ts';
import type { CommandLog } from './log.ts';
import { ShellMarks } from './marks.ts';
import { type KnownPrompts, looksLikePrompt } from './prompts.ts';
import type { Settled } from './settle.ts';

/** So that the wall clock, which has whole milliseconds, tells them apart. */
const APART_MS = 2;

type Line = Settled & { readonly kind: 'line' };

export interface RowsHost {
  readonly commands: Pick<CommandLog, 'add' | 'report'>;
  /** A line became known only when it ran already. Says what a filter makes of it, telling the user. */
  readonly ranUnjudged: (line: string) => Admission | undefined;
}

/** Makes rows of what was settled: learns prompts, keeps the history, waits for what the shell makes of `!!`. */
export class CommandRows {
  readonly history = new LineHistory();
  readonly marks: ShellMarks;
  readonly #host: RowsHost;
  readonly #known: KnownPrompts;
  /** A line of which the shell may show what it made of it. */
  #expanding: { input: Input; settled: Line; context: CommandContext } | undefined;
  #lastLine = '';
  #lastAt = 0;

  constructor(host: RowsHost, known: KnownPrompts) {
    this.#host = host;
    this.#known = known;
    this.marks = new ShellMarks((id, report) => host.commands.report(id, report));
  }

  /** The line that ran last. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** When the Enter came of a line whose expansion may still be printed. */
  get expandingSince(): number | undefined {
    return this.#expanding?.input.at;
  }

  settled(input: Input, settled: Settled, context: CommandContext): void {
    this.printed(undefined);
    input.anchor?.mark?.dispose();
    if (settled.kind === 'nothing') {
      this.marks.entered(undefined);
      return;
    }
    if (settled.confidence === 'screen' && (looksLikePrompt(settled.prompt) || /\S\s+$/.test(settled.prompt)))
      this.#known.learn(settled.prompt);
    if (settled.confidence === 'screen' && mayExpand(settled.line)) this.#expanding = { input, settled, context };
    else this.#enter(input, settled, context);
  }

  /** The row behind a line was written, or nothing more is awaited. True when it was the line's expansion. */
  printed(row: string | undefined): boolean {
    const expanding = this.#expanding;
    if (!expanding) return false;
    this.#expanding = undefined;
    const { input, settled, context } = expanding;
    const known = this.history.expand(settled.line);
    const is = row !== undefined && isExpansion(settled.line, row, known);
    this.#enter(input, is ? { ...settled, line: row.trimEnd() } : settled, context);
    return is;
  }

  add(line: string, confidence: Confidence, context: CommandContext, at: number, admission?: Admission): void {
    // lists are in the order of time, and a paste's lines all come at once
    this.#lastAt = Math.max(at, this.#lastAt + APART_MS);
    const id = this.#host.commands.add({ line, confidence, context, at: this.#lastAt, ...ruled(admission) });
    this.marks.entered(id);
  }

  #enter(input: Input, { line, confidence }: Line, context: CommandContext): void {
    let { admission } = input;
    const judged = input.judged !== undefined && input.judged.trim() === line.trim();
    if (confidence !== 'unparsed' && !judged) admission = this.#host.ranUnjudged(line) ?? admission;
    this.add(line, confidence, context, input.at, admission);
    if (confidence === 'unparsed') return;
    this.history.add(line);
    this.#lastLine = line;
  }
}
