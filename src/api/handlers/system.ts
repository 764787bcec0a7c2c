import { capabilitiesOf } from '../../access/roles.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Config } from '../../config/schema.ts';
import { showSettings } from '../../config/show.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Registry } from '../../session/types.ts';
import type { StorageUse } from '../../storage/usage.ts';
import type { Store } from '../../store/store.ts';
import type { Vault } from '../../store/vault.ts';
import { openApi } from '../openapi.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { health } from './health.ts';
import { wantsCodes } from './me.ts';
import { iso, isoOrNull } from './time.ts';

/** What the running daemon says of itself. */
export interface DaemonInfo {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  listeners(): { kind: string; address: string }[];
  /** When the TLS certificate of its listeners ends; null where none has one. */
  certificateEnd(): number | null;
  storage(): Promise<StorageUse>;
}

export interface SystemDeps {
  /** Absent where no daemon runs. */
  readonly daemon: DaemonInfo | undefined;
  readonly registry: Registry | undefined;
  readonly clock: Clock;
  readonly config: Config;
  /** The file the configuration was read from; null when the defaults stand. */
  readonly configFile: string | null;
  readonly store: Pick<Store, 'statistics' | 'audit'>;
  readonly authenticator: Pick<Authenticator, 'webSessions'>;
  readonly version: string;
}

export function systemHandlers(deps: SystemDeps): Handlers<'system'> {
  const { daemon, registry, clock, config, authenticator, version, store } = deps;
  let document: ReturnType<typeof openApi> | undefined;
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

    async openapi() {
      document ??= openApi();
      return document;
    },

    async health() {
      return health({ store, daemon, registry, config: config.session, clock });
    },

    async settings() {
      return { file: deps.configFile, settings: showSettings(config) };
    },

    async me({ caller, actor }) {
      const common = {
        passwordMinLength: config.auth.password_min_length,
        version,
        watermark: config.session.watermark === 'on',
      };
      if (caller.kind !== 'person') {
        return {
          ...common,
          kind: 'machine',
          name: actor.name,
          displayName: '',
          role: null,
          id: null,
          email: null,
          capabilities: [...capabilitiesOf('admin')],
          hasPassword: null,
          totpEnabled: null,
          totpRequired: null,
          signedInUntil: null,
        };
      }
      const { user } = caller.identity;
      const { id, name, displayName, email, role, hasPassword, totpEnabled } = user;
      return {
        ...common,
        ...{ kind: 'user', id, name, displayName, email, role, hasPassword, totpEnabled },
        capabilities: [...capabilitiesOf(role)],
        totpRequired: wantsCodes(config.auth, user),
        signedInUntil: isoOrNull(await authenticator.webSessions.endOf(caller.identity)),
      };
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
