import { join } from 'node:path';
import type { SshDoor } from '../api/handlers/ssh-config.ts';
import type { Config, ListenAddress } from '../config/schema.ts';
import { publicHostKeys } from '../gateways/ssh/host-keys.ts';

/** How people reach the bastion over SSH, as far as its configuration tells. `bound` is where it listens now. */
export function sshDoor(config: Config, hostKeysDir: string, bound?: readonly ListenAddress[]): SshDoor {
  const [first] = bound ?? config.ssh.listen;
  return { host: publicHost(config), port: first!.port, hostKeys: () => publicHostKeys(hostKeysDir) };
}

/** The name of the public URL, else the one address SSH listens on. */
function publicHost({ http, ssh }: Config): string | undefined {
  if (http.public_url !== null) return new URL(http.public_url).hostname.replace(/^\[|\]$/g, '');
  const hosts = ssh.listen.map(({ host }) => host ?? '0.0.0.0');
  return hosts.length === 1 && !['0.0.0.0', '::'].includes(hosts[0]!) ? hosts[0] : undefined;
}

export const hostKeysDir = (dataDir: string): string => join(dataDir, 'host_keys');
