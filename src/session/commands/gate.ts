import type { Log } from '../../kernel/log.ts';
import { type CommandRule, SEVERITY, type SessionRow } from '../../store/model.ts';
import { LineFilter, type LineVerdict } from '../filter/line-filter.ts';
import type { PendingReview, Reviews } from '../reviews.ts';

/** More than this is no command that goes over several lines. */
const LONGEST_OPEN = 8 * 1024;

export interface CommandGateDeps {
  readonly reviews: Pick<Reviews, 'ask'>;
  readonly log: Log;
  /** The session as it stands. */
  readonly row: () => SessionRow;
}

/** The filter rules of one session, as they stand now, and the way to those who may approve. */
export class CommandGate {
  readonly #deps: CommandGateDeps;
  #filter: LineFilter;
  /** Lines that wait for their end, with their line breaks. */
  #before = '';
  /** The same, should the line breaks of a paste end lines. */
  #pasted: string | undefined;

  constructor(deps: CommandGateDeps, rules: readonly CommandRule[]) {
    this.#deps = deps;
    this.#filter = new LineFilter(rules);
  }

  /** Nothing is filtered: no line has to wait. */
  get empty(): boolean {
    return this.#filter.empty;
  }

  replace(rules: readonly CommandRule[]): void {
    this.#filter = new LineFilter(rules);
  }

  /**
   * Judges a line by itself and, where lines before it wait for their end (an open quote, a backslash, a loop),
   * together with them: the severer verdict counts, since the program may have taken them for something else.
   */
  judge(line: string): LineVerdict {
    return this.#judge(this.#before, line);
  }

  /** Judges a line of a paste before the line break that ends it goes to the target: a program may run it. */
  judgePasted(line: string): LineVerdict {
    const before = this.#pasted ?? this.#before;
    this.#pasted = this.#left(before, line);
    return this.#judge(before, line);
  }

  /** The line went to the target: what it leaves open is remembered for the next one. */
  entered(line: string): void {
    if (this.#filter.empty) return;
    this.#before = this.#left(this.#before, line);
    this.#pasted = undefined;
  }

  /** What was open was given up, as with Ctrl-C. */
  interrupted(): void {
    this.#before = '';
    this.#pasted = undefined;
  }

  #judge(before: string, line: string): LineVerdict {
    const alone = this.#filter.judge(line);
    if (before === '') return alone;
    const joined = this.#filter.judge(before + line);
    return SEVERITY[joined.action] > SEVERITY[alone.action] ? joined : alone;
  }

  /** What waits for its end once the line went to the target. */
  #left(before: string, line: string): string {
    const joined = before + line;
    const isOpen = joined.length < LONGEST_OPEN && this.#filter.judge(joined).continues === true;
    return isOpen ? `${joined}\n` : '';
  }

  /** Asks those who may approve this line, once. undefined when nobody can be asked. */
  async review(line: string, rule: CommandRule): Promise<PendingReview | undefined> {
    const { reviews, log, row } = this.#deps;
    try {
      return await reviews.ask(row(), line, rule);
    } catch (err) {
      log.error({ session: row().id, err }, 'a command cannot be put before its reviewers');
      return undefined;
    }
  }
}
