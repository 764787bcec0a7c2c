import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTarget } from '../kit/house.ts';
import { type Pair, startPair, WAYS } from '../kit/pair.ts';
import { eventually, finished, run, seen, start } from '../kit/process.ts';
import { collect, connectClient, exec, MSG, openExec, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

let pair: Pair & AsyncDisposable;
let few: Sshd;
beforeAll(async () => {
  pair = await startPair();
  few = await startSshd({ authorizedKeys: [pair.house.targetKey.publicKey], maxSessions: 2 });
  await addTarget(pair.house, 'few', few);
});
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
  await few?.stop();
});

const through = (asset = 'web1') =>
  connectClient(pair.house.bastion.sshPort, {
    username: `alice@${asset}`,
    privateKey: readFileSync(pair.house.key.file),
  });
const direct = () =>
  connectClient(pair.house.sshd.port, {
    username: TEST_USER.name,
    privateKey: readFileSync(pair.house.targetKey.file),
  });

/** The number of a channel on the other side. */
const numberOf = (channel: object) => (channel as { outgoing: { id: number } }).outgoing.id;

describe('many channels on one connection', () => {
  test.each([
    ['web1', 1],
    ['few', 6],
  ])('12 at once on %s, which makes %d connections to the target', async (asset, connections) => {
    const { bastion, key, sshd } = pair.house;
    const socket = join(pair.house.dir, `control-${asset}`);
    const shared = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=60'];
    const target = asset === 'web1' ? sshd : few;
    const logins = () => target.log().match(/Accepted publickey/g)?.length ?? 0;
    await bastion.ssh(`alice@${asset}`, key.file, ['true'], { flags: shared });
    const before = logins() - 1;
    try {
      const started = Array.from({ length: 12 }, (_, n) =>
        start('ssh', [
          ...bastion.sshArgs(`alice@${asset}`, key.file),
          ...shared,
          `echo up; read x; echo $x ${n}; exit ${n}`,
        ]),
      );
      const ends = started.map(finished);
      await Promise.all(started.map((child) => seen(child.stdout!, /up/)));
      for (const child of started) child.stdin!.end('go\n');
      const results = await Promise.all(ends);
      expect(results.map(({ stdout, stderr, code }) => ({ stdout, stderr, code }))).toEqual(
        Array.from({ length: 12 }, (_, n) => ({ stdout: `up\ngo ${n}\n`, stderr: '', code: n })),
      );
      expect(logins() - before).toBe(connections);
    } finally {
      await bastion.ssh(`alice@${asset}`, key.file, [], { flags: [...shared, '-O', 'exit'] });
    }
  });

  test('one that moves bulk data holds no other up', async () => {
    using client = await through();
    const bulk = await openExec(client, 'cat /dev/zero');
    bulk.resume();
    await once(bulk, 'data');
    for (let n = 0; n < 5; n++) expect((await exec(client, `echo ${n}`)).out.toString()).toBe(`${n}\n`);
    bulk.close();
  });

  test('a channel nobody reads holds no other up', async () => {
    using client = await through();
    const unread = await openExec(client, 'cat /dev/zero');
    unread.pause();
    await once(unread, 'readable');
    expect((await exec(client, 'echo alive')).out.toString()).toBe('alive\n');
    unread.close();
  });
});

describe('without a session', () => {
  test('-N stays until it is ended, with the exit code of a direct connection', async () => {
    const codes = await Promise.all(
      WAYS.map(async (way) => {
        const socket = join(pair.house.dir, `control-N-${way}`);
        const child = start('ssh', pair.args(way, ['-N', '-M', '-S', socket]));
        const ended = finished(child);
        await eventually('ssh -N to stand', async () => {
          const check = await pair.ssh(way, [], { flags: ['-S', socket, '-O', 'check'] });
          return check.code === 0 || undefined;
        });
        child.kill('SIGTERM');
        const { code, signal, stdout } = await ended;
        return { code, signal, stdout };
      }),
    );
    expect(codes[1]).toEqual(codes[0]);
  });

  test('-f goes to the background, -O check finds it, -O exit ends it', async () => {
    const socket = join(pair.house.dir, 'control-f');
    const started = await run('sh', [
      '-c',
      '"$@" >/dev/null 2>&1',
      'sh',
      'ssh',
      ...pair.args('through', ['-fNM', '-S', socket]),
    ]);
    expect(started.code).toBe(0);
    expect((await pair.ssh('through', [], { flags: ['-S', socket, '-O', 'check'] })).stderr).toMatch(/Master running/);
    expect((await pair.ssh('through', ['exit 6'], { flags: ['-S', socket] })).code).toBe(6);
    expect((await pair.ssh('through', [], { flags: ['-S', socket, '-O', 'exit'] })).code).toBe(0);
  });

  test('keepalives of the client are answered', async () => {
    const flags = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1', '-vvv'];
    const { stdout, stderr } = await pair.ssh('through', ['sleep 3; echo awake'], { flags });
    expect(stdout).toBe('awake\n');
    expect(stderr).toMatch(/receive packet: type 82/);
  });
});

