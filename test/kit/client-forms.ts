import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from './house.ts';
import { run } from './process.ts';
import { type KeyPair, TEST_USER } from './sshd.ts';

/** How a client gets to the target: straight there, by its name in the user name, through ProxyJump, or in the tree. */
export type FormName = 'direct' | 'named' | 'jump' | 'tree';

export interface Form {
  readonly name: FormName;
  /** Where the client connects to, for those that do not read OpenSSH's configuration. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly key: KeyPair;
  /** An OpenSSH configuration in which the target's alias is the name of the form. */
  readonly config: string;
  /** What stands before a path of the target. */
  readonly root: string;
  /** As PuTTY wants them: the key file, and the fingerprints of the server's host keys. */
  readonly putty: { readonly key: string; readonly hostKeys: readonly string[] };
  /** The bastion as a jump host, on loopback, for the form `jump`. */
  readonly jump: { readonly alias: string; readonly user: string; readonly port: number } | undefined;
}

/** All forms of `web1` for a person of the house. */
export async function formsOf(house: House, person = 'alice', key = house.key): Promise<Record<FormName, Form>> {
  const { bastion, sshd, targetKey, dir } = house;
  const config = join(dir, `ssh_config-${person}`);
  const host = (alias: string, at: { port: number; user: string; key: KeyPair; name?: string; more?: string }) =>
    [
      `Host ${alias}`,
      ` HostName ${at.name ?? '127.0.0.1'}`,
      ` Port ${at.port}`,
      ` User ${at.user}`,
      ` IdentityFile ${at.key.file}`,
      at.more ?? '',
    ].join('\n');
  const named = `${person}@${TEST_USER.name}@web1`;
  const lines = [
    host('direct', { port: sshd.port, user: TEST_USER.name, key: targetKey }),
    host('named', { port: bastion.sshPort, user: named, key }),
    host('tree', { port: bastion.sshPort, user: person, key }),
    host('gate', { port: bastion.sshPort, user: person, key }),
    host('jump', { name: 'web1', port: sshd.port, user: TEST_USER.name, key, more: ' ProxyJump gate' }),
    'Host *',
    ' IdentitiesOnly yes',
    ' BatchMode yes',
    ' StrictHostKeyChecking no',
    ' UserKnownHostsFile /dev/null',
    ' LogLevel ERROR',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const [puttyKey, puttyTargetKey] = await Promise.all([puttyKeyOf(key), puttyKeyOf(targetKey)]);
  const ownKeys = await fingerprints(
    ['ed25519', 'ecdsa', 'rsa'].map((type) => join(bastion.data, 'host_keys', `ssh_host_${type}_key`)),
  );
  const targetKeys = await fingerprints(sshd.hostKeyFiles);
  const through = { host: '127.0.0.1', port: bastion.sshPort, key, config, root: '', jump: undefined };
  const putty = { key: puttyKey, hostKeys: ownKeys };
  return {
    direct: {
      ...through,
      name: 'direct',
      port: sshd.port,
      user: TEST_USER.name,
      key: targetKey,
      putty: { key: puttyTargetKey, hostKeys: targetKeys },
    },
    named: { ...through, name: 'named', user: named, putty },
    tree: { ...through, name: 'tree', user: person, putty, root: `/web1/${TEST_USER.name}` },
    jump: {
      ...through,
      name: 'jump',
      host: 'web1',
      port: sshd.port,
      user: TEST_USER.name,
      putty,
      jump: { alias: 'gate', user: person, port: bastion.sshPort },
    },
  };
}

async function puttyKeyOf({ file }: KeyPair): Promise<string> {
  const made = await run('puttygen', [file, '-O', 'private', '-o', `${file}.ppk`]);
  if (made.code !== 0) throw new Error(`puttygen: ${made.stderr}`);
  return `${file}.ppk`;
}

async function fingerprints(files: readonly string[]): Promise<string[]> {
  const shown = await Promise.all(files.map((file) => run('ssh-keygen', ['-lf', file])));
  return shown.flatMap(({ stdout }) => /SHA256:\S+/.exec(stdout)?.[0] ?? []);
}
