import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../api/api.ts';
import { inProcess } from '../api/in-process.ts';
import type { Config } from '../config/schema.ts';
import { localUser } from '../kernel/local-user.ts';
import { createClient } from '../sdk/client.ts';

export const DEMO_USER = 'demo';
const DEMO_ASSET = 'local';
const WORDS =
  'amber birch cedar delta ember fjord grove harbor island juniper kelp lagoon maple nectar opal pebble'.split(' ');

/** The demo listens on loopback only, whatever the configuration says. */
export function demoConfig(config: Config): Config {
  const loopback = (listen: Config['ssh']['listen']) => [{ host: '127.0.0.1', port: listen[0]!.port }];
  return {
    ...config,
    ssh: { ...config.ssh, listen: loopback(config.ssh.listen) },
    http: { ...config.http, listen: loopback(config.http.listen) },
  };
}

/** Makes, once, a user with a password, an asset that needs nothing else, and the permission between them. */
export async function seedDemo(api: Api, dataDir: string): Promise<{ user: string; password: string }> {
  const passwordFile = join(dataDir, 'demo-password');
  if (existsSync(passwordFile)) return { user: DEMO_USER, password: readFileSync(passwordFile, 'utf8').trim() };

  const client = createClient({ transport: inProcess(api, { kind: 'machine', name: 'demo' }) });
  const password = [0, 0, 0].map(() => WORDS[randomInt(WORDS.length)]).join('-') + randomInt(1000, 10_000);
  const login = localUser().name;
  await client.users.add({ name: DEMO_USER, displayName: 'Demo', password });
  await client.assets.add({
    name: DEMO_ASSET,
    address: '127.0.0.1',
    protocols: [{ name: 'local', port: 0 }],
    platform: 'local',
    comment: 'a shell on this machine',
  });
  await client.accounts.add({ asset: DEMO_ASSET, login });
  await client.permissions.add({ name: DEMO_USER, users: [DEMO_USER], assets: [DEMO_ASSET], accounts: ['@all'] });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  return { user: DEMO_USER, password };
}
