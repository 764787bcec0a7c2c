import type { Secret } from '../kernel/secret.ts';
import type { AuditDraft, Sealed } from './model.ts';

/** Where a sealed value stands. Its text is the additional authenticated data: moved elsewhere it does not open. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly id: string;
}

/** Seals secrets with AES-256-GCM under the master key, a fresh 96-bit nonce each. */
export interface Vault {
  seal(secret: Secret, place: Place): Sealed;
  /** AppError `internal` when the value was changed, moved, or sealed under another key. */
  open(sealed: Sealed, place: Place): Secret;
  /** Seals everything anew under a new master key and replaces the key file. A crash in between loses nothing. Returns how many values. */
  rotateKey(audit: AuditDraft): Promise<number>;
}
