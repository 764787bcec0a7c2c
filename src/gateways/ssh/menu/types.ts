import type { AccountChoice, ReachableAsset } from '../../../access/access.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Disposer } from '../../../kernel/lifecycle.ts';
import type { Secret } from '../../../kernel/secret.ts';
import type { Protocol } from '../../../store/model.ts';

/** The person's screen and keyboard; the menu knows nothing of SSH. Lines are ended with CR LF by the menu. */
export interface MenuTerminal {
  write(text: string): void;
  /** The size now; read again after every resize. */
  readonly size: { readonly cols: number; readonly rows: number };
  /**
   * Keystrokes as they come. The menu takes its listener off before `connect` and puts it on again afterwards, so
   * whoever runs a session on the terminal meanwhile sees every byte.
   */
  onData(listener: (chunk: Buffer) => void): Disposer;
  onResize(listener: () => void): Disposer;
  /** The terminal is gone or its input ended. */
  onClose(listener: () => void): Disposer;
}

/** What the user picked, as far as they have said it. */
export interface MenuPick {
  readonly asset: ReachableAsset;
  /** The one protocol of the asset, or the one the user chose; undefined when this gateway can open none. */
  readonly protocol?: Protocol | undefined;
  /** `AccountChoice.name` of the chosen account; undefined lets the one usable account stand. */
  readonly account?: string | undefined;
  /** For `@input`: what was typed. */
  readonly input?: { readonly login: string; readonly secret: Secret } | undefined;
  /**
   * Bytes that came in one piece with the Enter that picked: they are for the target (the menu keeps them when
   * `connect` answers with a question). Often empty.
   */
  readonly typedAhead: Buffer;
}

/** What `connect` came to. After everything but `ended` the terminal must be as it was: at the start of a line. */
export type ConnectOutcome =
  /** A session ran and is over; the line to show, or null. */
  | { readonly kind: 'ended'; readonly message: string | null }
  /** Nothing ran: refused, not reachable, … The message says what to do next. */
  | { readonly kind: 'failed'; readonly message: string }
  /** Several accounts: the menu asks and calls `connect` again with `account` (the `name` of the choice). */
  | { readonly kind: 'choose'; readonly accounts: readonly AccountChoice[] }
  /**
   * Login (when null) and secret are to be asked; the menu calls `connect` again with `input`. Given again, with a
   * message, when the target did not take them: the menu asks three times in all.
   */
  | { readonly kind: 'input'; readonly login: string | null; readonly message?: string | undefined };

export interface MenuDeps {
  readonly userName: string;
  readonly displayName: string;
  /** Shown under the greeting, '' for none. */
  readonly announcement: string;
  /** Without a keystroke for so long, the menu says so and leaves. 0 means never. */
  readonly idleMs: number;
  readonly clock: Clock;
  /**
   * Every asset the person may reach, sorted by name, each with the protocols this gateway can open. Called at the
   * start, on `r` and after every session.
   */
  reachable(): Promise<readonly ReachableAsset[]>;
  /** Opens a session on the terminal and resolves when it is over (or could not be). Never rejects for a foreseen reason. */
  connect(pick: MenuPick, signal: AbortSignal): Promise<ConnectOutcome>;
}

/** How the menu was left: by the user (`q`, Ctrl-D, …), for lack of keystrokes, or because the terminal or signal ended. */
export type MenuEnd = 'left' | 'idle' | 'closed';
