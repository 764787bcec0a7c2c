import type { Action, Millis } from '../../store/model.ts';
import type { TransferEntry } from '../transfers.ts';

/** What an SFTP exchange needs from its session, and what it tells it. */
export interface ExchangeHost {
  /** The name of the target, for sentences. */
  readonly asset: string;
  /** `web`: the client is the bastion's own, on behalf of a browser. */
  readonly method: 'sftp' | 'web';
  may(action: Action): boolean;
  now(): Millis;
  toTarget(chunk: Buffer): void;
  toClient(chunk: Buffer): void;
  /** One line for the recording. */
  tell(line: string): void;
  transfer(entry: TransferEntry): void;
  /** A request was refused for want of this action. */
  denied(action: Action, text: string): void;
}
