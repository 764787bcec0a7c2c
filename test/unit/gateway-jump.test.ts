import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../kit/process.ts';
import { World } from './gateway-kit.ts';

/** OpenSSH's configuration: the bastion as jump host, and for the assets only the authority. */
function jumpConfig(world: World, assets = '*', extra = ''): string {
  const knownHosts = join(world.dir, 'known_hosts');
  writeFileSync(knownHosts, `@cert-authority ${assets} ${world.authorityLine}\n`);
  const file = join(world.dir, 'config');
  const config = `Host bastion
  HostName 127.0.0.1
  Port ${world.port}
  User alice
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
Host * !bastion
  ProxyJump bastion
  UserKnownHostsFile ${knownHosts}
  StrictHostKeyChecking yes
${extra}
Host *
  LogLevel ERROR
  PubkeyAuthentication no
`;
  writeFileSync(file, config);
  return file;
}

describe('ProxyJump', () => {
  test('an asset is entered without a prompt, with only the authority in known_hosts', async () => {
    await using world = await World.start();
    const config = jumpConfig(world);
    const result = await run('ssh', ['-F', config, 'root@web1', 'exit 7'], {
      env: { ...process.env, ...world.askpass() },
    });
    expect(result).toMatchObject({ code: 7 });
    expect(world.requests).toHaveLength(1);
  });
});
