import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bastion, SSH_OPTIONS, startBastion } from '../kit/bastion.ts';
import { run } from '../kit/process.ts';
import { ensureUser, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import type { Path } from './measure.ts';

const CIPHER = ['-c', 'aes128-gcm@openssh.com'];

export interface Bench extends AsyncDisposable {
  readonly bastion: Bastion;
  readonly target: Sshd;
  readonly key: string;
  /** OpenSSH straight to the target. */
  readonly direct: Path;
  /** `ssh -J`: one encrypted stream end to end, tunnelled by the jump host. */
  readonly proxyJump: Path;
  /** `ssh jump ssh target`: decrypted and encrypted again in the middle, as a bastion does. */
  readonly doubleHop: Path;
  readonly through: Path;
  /** The target under another port, as a delayed network gives it. */
  directAt(port: number): Path;
  /** A second asset on another port of the target, through the bastion. */
  assetAt(name: string, port: number): Promise<Path>;
}

/** A target sshd, a jump sshd and a bastion that records, all on this machine. */
export async function prepare(config: Record<string, Record<string, unknown>> = {}): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-bench-'));
  const pair = await makeKey(dir, 'user');
  await ensureUser(TEST_USER);
  // The inner ssh of the double hop runs as that user
  await run('chown', ['-R', TEST_USER.name, dir]);
  const [target, jump] = await Promise.all([
    startSshd({ authorizedKeys: [pair.publicKey], maxSessions: 300, config: ['MaxStartups 500'] }),
    startSshd({ authorizedKeys: [pair.publicKey], maxSessions: 300, config: ['MaxStartups 500'] }),
  ]);
  const bastion = await startBastion({
    config: {
      log: { level: 'info', format: 'json' },
      ssh: { listen: '127.0.0.1:0', max_unauthenticated: 1000 },
      session: { max_per_user: 1000, disk_reserve: '1MiB' },
      ...config,
    },
  });
  await bastion.ok(['user', 'add', 'bench', '--key-file', `${pair.file}.pub`]);

  const base = ['ssh', ...SSH_OPTIONS, '-i', pair.file, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', ...CIPHER];
  const inner = ['ssh', ...SSH_OPTIONS, '-i', pair.file, '-o', 'BatchMode=yes', ...CIPHER, '-p', String(target.port)];
  const jumpConfig = join(dir, 'ssh_config');
  writeFileSync(
    jumpConfig,
    `Host *\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n IdentityFile ${pair.file}\n IdentitiesOnly yes\n BatchMode yes\n Ciphers aes128-gcm@openssh.com\n`,
  );
  const tty = (wanted: boolean) => (wanted ? ['-tt'] : []);
  const there = `${TEST_USER.name}@127.0.0.1`;
  const directAt = (port: number): Path => ({
    name: 'direct',
    program: program(dir, `direct-${port}`, `exec ${quoted([...base, '-p', String(port)])} $subsystem ${there} "$*"`),
    argv: (command, terminal) => [
      ...base,
      '-p',
      String(port),
      ...tty(terminal),
      `${TEST_USER.name}@127.0.0.1`,
      command,
    ],
  });
  const throughTo = (asset: string): Path => ({
    name: 'bastion',
    program: program(
      dir,
      `bastion-${asset}`,
      `exec ${quoted([...base, '-p', String(bastion.sshPort)])} $subsystem bench@${asset}@127.0.0.1 "$*"`,
    ),
    argv: (command, terminal) => [
      ...base,
      '-p',
      String(bastion.sshPort),
      ...tty(terminal),
      `bench@${asset}@127.0.0.1`,
      command,
    ],
  });
  const addAsset = async (name: string, port: number): Promise<Path> => {
    await bastion.ok(['asset', 'add', name, '--address', '127.0.0.1', '--protocol', `ssh:${port}`]);
    await bastion.ok(['account', 'add', name, TEST_USER.name, '--key-file', pair.file]);
    await bastion.ok(['permission', 'add', name, '--user', 'bench', '--asset', name, '--account', '@all']);
    return throughTo(name);
  };
  const through = await addAsset('target', target.port);
  return {
    bastion,
    target,
    key: pair.file,
    direct: directAt(target.port),
    directAt,
    proxyJump: {
      name: 'ProxyJump',
      program: program(
        dir,
        'proxy-jump',
        `exec ssh -F ${jumpConfig} -J ${there}:${jump.port} -p ${target.port} $subsystem ${there} "$*"`,
      ),
      argv: (command, terminal) => [
        'ssh',
        '-F',
        jumpConfig,
        '-J',
        `${TEST_USER.name}@127.0.0.1:${jump.port}`,
        '-p',
        String(target.port),
        ...tty(terminal),
        `${TEST_USER.name}@127.0.0.1`,
        command,
      ],
    },
    doubleHop: {
      name: 'double hop',
      // what the client asks for is quoted for the shell of the jump host, which hands it on
      program: program(
        dir,
        'double-hop',
        `exec ${quoted([...base, '-p', String(jump.port)])} ${there} "${inner.join(' ')} $subsystem ${there} $(printf %q "$*")"`,
      ),
      argv: (command, terminal) => [
        ...base,
        '-p',
        String(jump.port),
        ...tty(terminal),
        `${TEST_USER.name}@127.0.0.1`,
        `${inner.join(' ')} ${tty(terminal).join(' ')} ${TEST_USER.name}@127.0.0.1 '${command}'`,
      ],
    },
    through,
    assetAt: addAsset,
    async [Symbol.asyncDispose]() {
      await bastion[Symbol.asyncDispose]();
      await target.stop();
      await jump.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * A program to be used where a client wants an `ssh`: `sftp -S`, `scp -S`, `rsync -e`. It drops their options, and goes
 * where `line` goes with `$subsystem` (`-s` or nothing) and the command in `$*`.
 */
function program(dir: string, name: string, line: string): string {
  const file = join(dir, name);
  const options = `subsystem=
while [ $# -gt 0 ]; do
  case $1 in
    -s) subsystem=-s ;;
    -l|-p|-P|-o|-i|-c|-F) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
shift`;
  writeFileSync(file, `#!/bin/bash\n${options}\n[ "$1" = -- ] && shift\n${line}\n`);
  chmodSync(file, 0o755);
  return file;
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
