import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { WatchScreen } from './watch-connection.ts';

const COLOURS = {
  background: '#0d1015',
  foreground: '#d5d9e2',
  cursor: '#d5d9e2',
  selectionBackground: '#3f4758',
  scrollbarSliderBackground: '#3f475855',
  scrollbarSliderHoverBackground: '#3f4758',
};
const USUAL_FONT = 14;
const SMALLEST_FONT = 5;
const LARGEST_FONT = 22;
/** What a terminal tells of having got or lost the keyboard. */
const FOCUS_REPORT = /^\x1b\[[IO]$/;

/**
 * The terminal of somebody else, as large as its place allows. What it shows comes from a machine nobody vouches for:
 * nothing is opened, copied or answered because the output says so.
 */
export class WatchedTerminal implements WatchScreen {
  readonly #place: HTMLElement;
  readonly #terminal: Terminal;
  readonly #observer: ResizeObserver;
  #fitting = 0;

  constructor(place: HTMLElement, typed: (text: string) => void) {
    this.#place = place;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      disableStdin: true,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mantine-font-family-monospace'),
      fontSize: USUAL_FONT,
      scrollback: 2000,
      theme: COLOURS,
      // a link of the output says one address and may lead to another
      linkHandler: { activate: () => {} },
      logLevel: 'off',
    });
    this.#terminal.open(place);
    this.#neverAnswer();
    this.#terminal.onData((text) => {
      if (!FOCUS_REPORT.test(text)) typed(text);
    });
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(place);
  }

  begin(cols: number, rows: number): void {
    this.#terminal.reset();
    this.resize(cols, rows);
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(Math.max(1, cols), Math.max(1, rows));
    this.#fitSoon();
  }

  write(bytes: Uint8Array, drawn: () => void): void {
    this.#terminal.write(bytes, drawn);
  }

  setTyping(on: boolean): void {
    this.#terminal.options.disableStdin = !on;
    this.#terminal.options.cursorBlink = on;
    if (on) this.#terminal.focus();
  }

  /** What stands on the screen, for tests and for who reads it aloud. */
  text(): string {
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: this.#terminal.rows }, (_, y) =>
      active.getLine(active.baseY + y)?.translateToString(true),
    );
    return rows.join('\n').trimEnd();
  }

  dispose(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#fitting);
    this.#terminal.dispose();
  }

  /** The session's own terminal answers what programs ask; a second answer would be typed into it. */
  #neverAnswer(): void {
    const { parser } = this.#terminal;
    const swallow = () => true;
    for (const id of [
      { final: 'c' },
      { prefix: '>', final: 'c' },
      { prefix: '=', final: 'c' },
      { final: 'n' },
      { prefix: '?', final: 'n' },
      { intermediates: '$', final: 'p' },
      { prefix: '?', intermediates: '$', final: 'p' },
      { prefix: '>', final: 'q' },
      { final: 't' },
      { prefix: '?', final: 'u' },
    ]) {
      parser.registerCsiHandler(id, swallow);
    }
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow);
    parser.registerDcsHandler({ intermediates: '+', final: 'q' }, swallow);
    for (const id of [4, 10, 11, 12]) parser.registerOscHandler(id, (data) => data.includes('?'));
    // the clipboard is the watcher's own
    parser.registerOscHandler(52, swallow);
  }

  #fitSoon(): void {
    cancelAnimationFrame(this.#fitting);
    this.#fitting = requestAnimationFrame(() => this.#fit());
  }

  /** The largest type in which all of it can be seen; where even the smallest is too large, the picture shrinks. */
  #fit(): void {
    const screen = this.#place.querySelector<HTMLElement>('.xterm-screen');
    if (!screen || screen.offsetWidth === 0) return;
    const font = this.#terminal.options.fontSize ?? USUAL_FONT;
    const room = Math.min(this.#place.clientWidth / screen.offsetWidth, this.#place.clientHeight / screen.offsetHeight);
    const wanted = Math.floor(font * room * 2) / 2;
    const next = Math.min(LARGEST_FONT, Math.max(SMALLEST_FONT, wanted));
    if (next !== font) {
      this.#terminal.options.fontSize = next;
      // its new size is known when it was drawn
      requestAnimationFrame(() => this.#shrink());
    } else this.#shrink();
  }

  #shrink(): void {
    const screen = this.#place.querySelector<HTMLElement>('.xterm-screen');
    const frame = this.#terminal.element;
    if (!screen || !frame) return;
    const room = Math.min(this.#place.clientWidth / screen.offsetWidth, this.#place.clientHeight / screen.offsetHeight);
    frame.style.transform = room < 1 ? `scale(${room})` : '';
  }
}