describe('requests on a session', () => {
  const trap = (name: string) => `trap "echo got ${name}; exit 5" ${name}; echo ready; sleep 60 >/dev/null 2>&1 & wait`;

  test.each(['TERM', 'INT', 'HUP', 'USR1', 'USR2', 'QUIT'])('the signal %s reaches the program', async (name) => {
    const results = [];
    for (const connect of [direct, through]) {
      using client = await connect();
      const channel = await openExec(client, trap(name));
      const end = collect(channel);
      await once(channel, 'data');
      channel.signal(name);
      const { code, signal, out, err } = await end;
      results.push({ code, signal, out: out.toString(), err });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[1]).toMatchObject({ code: 5, out: `ready\ngot ${name}\n` });
  });

  test('a signal after the end of stdin', async () => {
    for (const connect of [direct, through]) {
      using client = await connect();
      const channel = await openExec(client, trap('USR1'));
      const end = collect(channel);
      await once(channel, 'data');
      channel.end();
      // ssh2's own client sends no signal any more
      sendPayload(client, MSG.request, uint32(numberOf(channel)), string('signal'), 0, string('USR1'));
      expect((await end).code).toBe(5);
    }
  });

  test('the signal that killed a program is told by name', async () => {
    for (const name of ['KILL', 'TERM', 'SEGV', 'ABRT']) {
      const results = [];
      for (const connect of [direct, through]) {
        using client = await connect();
        const { code, signal, err } = await exec(client, `ulimit -c 0; kill -${name} $$`);
        results.push({ code, signal, err });
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[1]!.signal).toMatch(name);
    }
  });

  test('unknown requests and a break are refused, and the program goes on', async () => {
    using client = await through();
    const channel = await openExec(client, 'read x; echo got $x');
    const end = collect(channel);
    const id = numberOf(channel);
    sendPayload(client, MSG.request, uint32(id), string('break'), 1, uint32(500));
    sendPayload(client, MSG.request, uint32(id), string('nonsense@example.com'), 0);
    sendPayload(client, MSG.request, uint32(id), string('signal'), 0, string('NONSENSE'));
    channel.end('it\n');
    expect((await end).out.toString()).toBe('got it\n');
  });
});

describe('the keys of the connection', () => {
  test('OpenSSH and a client that knows post-quantum keys both get their best', async () => {
    const { stderr } = await pair.ssh('through', ['true'], { flags: ['-v'] });
    expect(stderr).toMatch(/kex: algorithm: (curve25519|mlkem768x25519)-sha256/);
    expect(stderr).toMatch(/kex: host key algorithm: ssh-ed25519/);
    expect(stderr).not.toMatch(/compression: zlib/);
    const negotiated: { kex: string }[] = [];
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    client.on('handshake', (how) => negotiated.push(how));
    const ready = once(client, 'ready');
    client.connect({
      host: '127.0.0.1',
      port: pair.house.bastion.sshPort,
      username: 'alice@web1',
      privateKey: readFileSync(pair.house.key.file),
    });
    await ready;
    client.end();
    expect(negotiated.map(({ kex }) => kex)).toEqual(['mlkem768x25519-sha256']);
  });

  test.each([
    ['-o', 'KexAlgorithms=diffie-hellman-group14-sha1'],
    ['-c', 'aes128-cbc'],
    ['-o', 'HostKeyAlgorithms=ssh-rsa'],
    ['-c', 'aes128-ctr', '-m', 'hmac-sha1'],
  ])('old ones are not to be had: %s %s %s %s', async (...flags) => {
    const { code, stderr } = await pair.ssh('through', ['true'], { flags: [...flags, '-v'] });
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(/no matching .* found/) });
  });

  test.each(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'])(
    'a megabyte each way with %s',
    async (cipher) => {
      const stdin = Buffer.alloc(1_000_000, 'bastion ');
      const result = await pair.ssh('through', ['cat'], { flags: ['-c', cipher], stdin });
      expect(result.bytes.equals(stdin)).toBe(true);
    },
  );
});
