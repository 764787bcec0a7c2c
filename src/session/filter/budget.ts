/** The line is beyond what a filter takes apart. Never leaves this room: the line is then decided by the severest rule. */
export class TooIntricate extends Error {}

/** Work for one line: characters read and written, commands, things inside each other. A hand-typed line needs a few hundred. */
const MOST_STEPS = 600_000;
const MOST_COMMANDS = 1000;
/** Each level of quotes, substitutions and wrappers is a few calls deep. */
const MOST_DEPTH = 40;

/** What one line may cost, so that no line, however it is made, holds up everybody else. */
export class Budget {
  #steps = MOST_STEPS;
  #commands = MOST_COMMANDS;
  #depth = 0;

  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new TooIntricate('it takes too many steps to take apart');
  }

  command(): void {
    if (--this.#commands < 0) throw new TooIntricate(`it holds more than ${MOST_COMMANDS} commands`);
  }

  nested<T>(work: () => T): T {
    if (this.#depth >= MOST_DEPTH) throw new TooIntricate(`more than ${MOST_DEPTH} things stand inside each other`);
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}
