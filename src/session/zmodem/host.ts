import type { Clock } from '../../kernel/clock.ts';
import type { TransferDirection } from '../../store/model.ts';
import type { TransferEntry } from '../transfers.ts';

/** The terminal around a transfer. */
export interface ZmodemHost {
  readonly clock: Clock;
  /** Whether files may go this way now. */
  may(direction: TransferDirection): boolean;
  /** Output for the recording, the screen and those who watch. */
  show(bytes: Buffer): void;
  /** Output for the client. */
  give(bytes: Buffer): void;
  /** Input for the target, as it is. */
  send(bytes: Buffer): void;
  /** Input that is no transfer's: what people type. */
  typed(bytes: Buffer): void;
  /** A file is moving: the session is not idle. */
  touched(): void;
  /** A sentence for the person at the terminal. */
  notice(text: string): void;
  /** A sentence for the recording and those who watch. */
  tell(text: string): void;
  transfer(entry: TransferEntry): void;
  /** What the client sent as a file was none, as far as is known: a shell may have taken it for a line. */
  unproven(): void;
}
