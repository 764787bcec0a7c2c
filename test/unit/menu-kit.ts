import headless from '@xterm/headless';
import { onTestFinished } from 'vitest';
import type { ReachableAsset } from '../../src/access/access.ts';
import { runMenu } from '../../src/gateways/ssh/menu/menu.ts';
import type { ConnectOutcome, MenuDeps, MenuEnd, MenuPick, MenuTerminal } from '../../src/gateways/ssh/menu/types.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import type { Asset, Protocol } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { assetRow } from '../kit/rows.ts';

/** A person before a terminal: sees rows, presses keys. */
export class Person implements MenuTerminal {
  readonly #screen: InstanceType<typeof headless.Terminal>;
  readonly #data = new Emitter<Buffer>();
  readonly #resize = new Emitter<void>();
  readonly #close = new Emitter<void>();
  readonly #wrote = new Emitter<void>();
  size: { cols: number; rows: number };
  /** Every write, in order. */
  readonly writes: string[] = [];
  listeners = 0;

  constructor(cols: number, rows: number) {
    this.size = { cols, rows };
    this.#screen = new headless.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 });
    // xterm's own table is that of Unicode 6, where emoji are narrow; terminals of today show them wide
    this.#screen.unicode.register({
      version: 'today',
      wcwidth: (code) =>
        code >= 0x1f300 && code <= 0x1faff
          ? 2
          : code >= 0x1100 &&
              /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff01-\uff60]/u.test(
                String.fromCodePoint(code),
              )
            ? 2
            : /\p{M}/u.test(String.fromCodePoint(code))
              ? 0
              : 1,
      charProperties: () => 0,
    });
    onTestFinished(() => this.#screen.dispose());
  }

  write(text: string): void {
    this.writes.push(text);
    this.#screen.write(text, () => this.#wrote.emit());
  }

  onData(listener: (chunk: Buffer) => void): () => void {
    this.listeners++;
    const off = this.#data.on(listener);
    return () => {
      this.listeners--;
      off();
    };
  }

  onResize(listener: () => void): () => void {
    this.listeners++;
    const off = this.#resize.on(listener);
    return () => {
      this.listeners--;
      off();
    };
  }

  onClose(listener: () => void): () => void {
    this.listeners++;
    const off = this.#close.on(listener);
    return () => {
      this.listeners--;
      off();
    };
  }

  type(keys: string | Buffer): void {
    this.#data.emit(typeof keys === 'string' ? Buffer.from(keys) : keys);
  }

  resizeTo(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.size = { cols, rows };
    this.#resize.emit();
  }

  hangUp(): void {
    this.#close.emit();
  }

  rows(): string[] {
    const buffer = this.#screen.buffer.active;
    return Array.from(
      { length: this.#screen.rows },
      (_, i) => buffer.getLine(buffer.baseY + i)?.translateToString(true) ?? '',
    );
  }

  /** The visible rows without the empty ones at the end. */
  text(): string {
    return this.rows().join('\n').trimEnd();
  }

  /** Everything, with what scrolled away. */
  history(): string {
    const buffer = this.#screen.buffer.active;
    return Array.from({ length: buffer.length }, (_, i) => buffer.getLine(i)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  }

  get cursor(): { x: number; line: string } {
    const buffer = this.#screen.buffer.active;
    return { x: buffer.cursorX, line: this.rows()[buffer.cursorY]! };
  }

  /** The rows shown in reverse video. */
  reversed(): string[] {
    const buffer = this.#screen.buffer.active;
    return this.rows().filter((_, i) =>
      buffer
        .getLine(buffer.baseY + i)
        ?.getCell(0)
        ?.isInverse(),
    );
  }

  /** Waits until the screen shows something (or a test on it holds). */
  async sees(what: string | RegExp | ((text: string) => boolean)): Promise<string> {
    const holds = () => {
      const text = this.text();
      return typeof what === 'function' ? what(text) : typeof what === 'string' ? text.includes(what) : what.test(text);
    };
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        off();
        reject(new Error(`never seen: ${what}\n${this.text()}`));
      }, 4000);
      const check = () => {
        if (!holds()) return;
        clearTimeout(late);
        off();
        resolve();
      };
      const off = this.#wrote.on(check);
      this.#screen.write('', check);
    });
    return this.text();
  }
}

export function asset(
  name: string,
  more: Partial<Asset> = {},
  protocols: readonly Protocol[] = ['ssh'],
): ReachableAsset {
  const ports = protocols.map((name) => ({ name, port: 22 }));
  return { protocols, asset: assetRow({ name, address: `${name}.lan`, protocols: ports, ...more }) };
}

export interface Running {
  readonly person: Person;
  readonly clock: FakeClock;
  /** What was handed to `connect`, in order. */
  readonly picks: MenuPick[];
  readonly end: Promise<MenuEnd>;
  readonly stop: AbortController;
}

export interface Setup {
  readonly assets?: readonly ReachableAsset[];
  readonly cols?: number;
  readonly rows?: number;
  readonly connect?: (pick: MenuPick, person: Person, signal: AbortSignal) => Promise<ConnectOutcome> | ConnectOutcome;
  readonly deps?: Partial<MenuDeps>;
}

/** Starts a menu and waits until it is there. */
export async function startMenu({
  assets = fleet(),
  cols = 80,
  rows = 24,
  connect,
  deps,
}: Setup = {}): Promise<Running> {
  const person = new Person(cols, rows);
  const clock = new FakeClock();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const picks: MenuPick[] = [];
  const end = runMenu(
    person,
    {
      userName: 'alice',
      displayName: 'Alice Liddell',
      announcement: '',
      idleMs: 0,
      clock,
      reachable: async () => assets,
      connect: async (pick, signal) => {
        picks.push(pick);
        return connect
          ? await connect(pick, person, signal)
          : { kind: 'ended', message: `The session on ${pick.asset.asset.name} is over.` };
      },
      ...deps,
    },
    stop.signal,
  );
  await person.sees('Asset>');
  return { person, clock, picks, end, stop };
}

/** Thirty machines and databases in a few folders. */
export function fleet(): ReachableAsset[] {
  const web = Array.from({ length: 18 }, (_, i) =>
    asset(`web${i + 1}`, { address: `10.0.1.${i + 1}`, folder: '/prod/web', comment: i === 0 ? 'front door' : '' }),
  );
  const db = Array.from({ length: 4 }, (_, i) =>
    asset(`db${i + 1}`, { address: `10.0.2.${i + 1}`, folder: '/prod/db', platform: 'postgresql' }, ['postgresql']),
  );
  const lab = Array.from({ length: 8 }, (_, i) =>
    asset(`lab${i + 1}`, { address: `10.9.0.${i + 1}`, folder: '/lab', platform: i % 2 ? 'cisco' : 'linux' }),
  );
  return [...db, ...lab, ...web];
}

export const KEY = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageUp: '\x1b[5~',
  pageDown: '\x1b[6~',
  delete: '\x1b[3~',
} as const;
