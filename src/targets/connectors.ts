import { AppError } from '../kernel/errors.ts';
import type { Connector } from './connector.ts';
import type { TargetDeps } from './deps.ts';
import { createLocalConnector } from './pty-local.ts';
import { createSshConnector } from './ssh.ts';
import { createTargetTest, type TargetTest } from './target-test.ts';

/** Every way to a target, behind the one interface. */
export interface Connectors extends Connector {
  /** A client connection is gone: what its sessions shared ends at once. */
  release(shareKey: object): void;
  /** The administrator's connectivity test; opens no channel. */
  readonly test: TargetTest;
  /** Ends every target connection. */
  close(): void;
}

/** Picks the connector by the grant's protocol. `demo` allows protocol `local`. */
export function createConnectors(deps: TargetDeps, options: { readonly demo: boolean }): Connectors {
  const ssh = createSshConnector(deps);
  const local = createLocalConnector();
  return {
    async open(grant, request, signal) {
      if (grant.protocol === 'ssh') return ssh.open(grant, request, signal);
      if (grant.protocol === 'local' && options.demo) return local.open(grant, request, signal);
      throw new AppError(
        'unsupported',
        grant.protocol === 'local'
          ? 'Shells on the bastion itself exist only in the demo (`bastion serve --demo`).'
          : `Protocol ${grant.protocol} of ${grant.asset.name} is not supported yet: choose ssh if the asset has it.`,
      );
    },
    release: (shareKey) => ssh.release(shareKey),
    test: createTargetTest(deps),
    close: () => ssh.close(),
  };
}
