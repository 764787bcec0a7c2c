import { chmodSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { TOTP } from 'otpauth';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import type { Identity } from '../../src/auth/identity.ts';
import { serveLogin } from '../../src/gateways/ssh/login.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { SSH_OPTIONS } from '../kit/bastion.ts';
import { type RunResult, run } from '../kit/process.ts';
import { Keys, openRoom, PASSWORD, type Room, SK_DUMMY } from './auth-support.ts';

/** OpenSSH's own client against ssh2's server with the real login behind it. */
const keys = new Keys();
const KINDS: readonly [name: string, type: string, bits?: number][] = [
  ['ed25519', 'ed25519'],
  ['ecdsa256', 'ecdsa', 256],
  ['ecdsa384', 'ecdsa', 384],
  ['ecdsa521', 'ecdsa', 521],
  ['rsa', 'rsa', 3072],
  ['sked25519', 'ed25519-sk'],
  ['skecdsa', 'ecdsa-sk'],
];
let room: Room;
let server: ssh2.Server;
let identities: Identity[] = [];

beforeAll(async () => {
  room = await openRoom({ lockout: { tries: 100 } });
  room.clock.at = Date.now();
  await keys.make('host', 'ed25519');
  await keys.make('ca', 'ed25519');
  await keys.make('unknown', 'ed25519');
  for (const [name, type, bits] of KINDS) await keys.make(name, type, bits);
  const alice = await room.user('alice', { password: PASSWORD });
  await room.trust(keys.publicLine('ca'));
  for (const [name] of KINDS) await room.addKey(alice, keys.publicLine(name));
  await room.user('carol');
  server = new ssh2.Server({ hostKeys: [keys.text('host')] }, (connection) => {
    connection.on('error', () => {});
    serveLogin(connection, room.auth.beginLogin({ ip: '127.0.0.1', via: 'ssh' }), {
      success: (who) => {
        identities.push(who);
      },
      refused: async () => {},
      giveUp: () => connection.end(),
      failure: (error) => {
        throw error;
      },
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.write('in\n');
        channel.exit(0);
        channel.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 120_000);
afterAll(async () => {
  server.close();
  await room.close();
  keys.remove();
});

/** Runs ssh; `answers` are given to its prompts in turn through an askpass program. */
async function ssh(user: string, options: readonly string[], answers: readonly string[] = []): Promise<RunResult> {
  identities = [];
  const askpass = keys.file('askpass');
  writeFileSync(keys.file('answers'), answers.map((line) => `${line}\n`).join(''));
  writeFileSync(askpass, `#!/bin/sh\nhead -n 1 '${keys.file('answers')}'\nsed -i 1d '${keys.file('answers')}'\n`);
  chmodSync(askpass, 0o700);
  const port = String((server.address() as AddressInfo).port);
  const env = {
    ...process.env,
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    SSH_AUTH_SOCK: '',
  };
  const fixed = [
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'NumberOfPasswordPrompts=1',
    '-o',
    `SecurityKeyProvider=${SK_DUMMY}`,
    '-p',
    port,
  ];
  return run('ssh', [...options, ...SSH_OPTIONS, ...fixed, `${user}@127.0.0.1`, 'true'], { env });
}
const withKey = (name: string) => ['-i', keys.file(name), '-o', 'PreferredAuthentications=publickey'];

describe('keys', () => {
  it.each(KINDS.map(([name]) => name))('%s logs in', async (name) => {
    const result = await ssh('alice', withKey(name));
    expect(result.stdout, result.stderr).toBe('in\n');
    expect(identities).toMatchObject([
      { user: { name: 'alice' }, factors: { publicKey: await keys.fingerprint(name) } },
    ]);
  });

  it('an unknown key, and a known key for another user, do not', async () => {
    expect((await ssh('alice', withKey('unknown'))).code).toBe(255);
    expect((await ssh('carol', withKey('ed25519'))).code).toBe(255);
    expect((await ssh('nobody', withKey('ed25519'))).code).toBe(255);
    expect(identities).toEqual([]);
  });

  it.each(['rsa-sha2-256', 'rsa-sha2-512'])('RSA signs with %s', async (algorithm) => {
    const result = await ssh('alice', [...withKey('rsa'), '-o', `PubkeyAcceptedAlgorithms=${algorithm}`]);
    expect(result.stdout, result.stderr).toBe('in\n');
  });

  it('RSA with SHA-1 does not log in', async () => {
    const result = await ssh('alice', [...withKey('rsa'), '-o', 'PubkeyAcceptedAlgorithms=ssh-rsa']);
    expect(result.code).toBe(255);
    expect(identities).toEqual([]);
  });
});

describe('certificates', () => {
  it.each(['ed25519', 'ecdsa256', 'ecdsa384', 'ecdsa521', 'rsa', 'sked25519', 'skecdsa'])('of %s', async (name) => {
    // carol has no keys of her own: only the certificate can let her in
    await keys.certify(name, 'ca', `cert-${name}`, ['-n', 'carol', '-V', '-1m:+5m']);
    const certificate = ['-o', `CertificateFile=${keys.file(`cert-${name}-cert.pub`)}`];
    const result = await ssh('carol', [...withKey(name), ...certificate]);
    expect(result.stdout, result.stderr).toBe('in\n');
    expect(identities).toMatchObject([
      {
        user: { name: 'carol' },
        factors: {
          certificate: `cert-${name}`,
          publicKey: await keys.fingerprint(name),
          authority: await keys.fingerprint('ca'),
        },
      },
    ]);
  });

  it('for another user do not log in', async () => {
    await keys.certify('ed25519', 'ca', 'cert-wrong', ['-n', 'dave', '-V', '-1m:+5m']);
    const result = await ssh('carol', [
      ...withKey('ed25519'),
      '-o',
      `CertificateFile=${keys.file('cert-wrong-cert.pub')}`,
    ]);
    expect(result.code).toBe(255);
  });
});

describe('passwords and codes', () => {
  it.each(['password', 'keyboard-interactive'])('method %s', async (method) => {
    const options = ['-o', `PreferredAuthentications=${method}`, '-o', 'PubkeyAuthentication=no'];
    expect((await ssh('alice', options, ['wrong'])).code).toBe(255);
    const result = await ssh('alice', options, [PASSWORD]);
    expect(result.stdout, result.stderr).toBe('in\n');
    expect(identities).toMatchObject([{ factors: { password: true } }]);
  });

  it('key, then code; then the key alone', async () => {
    await keys.make('erin', 'ed25519');
    const erin = await room.user('erin');
    await room.addKey(erin, keys.publicLine('erin'));
    const { uri } = await room.auth.beginTotp(erin, systemActor());
    const totp = new TOTP({ secret: new URL(uri).searchParams.get('secret')! });
    await room.auth.confirmTotp(erin, Secret.of(totp.generate({ timestamp: room.clock.at })), systemActor());
    room.clock.at += 30_000;
    const options = ['-i', keys.file('erin')];
    expect((await ssh('erin', options, ['000000'])).code).toBe(255);
    const result = await ssh('erin', options, [totp.generate({ timestamp: room.clock.at })]);
    expect(result.stdout, result.stderr).toBe('in\n');
    expect(identities).toMatchObject([{ factors: { totp: 'code' } }]);
    expect((await ssh('erin', options)).stdout).toBe('in\n');
    expect(identities).toMatchObject([{ factors: { totp: 'remembered' } }]);
  });

  it('the enrolment text reaches the terminal readable', async () => {
    const strict = await openRoom({ totp: 'required' });
    const before = room;
    try {
      await strict.user('frank', { password: PASSWORD });
      room = strict;
      const options = [
        '-o',
        'PreferredAuthentications=keyboard-interactive',
        '-o',
        'PubkeyAuthentication=no',
        '-o',
        'LogLevel=INFO',
      ];
      const result = await ssh('frank', options, [PASSWORD, '000000']);
      expect(result.stderr).toMatch(/^ {4}otpauth:\/\/totp\/Bastion:frank\?\S+\r?$/m);
      expect(result.stderr).toMatch(/^ {4}Secret: (?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\r?$/m);
    } finally {
      room = before;
      await strict.close();
    }
  });
});
