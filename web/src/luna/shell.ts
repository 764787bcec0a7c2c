import { TERMINAL_SOCKET } from '../../../src/api/contract/ws-limits.ts';
import { ApiError, api } from '../kit/api.ts';
import { copyText } from './clipboard.ts';
import type { Screen } from './screen.ts';
import { terminalSettings } from './settings.ts';
import { Store } from './store.ts';
import { browserSocket, type LinkEnd, type Ready, TerminalLink } from './terminal-link.ts';
import { Transfer, type TransferView } from './transfer.ts';
import { ZmodemDetector } from './zmodem-detector.ts';

/** What somebody wants to reach. */
export interface Wish {
  /** Of the asset. */
  readonly id: string;
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: Ready['protocol'] | undefined;
}

export interface ShellView {
  readonly wish: Wish;
  /** `asking`: login and secret have to be typed. */
  readonly phase: 'starting' | 'asking' | 'connecting' | 'ready' | 'cut' | 'ended';
  /** The login, where it is known when `asking`. */
  readonly login: string | null;
  /** On the way to the target. */
  readonly progress: string | null;
  readonly session: Ready | null;
  readonly actions: ReadonlySet<string>;
  /** Milliseconds. */
  readonly latency: number | null;
  /** The session will end of `cause` at that moment (milliseconds since 1970). */
  readonly warning: { readonly cause: 'idle' | 'max-time' | 'expired' | 'shutdown'; readonly at: number } | null;
  readonly people: readonly { readonly name: string; readonly typing: boolean }[];
  readonly lockedBy: string | null;
  readonly end: LinkEnd | null;
  /** What the program calls its window: text of a stranger, cut short. */
  readonly title: string;
  /** Something was written, or a bell rang, while nobody looked. */
  readonly unread: boolean;
  readonly rang: boolean;
  /** Typed input was dropped because too much waits already. */
  readonly refused: boolean;
  readonly searching: boolean;
  readonly transfer: TransferView | null;
}

/** What the page does for a terminal. */
export interface ShellPage {
  taken(event: KeyboardEvent): boolean;
  link(url: string): void;
  paste(shell: Shell, text: string): void;
  copied(shell: Shell): void;
  /** Every end of a connection. */
  ended(shell: Shell): void;
}

const TITLE_LENGTH = 80;
const encoder = new TextEncoder();

/** One terminal: the screen, the connection behind it, and what is shown about both. */
export class Shell {
  readonly id = crypto.randomUUID();
  readonly view: Store<ShellView>;
  readonly #page: ShellPage;
  readonly #root = document.createElement('div');
  #screen: Screen | undefined;
  #screenReady: Promise<Screen> | undefined;
  #link: TerminalLink | undefined;
  #visible = false;
  #focusWanted = false;
  #closed = false;
  /** Counts the connections: what an earlier one still says is not heard. */
  #run = 0;
  readonly #detector = new ZmodemDetector();
  /** Takes the output instead of the screen, from the first header on to the end. */
  transfer: Transfer | undefined;

  constructor(wish: Wish, page: ShellPage) {
    this.#page = page;
    this.#root.className = 'bastion-terminal';
    this.view = new Store<ShellView>({ ...FRESH, wish, phase: 'starting' });
  }

  get screen(): Screen | undefined {
    return this.#screen;
  }

  get live(): boolean {
    return ['connecting', 'ready', 'cut'].includes(this.view.get().phase);
  }

