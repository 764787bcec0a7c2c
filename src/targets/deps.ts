import type { SigningAuthorities } from '../auth/signing-authority.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';

/** What reaching a target needs from the rest of the house. */
export interface TargetDeps {
  readonly store: Pick<Store, 'assets' | 'accounts' | 'platforms' | 'hostKeys' | 'audit'>;
  readonly vault: Pick<Vault, 'open'>;
  /** Makes the certificates of accounts of kind `certificate`. */
  readonly signing: Pick<SigningAuthorities, 'user'>;
  /** Milliseconds, from `ssh.connect_timeout` and `ssh.keepalive`. */
  readonly timing: { readonly connectTimeout: number; readonly keepalive: number };
  readonly clock: Clock;
  readonly log: Log;
}

/** Told while connecting: plain sentences for the person who waits. */
export type Progress = (message: string) => void;
