import type { Access, ReachableDetail } from '../../access/access.ts';
import type { PublicAuthorities } from '../../auth/signing-authority.ts';
import { AppError } from '../../kernel/errors.ts';
import { nameKey } from '../../store/name-key.ts';
import type { Store } from '../../store/store.ts';
import { clientLines } from './client-lines.ts';
import { quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { personOf } from './person.ts';
import type { SshDoor } from './ssh-config.ts';

export interface OwnAssetsDeps {
  readonly store: Pick<Store, 'platforms'>;
  readonly access: Pick<Access, 'reachableInDetail'>;
  readonly signing: PublicAuthorities;
  readonly door: SshDoor;
}

/** What people may reach, and how with clients of their own. */
export function ownAssetHandlers(deps: OwnAssetsDeps): Pick<Handlers<'me'>, 'assets' | 'clientLines'> {
  const { store, access, signing, door } = deps;
  return {
    async assets({ caller }) {
      const [found, platforms] = await Promise.all([
        access.reachableInDetail(personOf(caller)),
        store.platforms.list(),
      ]);
      const kinds = new Map(platforms.map(({ name, kind }) => [name, kind]));
      return found.map(({ asset, protocols }) => ({
        id: asset.id,
        name: asset.name,
        address: asset.address,
        folder: asset.folder,
        platform: asset.platform,
        kind: kinds.get(asset.platform) ?? 'host',
        labels: { ...asset.labels },
        comment: asset.comment,
        protocols: protocols.map(({ name, accounts }) => ({
          name,
          accounts: accounts.map((account) => ({ name: account.name, actions: [...account.actions] })),
        })),
      }));
    },

    async clientLines({ query, caller }) {
      const who = personOf(caller);
      const reachable = meant(await access.reachableInDetail(who), query.asset);
      const account = query.account;
      if (account !== undefined && !reachable.protocols.some(({ accounts }) => accounts.some(isAs(account))))
        throw new AppError('not_found', `You have no account ${quoted(account)} on ${reachable.asset.name}.`);
      return clientLines({
        user: who.user.name,
        host: door.host ?? query.host ?? null,
        port: door.port,
        hostKeys: await door.hostKeys(),
        authority: signing.host.publicLine,
        reachable,
        account,
      });
    },
  };
}

const isAs = (account: string) => (one: { readonly name: string }) => one.name === account || one.name === '@input';

function meant(reachable: readonly ReachableDetail[], text: string): ReachableDetail {
  const found = reachable.find(({ asset }) => nameKey(asset.name) === nameKey(text) || asset.id === text);
  if (found) return found;
  throw new AppError('not_found', `No asset named ${quoted(text)} is open to you.`);
}
