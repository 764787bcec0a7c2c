import type { Log } from '../kernel/log.ts';
import type { CommandRule, SessionRow } from '../store/model.ts';
import { LineFilter, type LineVerdict } from './filter/line-filter.ts';
import type { PendingReview, Reviews } from './reviews.ts';

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

  judge(line: string): LineVerdict {
    return this.#filter.judge(line);
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
