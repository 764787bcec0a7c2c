import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import ssh2, { type ConnectConfig, type ParsedKey, type ServerConfig } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseCertificate } from '../../src/auth/ssh-cert.ts';
import { type RunResult, run } from '../kit/process.ts';
import { type Sshd, startSshd } from '../kit/sshd.ts';
import { blobOf, Keys } from './auth-support.ts';

/** One probe for each patch in `patches/`, against OpenSSH wherever it can show the difference. */
const require = createRequire(import.meta.url);
const constants = require('ssh2/lib/protocol/constants.js') as { mlkemSupported?: boolean; DEFAULT_KEX: string[] };
const Protocol = require('ssh2/lib/protocol/Protocol.js') as {
  prototype: { authPKOK(algo: string, key: Buffer): void };
};

const MLKEM = 'mlkem768x25519-sha256';
const TYPES = [
  ['ed25519', 'ssh-ed25519-cert-v01@openssh.com'],
  ['ecdsa', 'ecdsa-sha2-nistp256-cert-v01@openssh.com'],
  ['rsa', 'rsa-sha2-512-cert-v01@openssh.com'],
] as const;
const keys = new Keys();
let sshd: Sshd;

beforeAll(async () => {
  await keys.make('ca', 'ed25519');
  for (const [type] of TYPES) {
    await keys.make(`host_${type}`, type, type === 'rsa' ? 2048 : undefined);
    await keys.make(`user_${type}`, type, type === 'rsa' ? 2048 : undefined);
    await keys.certify(`host_${type}`, 'ca', `hostcert_${type}`, ['-h', '-n', 'target.test', '-V', '-1m:+1h']);
    await keys.certify(`user_${type}`, 'ca', `usercert_${type}`, ['-n', 'root', '-V', '-1m:+1h']);
  }
  await keys.certify('user_ed25519', 'ca', 'usercert_old', ['-n', 'root', '-V', '20200101:20200102']);
  sshd = await startSshd({
    hostKeyFiles: TYPES.map(([type]) => keys.file(`host_${type}`)),
    config: [
      ...TYPES.map(([type]) => `HostCertificate ${keys.file(`hostcert_${type}-cert.pub`)}`),
      `TrustedUserCAKeys ${keys.file('ca.pub')}`,
      'AuthorizedPrincipalsFile none',
    ],
  });
}, 60_000);
afterAll(async () => {
  await sshd.stop();
  keys.remove();
});

/** A parsed private key that presents a certificate. ssh2 asks the object for its type, its public part and signatures. */
function withCertificate(privateKey: string, certificate: Buffer, type: string): ParsedKey {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const hash = type.startsWith('rsa-') ? 'sha512' : undefined;
  return Object.create(key, {
    type: { value: type, enumerable: true },
    getPublicSSH: { value: () => certificate },
    sign: { value: (data: Buffer, algorithm?: string) => key.sign(data, hash ?? algorithm) },
  }) as ParsedKey;
}

/** ssh2 takes parsed keys here, which its types do not say. */
function asRoot(key: ParsedKey): NonNullable<ConnectConfig['authHandler']> {
  return [{ type: 'publickey', username: 'root', key }] as unknown as NonNullable<ConnectConfig['authHandler']>;
}

interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly kex: string[];
  /** Of exec requests, as they came. */
  readonly commands: Buffer[];
}

/** An ssh2 server that lets everybody in and runs nothing. */
async function startServer(config: ServerConfig): Promise<TestServer> {
  const kex: string[] = [];
  const commands: Buffer[] = [];
  const server = new ssh2.Server(config, (connection) => {
    connection.on('error', () => {});
    connection.on('handshake', (negotiated) => kex.push(negotiated.kex));
    connection.on('authentication', (ctx) => (ctx.method === 'publickey' ? ctx.accept() : ctx.reject(['publickey'])));
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, info) => {
        commands.push((info as typeof info & { commandBytes: Buffer }).commandBytes);
        const channel = acceptExec();
        channel.write('ok\n');
        channel.exit(0);
        channel.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    kex,
    commands,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Connects ssh2's client until it is logged in; rejects with its error. */
function connect(config: ConnectConfig): Promise<{ kex: string; serverHostKey: string }> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let negotiated = { kex: '', serverHostKey: '' };
    client.on('handshake', ({ kex, serverHostKey }) => {
      negotiated = { kex, serverHostKey };
    });
    client.on('ready', () => {
      client.end();
      resolve(negotiated);
    });
    client.on('error', reject);
    client.connect({ host: '127.0.0.1', username: 'root', ...config });
  });
}