  /** Puts the terminal into the page; it comes along when it is put elsewhere. */
  attach(element: HTMLElement, dark: boolean): void {
    element.append(this.#root);
    if (this.#screenReady) {
      this.#screen?.fit();
      return;
    }
    this.#screenReady = import('./screen.ts').then(async ({ Screen }) => {
      const screen = new Screen(this.#root, terminalSettings.get(), dark, {
        input: (bytes) => this.#typed(bytes),
        resized: (size) => this.#link?.resize(size),
        title: (text) => this.view.patch({ title: plain(text) }),
        bell: () => this.#bell(),
        selected: (text) => {
          if (terminalSettings.get().copyOnSelect && this.may('copy')) void copyText(text);
        },
        link: (url) => this.#page.link(url),
        clipboard: (text) => {
          if (!terminalSettings.get().clipboardByProgram || !this.may('copy')) return;
          void copyText(text).then(() => this.#page.copied(this));
        },
        taken: (event) => this.#page.taken(event),
      });
      this.#screen = screen;
      this.#guardClipboard();
      if (this.#visible) screen.show();
      if (this.#focusWanted) this.focus();
      return screen;
    });
    void this.connect();
  }

  /** Whether the permission of the session has this action. */
  may(action: string): boolean {
    return this.view.get().actions.has(action);
  }

  look(dark: boolean): void {
    this.#screen?.apply(terminalSettings.get(), dark);
  }

  show(visible: boolean): void {
    this.#visible = visible;
    if (!visible) return;
    this.#screen?.show();
    this.view.patch({ unread: false, rang: false });
  }

  /** Gives it the keyboard, as soon as there is a screen. */
  focus(): void {
    this.#focusWanted = !this.#screen;
    this.#screen?.terminal.focus();
  }

  /** Opens a connection. `input` is what was typed for an account that asks; it goes to the bastion and is forgotten. */
  async connect(input?: { login: string; secret: string }): Promise<void> {
    const run = ++this.#run;
    const { wish } = this.view.get();
    this.#link?.close();
    this.view.patch({ ...FRESH, phase: 'connecting', title: this.view.get().title });
    try {
      const { account, protocol } = wish;
      const [answer, screen] = await Promise.all([
        api.connections.open({
          asset: wish.id,
          use: 'shell',
          ...(account && { account }),
          ...(protocol && { protocol }),
        }),
        this.#screenReady,
      ]);
      if (run !== this.#run || this.#closed || !screen) return;
      if (answer.state === 'choose') {
        this.view.patch({ wish: { ...wish, protocol: answer.protocol } });
        this.#ended({ ...UNSAID, text: null, code: 'choose' });
        return;
      }
      this.view.patch({ wish: { ...wish, asset: answer.asset, account: answer.account, protocol: answer.protocol } });
      if (answer.input && !input) {
        this.view.patch({ phase: 'asking', login: answer.input.login });
        return;
      }
      this.#open(run, screen, { ticket: answer.ticket, ...(answer.input && input && { input }) });
    } catch (error) {
      if (run !== this.#run || this.#closed) return;
      if (error instanceof ApiError && error.status === 0) return this.#ended({ ...UNSAID, cause: 'lost' });
      const code = error instanceof ApiError ? error.code : null;
      this.#ended({ ...UNSAID, code, text: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Types text as if by hand; false when it is not taken. */
  type(text: string): boolean {
    return this.sendBytes(encoder.encode(text));
  }

  sendBytes(bytes: Uint8Array): boolean {
    return this.#link?.send(bytes) ?? false;
  }

  /** Bytes of input on their way. */
  get pending(): number {
    return this.#link?.pending ?? 0;
  }

  /** Pastes what was allowed. */
  paste(text: string): void {
    // what could end the bracket that tells the program "this is pasted" is taken out of it
    this.#screen?.terminal.paste(text.replaceAll('\x1b[201~', ''));
    this.focus();
  }

  async copy(): Promise<void> {
    const text = this.#screen?.terminal.getSelection() ?? '';
    if (text === '' || !this.may('copy')) return;
    await copyText(text);
    this.#page.copied(this);
  }

  retryNow(): void {
    this.#link?.retry();
  }

  /** Ends the session; the terminal stays, with what it shows. */
  hangUp(): void {
    this.#link?.close();
  }

  close(): void {
    this.#closed = true;
    this.#run++;
    this.#link?.close();
    this.#screen?.dispose();
    this.#root.remove();
  }

  #open(run: number, screen: Screen, hello: { ticket: string; input?: { login: string; secret: string } }): void {
    const mine = () => run === this.#run;
    this.#link = new TerminalLink(browserSocket(TERMINAL_SOCKET), hello, screen.size, {
      state: (state) => {
        if (!mine() || state === 'ended' || state === 'connecting') return;
        this.view.patch({ phase: state === 'ready' ? 'ready' : 'cut' });
      },
      ready: (session) => {
        if (!mine()) return;
        this.view.patch({ session, actions: new Set(session.actions), progress: null, refused: false });
        this.#link?.resize(screen.size);
      },
      output: (bytes, drawn) => this.#output(bytes, drawn),
      fact: (fact) => {
        if (mine()) this.#fact(fact);
      },
      latency: (latency) => this.view.patch({ latency: Math.round(latency) }),
      room: () => this.transfer?.room(),
      ended: (end) => {
        if (mine()) this.#ended(end);
      },
    });
  }

  #output(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    if (!this.#visible && !this.view.get().unread) this.view.patch({ unread: true });
    if (this.transfer) {
      this.transfer.feed(bytes);
      drawn();
      return;
    }
    const wanted = this.#detector.find(bytes);
    if (!wanted || !this.may(wanted.kind === 'receive' ? 'download' : 'upload')) {
      this.#screen?.terminal.write(bytes, drawn);
      return;
    }
    this.#screen?.terminal.write(bytes.subarray(0, Math.max(0, wanted.at)), drawn);
    this.transfer = new Transfer(this, wanted);
  }

  /** The screen has the output again, beginning with `rest`. */
  endTransfer(rest: Uint8Array): void {
    this.transfer = undefined;
    if (rest.length > 0) this.#screen?.terminal.write(rest);
    this.focus();
  }

  #fact(fact: Parameters<ConstructorParameters<typeof TerminalLink>[3]['fact']>[0]): void {
    switch (fact.type) {
      case 'progress':
        this.view.patch({ progress: fact.text });
        break;
      case 'actions':
        this.view.patch({ actions: new Set(fact.actions) });
        break;
      case 'locked':
        this.view.patch({ lockedBy: fact.by });
        break;
      case 'warning':
        this.view.patch({
          warning: fact.seconds === 0 ? null : { cause: fact.cause, at: Date.now() + fact.seconds * 1000 },
        });
        break;
      case 'people':
        this.view.patch({ people: fact.people });
    }
  }

