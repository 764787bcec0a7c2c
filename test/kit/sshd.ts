import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './process.ts';

export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** Public key lines that may log in as any user. */
  readonly authorizedKeys?: readonly string[];
  /** Password logins against /etc/shadow, as `TEST_USER`. */
  readonly password?: boolean;
  /** Passwords over keyboard-interactive and PAM only. */
  readonly keyboardInteractive?: boolean;
  /** Default: ed25519 alone. */
  readonly hostKeyTypes?: readonly HostKeyType[];
  /** Host key files of another server, to come back as the same machine. */
  readonly hostKeyFiles?: readonly string[];
  readonly maxSessions?: number;
  /** Default: a free port. */
  readonly port?: number;
  /** Names the server takes from clients, e.g. `LANG LC_*`. */
  readonly acceptEnv?: string;
  /** More lines for sshd_config; they come first, so they win. */
  readonly config?: readonly string[];
}

export interface Sshd {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  readonly hostKeyFiles: readonly string[];
  /** Everything sshd logged so far (LogLevel VERBOSE). */
  log(): string;
  /** Ends every connection the server has, as if the machine lost them; the server goes on. */
  dropConnections(): Promise<void>;
  /** Ends the server and its connections and removes its directory. */
  stop(): Promise<void>;
}

export interface TestUser {
  readonly name: string;
  readonly password: string;
}

/** The system user of password tests; made when it does not exist. */
export const TEST_USER: TestUser = { name: 'bastion-test', password: 'correct horse 4711' };

export interface KeyPair {
  readonly file: string;
  readonly privateKey: Buffer;
  /** One authorized_keys line. */
  readonly publicKey: string;
}

/** Makes a key pair with ssh-keygen; `type` as its -t. */
export async function makeKey(
  dir: string,
  name: string,
  type = 'ed25519',
  passphrase = '',
  extra: readonly string[] = [],
): Promise<KeyPair> {
  const file = join(dir, name);
  const made = await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, ...extra, '-f', file]);
  if (made.code !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  return { file, privateKey: await readFile(file), publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
}

/** Starts Debian's OpenSSH server on loopback with a configuration and host keys of its own. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  if (process.getuid?.() !== 0) throw new Error('sshd must be started as root for these tests');
  if (options.password || options.keyboardInteractive) await ensureUser(TEST_USER);
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const dir = await mkdtemp(join(tmpdir(), 'bastion-sshd-'));
  // sshd reads the authorized keys as the user who logs in
  await chmod(dir, 0o755);
  const hostKeyFiles = options.hostKeyFiles ?? (await makeHostKeys(dir, options.hostKeyTypes ?? ['ed25519']));
  await writeFile(join(dir, 'authorized_keys'), `${(options.authorizedKeys ?? []).join('\n')}\n`, { mode: 0o644 });
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    await writeFile(join(dir, 'sshd_config'), configuration(dir, port, hostKeyFiles, options));
    const started = await launch(dir, port);
    if (typeof started !== 'string') return { ...started, hostKeyFiles };
    // another process may have taken the free port in between
    if (options.port !== undefined || tries === 5 || !started.includes('in use'))
      throw new Error(`sshd did not start:\n${started}`);
  }
}

function configuration(dir: string, port: number, hostKeys: readonly string[], options: SshdOptions): string {
  const yes = (on: boolean | undefined) => (on ? 'yes' : 'no');
  return [
    ...(options.config ?? []),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((file) => `HostKey ${file}`),
    `PidFile ${join(dir, 'pid')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    `PasswordAuthentication ${yes(options.password)}`,
    `KbdInteractiveAuthentication ${yes(options.keyboardInteractive)}`,
    // without PAM sshd reads /etc/shadow itself
    `UsePAM ${yes(options.keyboardInteractive)}`,
    `MaxSessions ${options.maxSessions ?? 100}`,
    'MaxStartups 200',
    ...(options.acceptEnv ? [`AcceptEnv ${options.acceptEnv}`] : []),
    'LogLevel VERBOSE',
    'PrintMotd no',
    'PrintLastLog no',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

/** The running server, or what it said before it gave up. */
function launch(dir: string, port: number): Promise<Omit<Sshd, 'hostKeyFiles'> | string> {
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => resolve(log));
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk;
      if (!log.includes('Server listening on')) return;
      resolve({
        host: '127.0.0.1',
        port,
        pid: child.pid!,
        dir,
        log: () => log,
        dropConnections: () => killChildren(child.pid!),
        stop: () => stop(child, dir),
      });
    });
  });
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  await killChildren(child.pid!);
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
  await rm(dir, { recursive: true, force: true });
}

/** Every process below this one: a connection is held by the unprivileged child of the child that sshd forks for it. */
async function killChildren(pid: number): Promise<void> {
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=']);
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child!, ...below(child!)]);
  for (const child of below(pid)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // ended by itself in between
    }
  }
}

async function makeHostKeys(dir: string, types: readonly HostKeyType[]): Promise<string[]> {
  const made = types.map((type) => makeKey(dir, `host_${type}`, type, '', type === 'rsa' ? ['-b', '2048'] : []));
  return (await Promise.all(made)).map((key) => key.file);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Makes a system user with this password unless it exists; test files may ask for it at the same time. */
export async function ensureUser(user: TestUser): Promise<void> {
  const script = 'id -u "$1" >/dev/null 2>&1 || useradd -m -s /bin/bash "$1"; printf "%s:%s\\n" "$1" "$2" | chpasswd';
  const lock = join(tmpdir(), 'bastion-test-user.lock');
  const made = await run('flock', [lock, 'sh', '-c', script, 'sh', user.name, user.password]);
  if (made.code !== 0) throw new Error(`cannot make the user ${user.name}: ${made.stderr}`);
}
