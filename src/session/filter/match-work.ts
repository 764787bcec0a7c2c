/** Steps of a pattern's program, or letters of an entry, times characters looked at: the worst of them take about a second. */
const MOST_WORK = 32_000_000;

/** What all expressions and entries together may look at for one line, however many rules there are. */
export class MatchWork {
  #left = MOST_WORK;

  /** False when nothing is left of it. */
  take(amount: number): boolean {
    this.#left -= amount;
    return this.#left >= 0;
  }
}
