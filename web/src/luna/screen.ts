import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import { paletteOf } from './palettes.ts';
import { fontFamily, type TerminalSettings } from './settings.ts';
import type { Size } from './terminal-link.ts';

/** Sides that the terminal socket takes. */
const MAX_SIDE = 1024;
/** Browsers keep about 16 WebGL contexts; the ones used longest ago give theirs back before that. */
const MAX_GL = 10;
/** What a program may put into the clipboard at once. */
const MAX_CLIPBOARD = 128 * 1024;

export interface ScreenHooks {
  input(bytes: Uint8Array): void;
  resized(size: Size): void;
  title(text: string): void;
  bell(): void;
  selected(text: string): void;
  /** A press on an address in the output. */
  link(url: string): void;
  /** A program asks to write the clipboard. */
  clipboard(text: string): void;
  /** Whether the page takes this key for itself. */
  taken(event: KeyboardEvent): boolean;
}

const withGl: Screen[] = [];
const encoder = new TextEncoder();

/** One xterm.js with what belongs to it. Loaded when the first terminal opens. */
export class Screen {
  readonly terminal: Terminal;
  readonly search = new SearchAddon({ highlightLimit: 2_000 });
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #root: HTMLElement;
  #gl: WebglAddon | undefined;
  #noGl = false;
  #frame = 0;

  constructor(root: HTMLElement, settings: TerminalSettings, dark: boolean, hooks: ScreenHooks) {
    this.#root = root;
    const terminal = new Terminal({
      allowProposedApi: true,
      macOptionClickForcesSelection: true,
      ...look(settings, dark),
    });
    this.terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    terminal.loadAddon(
      new WebLinksAddon((event, url) => {
        event.preventDefault();
        hooks.link(url);
      }),
    );
    // OSC 8 names any address it likes: the person sees which before it is opened
    terminal.options.linkHandler = { activate: (_event, url) => hooks.link(url) };
    terminal.parser.registerOscHandler(52, (data) => {
      const text = clipboardText(data);
      if (text !== undefined) hooks.clipboard(text);
      return true;
    });
    terminal.onData((text) => hooks.input(encoder.encode(text)));
    terminal.onBinary((text) => hooks.input(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    terminal.onResize((size) => hooks.resized({ cols: size.cols, rows: size.rows }));
    terminal.onTitleChange((text) => hooks.title(text));
    terminal.onBell(() => hooks.bell());
    terminal.onSelectionChange(() => {
      if (terminal.hasSelection()) hooks.selected(terminal.getSelection());
    });
    terminal.attachCustomKeyEventHandler((event) => !hooks.taken(event));
    terminal.open(root);
    this.fit();
    this.#observer = new ResizeObserver(() => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.fit());
    });
    this.#observer.observe(root);
  }

  get size(): Size {
    return { cols: this.terminal.cols, rows: this.terminal.rows };
  }

  fit(): void {
    // a pane without room keeps its size
    if (this.#root.clientWidth < 40 || this.#root.clientHeight < 20) return;
    const proposed = this.#fit.proposeDimensions();
    if (!proposed || Number.isNaN(proposed.cols) || Number.isNaN(proposed.rows)) return;
    const cols = Math.min(MAX_SIDE, Math.max(2, proposed.cols));
    const rows = Math.min(MAX_SIDE, Math.max(1, proposed.rows));
    if (cols !== this.terminal.cols || rows !== this.terminal.rows) this.terminal.resize(cols, rows);
  }

  apply(settings: TerminalSettings, dark: boolean): void {
    Object.assign(this.terminal.options, look(settings, dark));
    this.fit();
  }

  /** Draws with the graphics processor while it is looked at. */
  show(): void {
    const at = withGl.indexOf(this);
    if (at >= 0) withGl.splice(at, 1);
    withGl.push(this);
    if (!this.#gl && !this.#noGl) this.#startGl();
    if (withGl.length > MAX_GL) withGl.shift()!.#stopGl();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    const at = withGl.indexOf(this);
    if (at >= 0) withGl.splice(at, 1);
    this.#stopGl();
    this.terminal.dispose();
  }

  #startGl(): void {
    const addon = new WebglAddon();
    addon.onContextLoss(() => {
      this.#noGl = true;
      this.#stopGl();
    });
    try {
      this.terminal.loadAddon(addon);
      this.#gl = addon;
    } catch {
      // no WebGL here: xterm.js draws with elements
      this.#noGl = true;
      addon.dispose();
    }
  }

  #stopGl(): void {
    this.#gl?.dispose();
    this.#gl = undefined;
  }
}

function look(settings: TerminalSettings, dark: boolean) {
  return {
    theme: paletteOf(settings.palette, dark).theme,
    fontFamily: fontFamily(settings.font),
    fontSize: settings.fontSize,
    lineHeight: settings.lineHeight,
    cursorStyle: settings.cursor,
    cursorBlink: settings.blink,
    scrollback: settings.scrollback,
  };
}

/** The text of an OSC 52 that writes; reading is never answered. */
function clipboardText(data: string): string | undefined {
  const payload = data.slice(data.indexOf(';') + 1);
  if (payload === '?' || payload.length > MAX_CLIPBOARD) return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
