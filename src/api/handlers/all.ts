import type { Access } from '../../access/access.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { PublicAuthorities } from '../../auth/signing-authority.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Registry } from '../../session/types.ts';
import type { Recordings } from '../../storage/local.ts';
import type { Evidence } from '../../store/audit/evidence.ts';
import type { Store } from '../../store/store.ts';
import type { Vault } from '../../store/vault.ts';
import type { AllHandlers } from '../api.ts';
import { accessHandlers } from './access.ts';
import { accountHandlers } from './accounts.ts';
import { assetHandlers } from './assets.ts';
import { auditHandlers } from './audit.ts';
import { commandHandlers } from './commands.ts';
import { connectionHandlers } from './connections.ts';
import { type FileDoor, fileHandlers } from './files.ts';
import { filterHandlers } from './filters.ts';
import { folderHandlers, platformHandlers } from './folders.ts';
import { groupHandlers } from './groups.ts';
import { hostKeyHandlers } from './host-keys.ts';
import { linkHandlers, lockoutHandlers, tokenHandlers, totpHandlers } from './logins.ts';
import { ownHandlers } from './me.ts';
import { ownAssetHandlers } from './own-assets.ts';
import { permissionHandlers } from './permissions.ts';
import { reviewHandlers } from './reviews.ts';
import { searchHandlers } from './search.ts';
import { ownSessionHandlers, sessionHandlers } from './sessions.ts';
import { shareHandlers } from './shares.ts';
import { signedInHandlers, signInHandlers } from './sign-in.ts';
import { type SshDoor, sshConfigHandlers } from './ssh-config.ts';
import { statisticsHandlers } from './statistics.ts';
import { type DaemonInfo, systemHandlers, vaultHandlers } from './system.ts';
import type { TargetTester } from './target-test.ts';
import { transferHandlers } from './transfers.ts';
import { authorityHandlers, keyHandlers } from './user-keys.ts';
import { userHandlers } from './users.ts';

/** What the API stands on. The last four are there only in the running daemon. */
export interface HandlerDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly config: Config;
  /** The file it was read from. */
  readonly configFile?: string | null | undefined;
  readonly clock: Clock;
  /** Of the bastion. */
  readonly version: string;
  /** Where browsers find the bastion, without a slash at the end; null when that is not known. */
  readonly webAddress: () => string | null;
  readonly signing: PublicAuthorities;
  readonly authenticator: Authenticator;
  readonly access: Pick<Access, 'explain' | 'reach' | 'entries' | 'judge' | 'reachableInDetail'>;
  readonly sshDoor: SshDoor;
  readonly recordings: Pick<Recordings, 'open' | 'digest' | 'parts' | 'part'>;
  readonly evidence: Evidence;
  readonly registry?: Registry | undefined;
  readonly fileDoor?: FileDoor | undefined;
  readonly testTarget?: TargetTester | undefined;
  readonly daemon?: DaemonInfo | undefined;
  /** Whether assets may have protocol `local`: a shell on the bastion itself, for the demo only. */
  readonly localTargets?: boolean | undefined;
  /** The demo's user, where this is one. */
  readonly demoUser?: string | undefined;
}

/** A handler for every route of the contract; a missing one is a type error. */
export function createHandlers(deps: HandlerDeps): AllHandlers {
  const { store, vault, clock, authenticator, access, recordings, registry, testTarget, daemon, webAddress } = deps;
  const config = deps.config.auth;
  return {
    signIn: signInHandlers({ store, authenticator, config, clock, demoUser: deps.demoUser ?? null }),
    signIns: signedInHandlers(authenticator),
    me: {
      ...ownHandlers({ store, authenticator, config, clock }),
      ...ownAssetHandlers({ store, access, signing: deps.signing, door: deps.sshDoor }),
      ...ownSessionHandlers({ store, registry }),
    },
    users: userHandlers({ store, authenticator, clock, webAddress }),
    keys: keyHandlers(store, clock),
    totp: totpHandlers(store, authenticator),
    links: linkHandlers(authenticator, config),
    lockouts: lockoutHandlers(store, clock),
    authorities: authorityHandlers({ store, signing: deps.signing, clock }),
    groups: groupHandlers(store, clock),
    tokens: tokenHandlers(store, authenticator),
    folders: folderHandlers(store),
    platforms: platformHandlers(store),
    assets: assetHandlers({ store, clock, testTarget, localTargets: deps.localTargets ?? false }),
    accounts: accountHandlers({ store, vault, clock, testTarget }),
    hostKeys: hostKeyHandlers(store),
    permissions: permissionHandlers({ store, clock }),
    access: accessHandlers(access, store),
    connections: connectionHandlers({ access, tickets: authenticator.tickets }),
    sshConfig: sshConfigHandlers({ store, access, signing: deps.signing, door: deps.sshDoor }),
    files: fileHandlers(deps.fileDoor),
    filters: filterHandlers({ store, clock }),
    sessions: sessionHandlers({ store, registry, recordings, clock }),
    shares: shareHandlers({ store, registry, webAddress, clock }),
    commands: commandHandlers(store),
    reviews: reviewHandlers({ store, registry }),
    transfers: transferHandlers(store),
    search: searchHandlers(store),
    statistics: statisticsHandlers(store, clock),
    audit: auditHandlers({ store, evidence: deps.evidence, recordings }),
    vault: vaultHandlers(vault),
    system: systemHandlers({
      daemon,
      registry,
      clock,
      config: deps.config,
      configFile: deps.configFile ?? null,
      store,
      authenticator,
      version: deps.version,
    }),
  };
}