  #typed(bytes: Uint8Array): void {
    const { phase } = this.view.get();
    if (phase === 'ended') {
      if (bytes.length === 1 && bytes[0] === 13) void this.connect();
      return;
    }
    if (this.transfer || phase === 'asking' || phase === 'starting') return;
    if (this.sendBytes(bytes)) return;
    this.#bell();
    this.view.patch({ refused: true });
  }

  #ended(end: LinkEnd): void {
    this.transfer = undefined;
    this.view.patch({ phase: 'ended', end, transfer: null, warning: null, progress: null, people: [], lockedBy: null });
    this.#page.ended(this);
  }

  #bell(): void {
    const { bell } = terminalSettings.get();
    if (bell === 'sound') void beep();
    if (bell === 'none') return;
    this.view.patch({ rang: true });
    if (this.#visible) setTimeout(() => this.view.patch({ rang: false }), 400);
  }

  /** Copies and pastes of the browser itself pass here, before xterm.js has them. */
  #guardClipboard(): void {
    const stop = (event: Event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    this.#root.addEventListener(
      'copy',
      (event) => {
        stop(event);
        void this.copy();
      },
      true,
    );
    this.#root.addEventListener(
      'paste',
      (event) => {
        stop(event);
        this.#page.paste(this, event.clipboardData?.getData('text/plain') ?? '');
      },
      true,
    );
  }
}

const UNSAID: LinkEnd = { cause: 'error', code: null, text: null, detail: null, exitCode: null, exitSignal: null };

const FRESH: Omit<ShellView, 'wish' | 'phase'> = {
  login: null,
  progress: null,
  session: null,
  actions: new Set(),
  latency: null,
  warning: null,
  people: [],
  lockedBy: null,
  end: null,
  title: '',
  unread: false,
  rang: false,
  refused: false,
  searching: false,
  transfer: null,
};

/** What a stranger wrote, fit to stand in a line of the page. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, TITLE_LENGTH);
}

let audio: AudioContext | undefined;

async function beep(): Promise<void> {
  audio ??= new AudioContext();
  await audio.resume();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.05;
  tone.frequency.value = 880;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.08);
}
