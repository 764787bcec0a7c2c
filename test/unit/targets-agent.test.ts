import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { certificateType } from '../../src/auth/ssh-cert.ts';
import { wireString, wireUint32 } from '../../src/kernel/wire.ts';
import { AgentClient } from '../../src/targets/agent-client.ts';
import { createSshConnector } from '../../src/targets/ssh.ts';
import { createTargetTest } from '../../src/targets/target-test.ts';
import { type Agent, SK_PROVIDER, startAgent } from '../kit/agent.ts';
import { sshTarget } from '../kit/hostile-target.ts';
import { run } from '../kit/process.ts';
import { type KeyPair, makeKey, type Sshd, startSshd } from '../kit/sshd.ts';
import { never, request, World, watch } from './targets-kit.ts';

const TYPES = ['ed25519', 'ecdsa', 'rsa', 'ed25519-sk', 'ecdsa-sk'] as const;
let dir: string;
let sshd: Sshd;
let agent: Agent;
const keys = new Map<string, KeyPair>();
const key = (type: string) => keys.get(type)!;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bastion-targets-agent-'));
  for (const type of TYPES)
    keys.set(type, await makeKey(dir, `key-${type}`, type, '', type.endsWith('-sk') ? ['-w', SK_PROVIDER] : []));
  await makeKey(dir, 'ca').then((ca) => keys.set('ca', ca));
  sshd = await startSshd({
    authorizedKeys: TYPES.map((type) => key(type).publicKey),
    config: [`TrustedUserCAKeys ${join(dir, 'ca.pub')}`],
  });
  agent = await startAgent();
});
afterEach(() => agent.add('-D'));
afterAll(async () => {
  await sshd.stop();
  await agent.stop();
  await rm(dir, { recursive: true, force: true });
});

/** An asset whose account is entered with the person's agent, and what happens when alice comes. */
function house(port: number, connectTimeout = 10_000) {
  const world = new World();
  world.connectTimeout = connectTimeout;
  const asset = world.asset('web1', port);
  const account = world.account(asset, 'root', { kind: 'agent' });
  return {
    world,
    async enter(open: (() => Promise<Duplex>) | undefined, progress?: (text: string) => void) {
      const connector = createSshConnector(world.deps());
      try {
        const wanted = request({ command: 'echo "agent:$SSH_AUTH_SOCK"; whoami', agent: open, progress });
        const seen = watch(await connector.open(world.grant(asset, account), wanted, never));
        await seen.closed;
        return seen.text();
      } finally {
        connector.close();
      }
    },
  };
}

async function fingerprint(file: string): Promise<string> {
  return (await run('ssh-keygen', ['-lf', file])).stdout.split(' ')[1]!;
}

