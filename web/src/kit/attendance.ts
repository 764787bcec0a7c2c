/** Without a key, a press or a move for so long, what a page asks for is asked by itself. */
const ALONE_MS = 60_000;
const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart', 'focus'] as const;

/** Whether somebody is at the page: a page that only asks again and again must not keep a sign-in alive for ever. */
export class Attendance {
  readonly #now: () => number;
  // who opened the page was there
  #last: number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#last = now();
  }

  /** Takes what happens there as signs of life; for as long as the page stands. */
  follow(page: Pick<EventTarget, 'addEventListener'>): void {
    const seen = () => {
      this.#last = this.#now();
    };
    for (const sign of SIGNS) page.addEventListener(sign, seen, { capture: true, passive: true });
  }

  get alone(): boolean {
    return this.#now() - this.#last >= ALONE_MS;
  }
}

export const attendance = new Attendance();
