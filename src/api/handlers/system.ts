import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Registry } from '../../session/types.ts';
import type { Vault } from '../../store/vault.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { iso } from './time.ts';

/** What the running daemon says of itself. */
export interface DaemonInfo {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  listeners(): { kind: string; address: string }[];
}

export interface SystemDeps {
  /** Absent where no daemon runs. */
  readonly daemon: DaemonInfo | undefined;
  readonly registry: Registry | undefined;
  readonly clock: Clock;
}

export function systemHandlers({ daemon, registry, clock }: SystemDeps): Handlers<'system'> {
  return {
    async status() {
      if (!daemon) throw new AppError('needs_daemon', 'The daemon is not running. Start it with "bastion serve".');
      return {
        version: daemon.version,
        startedAt: iso(daemon.startedAt),
        uptimeSeconds: Math.max(0, Math.floor((clock.now() - daemon.startedAt) / 1000)),
        listeners: daemon.listeners(),
        liveSessions: registry?.live().length ?? 0,
      };
    },

    async me({ caller, actor }) {
      if (caller.kind !== 'person') return { kind: 'machine', name: actor.name, displayName: '', role: null };
      const { name, displayName, role } = caller.identity.user;
      return { kind: 'user', name, displayName, role };
    },
  };
}

export function vaultHandlers(vault: Vault): Handlers<'vault'> {
  return {
    async rotateKey({ actor }) {
      return { resealed: await vault.rotateKey(done(actor, 'vault.rotate-key', null)) };
    },
  };
}