describe('an account of kind agent', () => {
  it.each(TYPES)('is entered with a %s key of the agent, and the key is written down', async (type) => {
    await agent.add(key(type).file);
    const { world, enter } = house(sshd.port);
    expect(await enter(agent.open)).toBe('agent:\nroot\n');
    expect(world.audit.find((row) => row.action === 'account.enter')).toMatchObject({
      actor: { name: 'alice' },
      target: { kind: 'account', name: 'root@web1' },
      details: { with: 'agent', fingerprint: await fingerprint(`${key(type).file}.pub`), comment: `key-${type}` },
    });
  });

  it.each(['ed25519', 'ecdsa', 'rsa', 'ed25519-sk'])('is entered with a certificate of a %s key', async (type) => {
    const file = join(dir, `certified-${type}`);
    await makeKey(dir, `certified-${type}`, type, '', type.endsWith('-sk') ? ['-w', SK_PROVIDER] : []);
    await run('ssh-keygen', ['-q', '-s', key('ca').file, '-I', 'x', '-n', 'root', '-V', '-1m:+1h', `${file}.pub`]);
    // as ssh-add does: the certificate, and the key without it, which is not allowed there
    await (type.endsWith('-sk') ? agent.add('-S', SK_PROVIDER, file) : agent.add(file));
    const { world, enter } = house(sshd.port);
    expect(await enter(agent.open)).toBe('agent:\nroot\n');
    const { keyType } = world.audit.find((row) => row.action === 'account.enter')!.details!;
    const plain = (await readFile(`${file}.pub`, 'utf8')).split(' ')[0]!;
    expect(keyType).toBe(certificateType(plain));
  });

  it('tries the keys in the agent’s order, the one the person came in with first, and no more than sshd takes', async () => {
    const strangers: KeyPair[] = [];
    for (let n = 0; n < 6; n++) strangers.push(await makeKey(dir, `stranger-${n}-${Date.now()}`));
    for (const stranger of strangers.slice(0, 5)) await agent.add(stranger.file);
    await agent.add(key('ed25519').file);
    expect(await house(sshd.port).enter(agent.open)).toContain('root');

    await agent.add('-D');
    for (const stranger of strangers) await agent.add(stranger.file);
    await agent.add(key('ed25519').file);
    const { world, enter } = house(sshd.port);
    await expect(enter(agent.open)).rejects.toMatchObject({
      code: 'target_auth',
      message: expect.stringMatching(/web1 did not accept any of the first 6 keys of your SSH agent for root/),
    });
    expect(world.audit.some((row) => row.action === 'account.enter')).toBe(false);
    const grant = world.grant(world.assets[0]!, world.accounts[0]!);
    Object.assign(grant.who.factors, { publicKey: await fingerprint(`${key('ed25519').file}.pub`) });
    const connector = createSshConnector(world.deps());
    const channel = await connector.open(grant, request({ command: 'whoami', agent: agent.open }), never);
    await watch(channel).closed;
    connector.close();
  });

  it('says what to do without an agent, with an empty one, and with one that cannot be reached', async () => {
    const { enter } = house(sshd.port);
    await expect(enter(undefined)).rejects.toMatchObject({
      code: 'target_auth',
      message: /connect with ssh -A/ as never,
    });
    await expect(enter(agent.open)).rejects.toThrow(/your SSH agent holds none: add it with ssh-add/);
    await expect(enter(() => Promise.reject(new Error('no')))).rejects.toThrow(/could not be asked: connect again/);
  });

  it('goes on with the next key when the agent does not sign with one', async () => {
    const asking = await startAgent();
    try {
      const spoilt = new RefusingSigner(await asking.open(), 1);
      await asking.add(key('ecdsa').file);
      await asking.add(key('ed25519').file);
      const { world, enter } = house(sshd.port);
      expect(await enter(async () => spoilt)).toContain('root');
      expect(world.audit.find((row) => row.action === 'account.enter')!.details).toMatchObject({
        fingerprint: await fingerprint(`${key('ed25519').file}.pub`),
      });
    } finally {
      await asking.stop();
    }
  });

  it('shows when a security key must be touched', async () => {
    await agent.add(key('ed25519-sk').file);
    const told: string[] = [];
    await house(sshd.port).enter(agent.open, (text) => told.push(text));
    expect(told).toContain('Confirm with your security key.');
  });

  it('is not entered by the connectivity test, nor on the way to another asset', async () => {
    const { world } = house(sshd.port);
    const test = createTargetTest(world.deps());
    const options = { by: world.actor, signal: never };
    await expect(test(world.assets[0]!, world.accounts[0]!, options)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('ssh -A USER@root@web1@'),
    });
    const behind = world.asset('db1', sshd.port, { viaId: world.assets[0]!.id });
    await expect(test(behind, undefined, options)).rejects.toMatchObject({ code: 'no_account' });
  });
});

/** Says no to the first signatures. */
class RefusingSigner extends Duplex {
  readonly #agent: Duplex;
  #refusals: number;

  constructor(agent: Duplex, refusals: number) {
    super();
    this.#agent = agent;
    this.#refusals = refusals;
    agent.on('data', (chunk: Buffer) => this.push(chunk));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (chunk[4] === 13 && this.#refusals-- > 0) this.push(wireString(Buffer.of(5)));
    else this.#agent.write(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#agent.destroy();
    done(error);
  }
}

/** An agent that answers what it likes. */
class WrittenAgent extends Duplex {
  readonly asked: Buffer[] = [];
  readonly #answer: (request: Buffer, agent: WrittenAgent) => Buffer | undefined;

