import type { Account, Actor, Asset } from '../store/model.ts';
import { storedCredential } from './credentials.ts';
import type { TargetDeps } from './deps.ts';
import type { SeenKey } from './host-keys.ts';
import { reach, sshPort } from './ssh-hop.ts';

export interface TargetTestResult {
  readonly hostKey: SeenKey | undefined;
  /** Names of the jump assets on the way, outermost first. */
  readonly via: readonly string[];
  readonly milliseconds: number;
}

/**
 * The administrator's connectivity test: connects, checks (and at first use pins) the host keys on the way, logs in
 * with the stored secret (without an account it stops before the login) and hangs up. It opens no channel, so nothing can be done with it and it needs no grant;
 * whoever calls it has checked that the actor is an administrator. Rejects like `Connector.open`.
 */
export type TargetTest = (
  asset: Asset,
  account: Account | undefined,
  options: {
    readonly by: Actor;
    readonly signal: AbortSignal;
    readonly progress?: ((message: string) => void) | undefined;
  },
) => Promise<TargetTestResult>;

export function createTargetTest(deps: TargetDeps): TargetTest {
  return async (asset, account, options) => {
    const start = deps.clock.monotonic();
    const to = {
      asset,
      port: sshPort(asset),
      login: account?.login ?? '',
      credential: account && (await storedCredential(deps, account, { by: options.by, what: 'test' })),
    };
    const link = await reach(deps, to, options);
    link.close();
    return { hostKey: link.hostKey, via: link.via, milliseconds: Math.round(deps.clock.monotonic() - start) };
  };
}
