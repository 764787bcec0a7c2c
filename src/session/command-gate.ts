import type { CommandRule } from '../store/model.ts';
import { LineFilter, type LineVerdict } from './filter/line-filter.ts';
import type { PendingReview, Reviews } from './reviews.ts';
import type { Session } from './session.ts';

/** The filter rules of one session, as they stand now, and the way to those who may approve. */
export class CommandGate {
  readonly #session: Pick<Session, 'row'>;
  readonly #reviews: Reviews;
  #filter: LineFilter;

  constructor(session: Pick<Session, 'row'>, reviews: Reviews, rules: readonly CommandRule[]) {
    this.#session = session;
    this.#reviews = reviews;
    this.#filter = new LineFilter(rules);
  }

  /** Nothing is filtered: no line has to wait. */
  get empty(): boolean {
    return this.#filter.empty;
  }

  replace(rules: readonly CommandRule[]): void {
    this.#filter = new LineFilter(rules);
  }

  judge(line: string): LineVerdict {
    return this.#filter.judge(line);
  }

  /** Asks those who may approve this line, once. Rejects with an AppError when nobody can be asked. */
  review(line: string, rule: CommandRule): Promise<PendingReview> {
    return this.#reviews.ask(this.#session.row(), line, rule);
  }
}