  constructor(answer: (request: Buffer, agent: WrittenAgent) => Buffer | undefined) {
    super();
    this.#answer = answer;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.asked.push(chunk);
    const answer = this.#answer(chunk, this);
    if (answer) this.push(answer);
    done();
  }
}

const identities = (list: readonly Buffer[], count = list.length) =>
  wireString(
    Buffer.concat([Buffer.of(12), wireUint32(count), ...list.flatMap((blob) => [wireString(blob), wireString('x')])]),
  );
const blobOf = (pair: KeyPair) => Buffer.from(pair.publicKey.split(' ')[1]!, 'base64');

describe('a hostile agent', () => {
  it.each([
    ['more identities than it sends', () => identities([], 2 ** 32 - 1)],
    ['an answer of 4 GiB', () => Buffer.from('ffffffff0c', 'hex')],
    ['an empty answer', () => Buffer.alloc(4)],
    ['an answer of another kind', () => wireString(Buffer.concat([Buffer.of(14), wireString('x')]))],
    ['garbage', () => Buffer.alloc(5000, 0xa5)],
    ['two answers', () => Buffer.concat([identities([]), identities([])])],
    ['keys that are none', () => identities([Buffer.alloc(0), Buffer.from('junk'), wireString('ssh-dss')])],
  ])('that gives %s ends the login with a text', async (_name, answer) => {
    const { enter } = house(sshd.port);
    const hostile = new WrittenAgent(answer);
    await expect(enter(async () => hostile)).rejects.toMatchObject({ code: 'target_auth' });
    expect(hostile.destroyed).toBe(true);
  });

  it('with thousands of keys is asked for a few', async () => {
    const blob = blobOf(key('ca'));
    const many = Array.from({ length: 3000 }, () => blob);
    const hostile = new WrittenAgent((asked) => (asked[4] === 11 ? identities(many) : wireString(Buffer.of(5))));
    await expect(house(sshd.port).enter(async () => hostile)).rejects.toThrow(/first 6 keys/);
  });

  it('that sends its answer byte by byte is understood', async () => {
    const list = identities(Array.from({ length: 3000 }, () => blobOf(key('ca'))));
    const hostile = new WrittenAgent((asked, self) => {
      if (asked[4] !== 11) return wireString(Buffer.of(5));
      for (const byte of list) self.push(Buffer.of(byte));
      return undefined;
    });
    const client = new AgentClient(hostile);
    expect(await client.identities()).toHaveLength(3000);
    client.close();
  });

  it.each([
    ['is never opened', () => new Promise<Duplex>(() => {})],
    ['never answers', async () => new WrittenAgent(() => undefined)],
    [
      'never signs',
      async () => new WrittenAgent((asked) => (asked[4] === 11 ? identities([blobOf(key('rsa'))]) : undefined)),
    ],
  ])('that %s is given up with the connection', async (_name, open) => {
    await expect(house(sshd.port, 700).enter(open)).rejects.toMatchObject({
      code: 'target_auth',
      message: expect.stringContaining('did not answer in time'),
    });
  });

  it('that opens too late is closed at once', async () => {
    const late = Promise.withResolvers<Duplex>();
    await expect(house(sshd.port, 500).enter(() => late.promise)).rejects.toThrow(/in time/);
    const hostile = new WrittenAgent(() => undefined);
    late.resolve(hostile);
    if (!hostile.destroyed) await once(hostile, 'close');
    expect(hostile.asked).toHaveLength(0);
  });

  it('that signs something else does not enter', async () => {
    const hostile = new WrittenAgent((asked) =>
      asked[4] === 11
        ? identities([blobOf(key('ed25519'))])
        : wireString(
            Buffer.concat([
              Buffer.of(14),
              wireString(Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64))])),
            ]),
          ),
    );
    await expect(house(sshd.port).enter(async () => hostile)).rejects.toMatchObject({ code: 'target_auth' });
  });

  it('never sees a request that is not a login at the target', async () => {
    const asked: Buffer[] = [];
    const hostile = new WrittenAgent((request) => {
      asked.push(request);
      return request[4] === 11 ? identities([blobOf(key('ed25519'))]) : wireString(Buffer.of(5));
    });
    await expect(house(sshd.port).enter(async () => hostile)).rejects.toThrow();
    expect(asked.map((each) => each[4])).toEqual([11, 13]);
    expect(
      asked[1]!.includes(Buffer.from('\x32\0\0\0\x04root\0\0\0\x0essh-connection\0\0\0\x09publickey\x01', 'latin1')),
    ).toBe(true);
  });
});

