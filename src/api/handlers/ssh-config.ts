import type { Access } from '../../access/access.ts';
import { may } from '../../access/roles.ts';
import type { PublicAuthorities } from '../../auth/signing-authority.ts';
import { AppError } from '../../kernel/errors.ts';
import { nameKey } from '../../store/name-key.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { findUser, quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { sshConfigOf } from './ssh-config-text.ts';

/** How people reach the bastion over SSH. */
export interface SshDoor {
  /** Its public name, undefined when the configuration tells none. */
  readonly host: string | undefined;
  readonly port: number;
  /** `type base64` of each of its host keys. */
  hostKeys(): Promise<readonly string[]>;
}

export interface SshConfigDeps {
  readonly store: Pick<Store, 'users'>;
  readonly access: Pick<Access, 'entries'>;
  readonly signing: PublicAuthorities;
  readonly door: SshDoor;
}

export function sshConfigHandlers(deps: SshConfigDeps): Handlers<'sshConfig'> {
  return {
    async show({ params, query, caller }) {
      refuseOthers(caller, params.name);
      const { store, access, signing, door } = deps;
      const user = await findUser(store, params.name);
      const [entries, hostKeys] = await Promise.all([access.entries(user, 'ssh'), door.hostKeys()]);
      const wanted = query.assets?.split(',').map((name) => name.trim());
      const missing = wanted?.find((name) => !entries.some(({ asset }) => nameKey(asset.name) === nameKey(name)));
      if (missing !== undefined)
        throw new AppError('not_found', `${user.name} reaches no asset ${quoted(missing)} over SSH.`);
      const keys = wanted && new Set(wanted.map(nameKey));
      return sshConfigOf({
        user: user.name,
        host: query.host ?? door.host ?? null,
        port: query.port ?? door.port,
        hostKeys,
        authority: signing.host.publicLine,
        entries: keys ? entries.filter(({ asset }) => keys.has(nameKey(asset.name))) : entries,
      });
    },
  };
}

/** Also whether a user exists is nobody else's business. */
function refuseOthers(caller: Caller, name: string): void {
  if (caller.kind === 'machine') return;
  const user = caller.kind === 'person' ? caller.identity.user : undefined;
  if (user && (may(user.role, 'manage') || nameKey(user.name) === nameKey(name) || user.id === name)) return;
  throw new AppError('forbidden', 'You may see only your own SSH configuration.');
}