/** OpenSSH's client in debug mode. */
function openssh(port: number, options: readonly string[], command = 'true'): Promise<RunResult> {
  const quiet = ['-vvv', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-p', String(port)];
  const lax = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  return run('ssh', [...quiet, ...options, ...lax, '127.0.0.1', command], {
    env: { ...process.env, SSH_AUTH_SOCK: '' },
  });
}

describe('patch 1: mlkem768x25519-sha256', () => {
  it('is there and comes first', () => {
    expect(constants.mlkemSupported).toBe(true);
    expect(constants.DEFAULT_KEX[0]).toBe(MLKEM);
  });

  it('is what two ssh2 ends agree on', async () => {
    await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
    const { kex } = await connect({ port: server.port, privateKey: keys.text('user_ed25519') });
    expect(kex).toBe(MLKEM);
    expect(server.kex).toEqual([MLKEM]);
  });

  it('falls back with an OpenSSH that does not know it', async () => {
    await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
    const result = await openssh(server.port, [
      '-i',
      keys.file('user_ed25519'),
      '-o',
      'KexAlgorithms=curve25519-sha256',
    ]);
    expect(result.stdout, result.stderr).toBe('ok\n');
    expect(server.kex).toEqual(['curve25519-sha256']);
  });
});

describe('patch 2: server-sig-algs', () => {
  it('names each algorithm on its own, security keys too, and none with SHA-1', async () => {
    await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
    const { stderr } = await openssh(server.port, ['-i', keys.file('user_ed25519')]);
    const names = /server-sig-algs=<([^>]*)>/.exec(stderr)![1]!.split(',');
    expect(names).toEqual([
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'sk-ssh-ed25519@openssh.com',
      'sk-ecdsa-sha2-nistp256@openssh.com',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
  });
});

describe('patch 3: signatures of certificates carry the plain name', () => {
  it.each(TYPES)('OpenSSH accepts the host certificate (%s) with strict checking', async (type, algorithm) => {
    const certificate = blobOf(keys.text(`hostcert_${type}-cert.pub`));
    const hostKey = withCertificate(keys.text(`host_${type}`), certificate, algorithm);
    // the server takes parsed keys, which its types do not say
    await using server = await startServer({ hostKeys: [{ key: hostKey }] as unknown as ServerConfig['hostKeys'] });
    const known = keys.file('known_hosts');
    writeFileSync(known, `@cert-authority target.test ${keys.publicLine('ca')}\n`);
    const strict = [
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      `UserKnownHostsFile=${known}`,
      '-i',
      keys.file('user_ed25519'),
    ];
    const result = await openssh(server.port, [
      ...strict,
      '-o',
      'HostKeyAlias=target.test',
      '-o',
      `HostKeyAlgorithms=${algorithm}`,
    ]);
    expect(result.stdout, result.stderr).toBe('ok\n');
    const elsewhere = await openssh(server.port, [
      ...strict,
      '-o',
      'HostKeyAlias=other.test',
      '-o',
      `HostKeyAlgorithms=${algorithm}`,
    ]);
    expect(elsewhere.code).toBe(255);
  });

  it.each(TYPES)('sshd accepts the user certificate (%s)', async (type, algorithm) => {
    const certificate = blobOf(keys.text(`usercert_${type}-cert.pub`));
    const key = withCertificate(keys.text(`user_${type}`), certificate, algorithm);
    await connect({ port: sshd.port, authHandler: asRoot(key) });
    expect(sshd.log()).toContain(`ID usercert_${type} (serial 0) CA ED25519`);
  });

  it('sshd refuses an expired one', async () => {
    const certificate = blobOf(keys.text('usercert_old-cert.pub'));
    const key = withCertificate(keys.text('user_ed25519'), certificate, 'ssh-ed25519-cert-v01@openssh.com');
    await expect(connect({ port: sshd.port, authHandler: asRoot(key) })).rejects.toThrow(
      /authentication methods failed/,
    );
  });
});

describe('patch 4: PK_OK echoes the algorithm of the request (RFC 4252 §7)', () => {
  it.each(['rsa-sha2-512', 'rsa-sha2-256'])('%s', async (algorithm) => {
    const spy = vi.spyOn(Protocol.prototype, 'authPKOK');
    try {
      await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
      const result = await openssh(server.port, [
        '-i',
        keys.file('user_rsa'),
        '-o',
        `PubkeyAcceptedAlgorithms=${algorithm}`,
      ]);
      expect(result.stdout, result.stderr).toBe('ok\n');
      expect(spy.mock.calls.map(([name]) => name)).toEqual([algorithm]);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('patch 5: the client checks host certificates', () => {
  it.each(TYPES)('%s: the verifier gets the certificate, and its word counts', async (type, algorithm) => {
    const seen: Buffer[] = [];
    const config = (accept: boolean): ConnectConfig => ({
      port: sshd.port,
      algorithms: { serverHostKey: [algorithm as never] },
      authHandler: asRoot(
        withCertificate(
          keys.text('user_ed25519'),
          blobOf(keys.text('usercert_ed25519-cert.pub')),
          'ssh-ed25519-cert-v01@openssh.com',
        ),
      ),
      hostVerifier: (blob: Buffer) => {
        seen.push(blob);
        return accept;
      },
    });
    expect(await connect(config(true))).toMatchObject({ serverHostKey: algorithm });
    const certificate = parseCertificate(seen[0]!);
    expect(certificate).toMatchObject({
      kind: 2,
      keyId: `hostcert_${type}`,
      principals: ['target.test'],
      signed: true,
    });
    expect(certificate.authority.fingerprint).toBe(await keys.fingerprint('ca'));
    await expect(connect(config(false))).rejects.toThrow(/verification failed/i);
  });
});

describe('patch 8: an RSA host key signs with the algorithms of the configuration alone', () => {
  it('which may leave SHA-1 out', async () => {
    await using server = await startServer({
      hostKeys: [keys.text('host_rsa')],
      algorithms: { serverHostKey: ['rsa-sha2-512', 'rsa-sha2-256'] },
    });
    const offered = (name: string) =>
      connect({
        port: server.port,
        password: 'x',
        algorithms: { serverHostKey: [name as never] },
        authHandler: ['none'],
      });
    await expect(offered('ssh-rsa')).rejects.toThrow(/no matching host key/i);
    for (const name of ['rsa-sha2-512', 'rsa-sha2-256']) await expect(offered(name)).rejects.toThrow(/authentication/i);
  });
});

describe('patch 9: packets may be as large as with OpenSSH', () => {
  it('so a command line of 120 kB is one', async () => {
    await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
    const result = await openssh(server.port, ['-i', keys.file('user_ed25519')], `: ${'x'.repeat(120_000)}`);
    expect(result.stdout, result.stderr).toBe('ok\n');
  });
});

describe('patch 10: commands keep their bytes', () => {
  it('also those that are no UTF-8', async () => {
    await using server = await startServer({ hostKeys: [keys.text('host_ed25519')] });
    const sent = Buffer.concat([Buffer.from('echo '), Buffer.of(0xc4, 0xe3, 0x00, 0xff)]);
    const client = new ssh2.Client();
    const key = ssh2.utils.parseKey(keys.text('user_ed25519')) as ParsedKey;
    client.connect({ host: '127.0.0.1', port: server.port, username: 'root', authHandler: asRoot(key) });
    await once(client, 'ready');
    // more requests use the same memory
    for (const command of [sent, Buffer.alloc(9, 'x')]) {
      await new Promise<void>((resolve, reject) => {
        client.exec(command as Buffer & string, (error, channel) => {
          if (error) reject(error);
          else channel.on('close', resolve).resume();
        });
      });
    }
    client.end();
    expect(server.commands).toEqual([sent, Buffer.alloc(9, 'x')]);
  });
});