describe('a hostile target', () => {
  it('that asks for signature after signature gets one of each key', async () => {
    await agent.add(key('ed25519').file);
    let signatures = 0;
    const hostKey = await makeKey(dir, `hostile-${Date.now()}`);
    await using target = await sshTarget(hostKey.privateKey, {
      authentication: (context) => {
        if (context.method !== 'publickey') return context.reject(['publickey']);
        if (context.signature) signatures++;
        // PK_OK, whatever came
        (context as unknown as { signature: undefined }).signature = undefined;
        context.accept();
      },
    });
    await expect(house(target.port, 1500).enter(agent.open)).rejects.toMatchObject({ code: /target_/ as never });
    expect(signatures).toBe(1);
  });
});

describe('an account of kind certificate', () => {
  async function certified(config: readonly string[], port?: number) {
    const world = new World();
    const file = join(dir, `bastion-ca-${Math.random()}.pub`);
    await writeFile(file, `${world.authority.publicLine}\n`);
    const target = await startSshd({ config: [`TrustedUserCAKeys ${file}`, ...config], ...(port ? { port } : {}) });
    const asset = world.asset('web1', target.port);
    const account = world.account(asset, 'root', { kind: 'certificate' });
    return {
      world,
      target,
      file,
      asset,
      async enter(command = 'whoami') {
        const connector = createSshConnector(world.deps());
        try {
          const seen = watch(await connector.open(world.grant(asset, account), request({ command }), never));
          await seen.closed;
          return seen.text();
        } finally {
          connector.close();
        }
      },
    };
  }

  it('is entered with a certificate of its own each time, named in the log of the target and in ours', async () => {
    const { world, target, enter } = await certified([]);
    try {
      expect(await enter()).toBe('root\n');
      expect(await enter('echo "agent:$SSH_AUTH_SOCK"')).toBe('agent:\n');
      const rows = world.audit.filter((row) => row.action === 'account.enter');
      expect(rows).toHaveLength(2);
      const serials = rows.map((row) => row.details!.serial);
      expect(new Set(serials).size).toBe(2);
      const used = [
        ...target.log().matchAll(/Accepted publickey for root .* ED25519-CERT .* ID (.*) \(serial (\d+)\)/g),
      ];
      expect(used.map((match) => match[2])).toEqual(serials);
      expect(used[0]![1]).toMatch(/^alice via bastion, grant \S+$/);
      expect(used[0]![1]).toBe(rows[0]!.details!.keyId);
    } finally {
      await target.stop();
    }
  });

  it('is refused with what to do when the principal or the authority is not the one', async () => {
    const principals = join(dir, 'principals');
    await writeFile(principals, 'somebody-else\n', { mode: 0o644 });
    const wrong = await certified([`AuthorizedPrincipalsFile ${principals}`]);
    try {
      await expect(wrong.enter()).rejects.toMatchObject({
        code: 'target_auth',
        message: expect.stringMatching(/`bastion ca show user`.*TrustedUserCAKeys/),
      });
      await writeFile(principals, 'root\n');
      expect(await wrong.enter()).toBe('root\n');
      await writeFile(wrong.file, '');
      await expect(wrong.enter()).rejects.toThrow(/did not accept the bastion's certificate for root/);
    } finally {
      await wrong.target.stop();
    }
  });

  it('is tested, and leads through a jump asset', async () => {
    const { world, target, asset } = await certified([]);
    try {
      const test = createTargetTest(world.deps());
      const options = { by: world.actor, signal: never };
      await test(asset, world.accounts[0]!, options);
      expect(target.log()).toMatch(/ID machine via bastion, test/);
      const behind = world.asset('db1', target.port, { viaId: asset.id });
      const inner = world.account(behind, 'root', { kind: 'certificate' });
      expect((await test(behind, inner, options)).via).toEqual(['web1']);
      expect(target.log()).toMatch(/ID machine via bastion, on the way to db1/);
      expect(world.audit.find((row) => row.action === 'asset.pass')!.details).toMatchObject({ with: 'certificate' });
    } finally {
      await target.stop();
    }
  });

  it('is not entered with a login that a certificate cannot name alone', async () => {
    const { world, target, asset } = await certified([]);
    try {
      const list = world.account(asset, 'a,root', { kind: 'certificate' });
      const test = createTargetTest(world.deps());
      await expect(test(asset, list, { by: world.actor, signal: never })).rejects.toMatchObject({ code: 'invalid' });
    } finally {
      await target.stop();
    }
  });
});
