import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../src/access/grant.ts';
import type { AppError } from '../../src/kernel/errors.ts';
import type { Account, Asset } from '../../src/store/model.ts';
import { createSshConnector } from '../../src/targets/ssh.ts';
import { createTargetTest } from '../../src/targets/target-test.ts';
import { ensureUser, type KeyPair, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { never, PTY, request, World, watch } from './targets-kit.ts';

let dir: string;
let key: KeyPair;
let sshd: Sshd;
const world = new World();
let asset: Asset;
let account: Account;
const connector = createSshConnector(world.deps());

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bastion-targets-'));
  key = await makeKey(dir, 'user');
  sshd = await startSshd({ authorizedKeys: [key.publicKey], acceptEnv: 'LANG LC_*' });
  asset = world.asset('web1', sshd.port);
  account = world.account(asset, 'root', { key: key.privateKey });
});
afterAll(async () => {
  connector.close();
  await sshd?.stop();
  await rm(dir, { recursive: true, force: true });
});

const exec = async (
  command: string,
  extra: Parameters<typeof request>[0] = {},
  grant: Grant = world.grant(asset, account),
) => connector.open(grant, request({ command, ...extra }), never);

describe('programs on a target', () => {
  it('keeps stdout and stderr apart and gives the exit code, in order', async () => {
    const seen = watch(await exec('echo out; echo err >&2; exit 7'));
    expect(await seen.closed).toBeUndefined();
    expect(seen.text()).toBe('out\n');
    expect(Buffer.concat(seen.err).toString()).toBe('err\n');
    expect(seen.exit).toEqual({ kind: 'code', code: 7 });
    expect(seen.events.at(-1)).toBe('closed');
  });

  it('tells the signal that ended a program', async () => {
    const seen = watch(await exec('kill -TERM $$'));
    await seen.closed;
    expect(seen.exit).toMatchObject({ kind: 'signal', signal: 'TERM' });
  });

  it('passes the end of input on and keeps the output open', async () => {
    const channel = await exec('cat; echo after');
    const seen = watch(channel);
    channel.write(Buffer.from('body\n'));
    channel.eof();
    await seen.closed;
    expect(seen.text()).toBe('body\nafter\n');
  });

  it('runs a shell with terminal, size, environment and signals', async () => {
    const channel = await connector.open(
      world.grant(asset, account),
      request({ pty: PTY, env: [['LC_BASTION', 'yes']] }),
      never,
    );
    const seen = watch(channel);
    channel.write(Buffer.from('stty size; echo "<$LC_BASTION $TERM>"\n'));
    await seen.seen(/24 80[\s\S]*<yes xterm>/);
    channel.resize({ cols: 132, rows: 50, width: 0, height: 0 });
    channel.write(Buffer.from('stty size\n'));
    await seen.seen(/50 132/);
    channel.write(Buffer.from('exit 3\n'));
    await seen.closed;
    expect(seen.exit).toEqual({ kind: 'code', code: 3 });
  });

  it('sends a signal to the program', async () => {
    // sshd passes signals on only to logins that are not root
    await ensureUser(TEST_USER);
    const user = world.account(asset, TEST_USER.name, { key: key.privateKey });
    const grant = world.grant(asset, user);
    const channel = await exec('trap "echo got it; exit 5" USR1; echo ready; while :; do sleep 0.05; done', {}, grant);
    const seen = watch(channel);
    await seen.seen(/ready/);
    channel.signal('USR1');
    await seen.closed;
    expect(seen.text()).toBe('ready\ngot it\n');
    expect(seen.exit).toEqual({ kind: 'code', code: 5 });
  });

  it('says closed once when closed from here', async () => {
    const channel = await exec('sleep 600');
    const seen = watch(channel);
    channel.close();
    await seen.closed;
    expect(seen.events).toEqual(['closed']);
  });

  it('tells when the target goes away', async () => {
    const own = await startSshd({ authorizedKeys: [key.publicKey] });
    const there = world.asset('fragile', own.port);
    const grant = world.grant(there, world.account(there, 'root', { key: key.privateKey }));
    const seen = watch(await exec('echo up; sleep 600', {}, grant));
    await seen.seen(/up/);
    await own.dropConnections();
    expect(await seen.closed).toMatchObject({ code: 'target_closed' });
    await own.stop();
  });

  it('goes on without a terminal where the target gives none', async () => {
    const own = await startSshd({ authorizedKeys: [key.publicKey], config: ['PermitTTY no'] });
    const there = world.asset('no-tty', own.port);
    const grant = world.grant(there, world.account(there, 'root', { key: key.privateKey }));
    const told: string[] = [];
    const seen = watch(await exec('tty', { pty: PTY, progress: (text) => told.push(text) }, grant));
    await seen.closed;
    expect(seen.text()).toContain('not a tty');
    expect(told.join('\n')).toContain('gives no terminal');
    connector.release({});
    await own.stop();
  });

  it('takes nothing but a grant', async () => {
    const forged = { ...world.grant(asset, account), protocol: 'ssh' } as unknown as Grant;
    await expect(connector.open(forged, request({ command: 'id' }), never)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('sharing connections', () => {
  const connections = () =>
    sshd
      .log()
      .split('\n')
      .filter((line) => line.startsWith('Connection from')).length;

  it('shares one connection within a client connection and not beyond', async () => {
    const before = connections();
    const [mine, other] = [{}, {}];
    const channels = await Promise.all([
      exec('cat', { shareKey: mine }),
      exec('cat', { shareKey: mine }),
      exec('cat', { shareKey: other }),
    ]);
    expect(connections() - before).toBe(2);
    for (const channel of channels) {
      const seen = watch(channel);
      channel.eof();
      await seen.closed;
    }
    connector.release(mine);
    connector.release(other);
  });

  it('makes another connection when MaxSessions is reached, and release ends them', async () => {
    const own = await startSshd({ authorizedKeys: [key.publicKey], maxSessions: 2 });
    const there = world.asset('small', own.port);
    const grant = world.grant(there, world.account(there, 'root', { key: key.privateKey }));
    const shareKey = {};
    const opened = await Promise.all(Array.from({ length: 5 }, () => exec('echo here; cat', { shareKey }, grant)));
    const seen = opened.map((channel) => watch(channel));
    await Promise.all(seen.map((each) => each.seen(/here/)));
    expect(own.log().match(/Connection from/g)).toHaveLength(3);
    connector.release(shareKey);
    await Promise.all(seen.map((each) => each.closed));
    await own.stop();
  });

  it('does not let another typed secret in on a shared connection', async () => {
    const own = await startSshd({ password: true });
    const there = world.asset('typed', own.port);
    const shareKey = {};
    const right = world.grant(there, { login: TEST_USER.name, secret: TEST_USER.password });
    const seen = watch(await exec('echo $USER; cat', { shareKey }, right));
    await seen.seen(new RegExp(TEST_USER.name));
    const wrong = world.grant(there, { login: TEST_USER.name, secret: 'not it' });
    await expect(exec('id', { shareKey }, wrong)).rejects.toMatchObject({ code: 'target_auth' });
    connector.release(shareKey);
    await own.stop();
  });
});

describe('logging in', () => {
  const once = async (
    options: Parameters<typeof startSshd>[0],
    secret: Parameters<World['account']>[2],
    extra: Partial<Asset> = {},
  ) => {
    const own = await startSshd(options);
    const there = world.asset('login-test', own.port, extra);
    const by = secret.password === undefined ? 'root' : TEST_USER.name;
    const shareKey = {};
    try {
      const seen = watch(await exec('echo $USER', { shareKey }, world.grant(there, world.account(there, by, secret))));
      await seen.closed;
      return seen.text().trim();
    } finally {
      connector.release(shareKey);
      await own.stop();
    }
  };

  it('with a password', async () => {
    expect(await once({ password: true }, { password: TEST_USER.password })).toBe(TEST_USER.name);
  });

  it('over keyboard-interactive where passwords are not taken', async () => {
    expect(await once({ keyboardInteractive: true }, { password: TEST_USER.password })).toBe(TEST_USER.name);
  });

  it('with a key behind a passphrase', async () => {
    const locked = await makeKey(dir, 'locked', 'ed25519', 'open sesame');
    const options = { authorizedKeys: [locked.publicKey] };
    expect(await once(options, { key: locked.privateKey, passphrase: 'open sesame' })).toBe('root');
    await expect(once(options, { key: locked.privateKey, passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'target_auth',
    });
    await expect(once(options, { key: locked.privateKey })).rejects.toThrow(/passphrase .*bastion account set/);
  });

  it('with rsa and ecdsa keys', async () => {
    for (const [type, bits] of [
      ['rsa', '3072'],
      ['ecdsa', '384'],
    ] as const) {
      const pair = await makeKey(dir, `user-${type}`, type, '', ['-b', bits]);
      expect(await once({ authorizedKeys: [pair.publicKey] }, { key: pair.privateKey })).toBe('root');
    }
  });

  it('tells what is wrong with the secret and never shows it', async () => {
    await expect(once({ password: true }, { password: 'hunter2-wrong' })).rejects.toSatisfy(
      (error: AppError) =>
        error.code === 'target_auth' &&
        error.message.includes(`bastion account set login-test ${TEST_USER.name}`) &&
        !error.message.includes('hunter2'),
    );
    await expect(once({}, { key: 'no key at all' })).rejects.toThrow(/not a private key/);
    await expect(once({}, {})).rejects.toMatchObject({ code: 'target_auth' });
  });

  it('offers old algorithms to legacy platforms only', async () => {
    const old = {
      authorizedKeys: [key.publicKey],
      hostKeyTypes: ['rsa'] as const,
      config: [
        'KexAlgorithms diffie-hellman-group14-sha1',
        'Ciphers aes128-cbc',
        'MACs hmac-sha1',
        'HostKeyAlgorithms ssh-rsa',
      ],
    };
    expect(await once(old, { key: key.privateKey }, { platform: 'old-switch' })).toBe('root');
    await expect(once(old, { key: key.privateKey })).rejects.toThrow(/legacy/);
  });

  it('tests an account without opening anything', async () => {
    const test = createTargetTest(world.deps());
    const options = { by: world.actor, signal: never };
    expect(await test(asset, account, options)).toMatchObject({ via: [], hostKey: { type: 'ssh-ed25519' } });
    expect(await test(asset, undefined, options)).toMatchObject({ hostKey: { type: 'ssh-ed25519' } });
    const bad = world.account(asset, 'root', { password: 'no' });
    await expect(test(asset, bad, options)).rejects.toMatchObject({ code: 'target_auth' });
  });
});
