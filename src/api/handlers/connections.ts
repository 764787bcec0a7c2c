import type { Access } from '../../access/access.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Handlers } from './handler.ts';
import { personOf } from './person.ts';
import { iso } from './time.ts';

export interface ConnectionDeps {
  readonly access: Pick<Access, 'judge'>;
  readonly tickets: Authenticator['tickets'];
}

/** Where pages and programs begin to use an asset. */
export function connectionHandlers({ access, tickets }: ConnectionDeps): Handlers<'connections'> {
  return {
    async open({ body, caller }) {
      const who = personOf(caller);
      const { asset, account, protocol, use } = body;
      const prospect = await access.judge({ who, asset, account, protocol, use });
      if (prospect.kind === 'deny') throw new AppError(prospect.code, prospect.message);
      if (prospect.kind === 'choose') {
        const accounts = prospect.accounts.map(({ name }) => name);
        return { state: 'choose', asset: prospect.asset.name, protocol: prospect.protocol, accounts };
      }
      const { token, expiresAt } = await tickets.create(who, { ...prospect, use });
      return {
        state: 'ticket',
        ticket: token.exposeText(),
        expiresAt: iso(expiresAt),
        asset: prospect.asset.name,
        assetId: prospect.asset.id,
        account: prospect.account,
        protocol: prospect.protocol,
        input: prospect.input,
      };
    },
  };
}
