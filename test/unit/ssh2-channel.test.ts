import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, ClientChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientSink, ExitStatus } from '../../src/kernel/channel.ts';
import { clientChannel } from '../../src/kernel/ssh2/channel.ts';
import { rawChannel, rawConnection } from '../../src/kernel/ssh2/internals.ts';
import { autoRekey } from '../../src/kernel/ssh2/rekey.ts';
import { eventually, finished, run, start } from '../kit/process.ts';
import { type KeyPair, makeKey, type Sshd, startSshd } from '../kit/sshd.ts';
import { type Accepted, connectClient, exec, payload, pump, startServer, type TestServer } from './ssh2-kit.ts';

let dir: string;
let key: KeyPair;
let server: TestServer;
let sshd: Sshd;
/** What the server does with the next channel. */
let onChannel: (accepted: Accepted) => void = () => {};

const SSH = () => [
  ...['-F', 'none', '-o', 'HostName=127.0.0.1', '-p', String(server.port), '-i', key.file, '-o', 'BatchMode=yes'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
];
const ssh = (...args: string[]) => run('ssh', [...SSH(), ...args]);

/** A sink that ignores everything but what a test gives. */
const sink = (parts: Partial<ClientSink> = {}): ClientSink => ({
  data: () => {},
  drain: () => {},
  eof: () => {},
  resize: () => {},
  signal: () => {},
  closed: () => {},
  ...parts,
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bastion-ssh2-'));
  key = await makeKey(dir, 'user');
  const host = await makeKey(dir, 'host');
  server = await startServer(host.privateKey, (accepted) => onChannel(accepted));
  sshd = await startSshd({ authorizedKeys: [key.publicKey] });
});
afterAll(async () => {
  await server.close();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Relays every channel of the server to sshd over one connection, as a session would. */
async function relay(prepare: (client: Client, accepted: Accepted) => void = () => {}): Promise<Client> {
  const client = await connectClient(sshd.port, { privateKey: key.privateKey });
  onChannel = (accepted) => {
    prepare(client, accepted);
    void exec(client, accepted.command, clientChannel).then((target) => pump(accepted.channel, target));
  };
  return client;
}

describe('towards the client', () => {
  it('sends everything that waits, then exit status, EOF and CLOSE', async () => {
    const { chunks, sha256 } = payload(16);
    onChannel = ({ channel }) => {
      channel.attach(sink());
      for (const chunk of chunks) channel.write(chunk);
      channel.writeError(Buffer.from('last words\n'));
      channel.exit({ kind: 'code', code: 42 });
      channel.eof();
      channel.close();
    };
    for (let i = 0; i < 5; i++) {
      const result = await ssh('x', 'any');
      expect(result).toMatchObject({ code: 42, stderr: 'last words\n' });
      expect(createHash('sha256').update(result.bytes).digest('hex')).toBe(sha256);
    }
  });

  it('sends both streams whole when each fills the window', async () => {
    const { chunks } = payload(8);
    onChannel = ({ channel }) => {
      channel.attach(sink());
      for (const chunk of chunks) {
        channel.write(chunk);
        channel.writeError(chunk);
      }
      channel.exit({ kind: 'code', code: 0 });
      channel.close();
    };
    const child = start('sh', ['-c', 'exec ssh "$@" 2>err', 'sh', ...SSH(), 'x', 'any'], { cwd: dir });
    const result = await finished(child);
    const stderr = await run('cat', [join(dir, 'err')]);
    expect(result.code).toBe(0);
    expect(result.bytes.equals(Buffer.concat(chunks))).toBe(true);
    expect(stderr.bytes.equals(Buffer.concat(chunks))).toBe(true);
  });

  it('tells an exit signal, and 255 for one that has no name', async () => {
    const ends: ExitStatus[] = [
      { kind: 'signal', signal: 'SEGV', coreDumped: true, message: 'ouch' },
      { kind: 'signal', signal: 'SYS', coreDumped: false, message: '' },
    ];
    onChannel = ({ channel }) => {
      channel.attach(sink());
      channel.exit(ends.shift()!);
      channel.close();
    };
    const client = await connectClient(server.port);
    const seen: unknown[][] = [];
    const ended = async (channel: ClientChannel) => {
      channel.on('exit', (...args: unknown[]) => seen.push(args)).resume();
      await once(channel, 'close');
    };
    await exec(client, 'a', ended);
    await exec(client, 'b', ended);
    expect(seen).toEqual([[null, 'SIGSEGV', true, 'ouch'], [255]]);
    client.end();
  });

  it('stops taking output when the client reads no more, and goes on when it does', async () => {
    let written = 0;
    let stopped = false;
    onChannel = ({ channel }) => {
      const chunk = Buffer.alloc(64 * 1024);
      const fill = () => {
        while (written < 64e6) {
          written += chunk.length;
          if (!channel.write(chunk)) {
            stopped = true;
            return;
          }
        }
        channel.exit({ kind: 'code', code: 0 });
        channel.close();
      };
      channel.attach(sink({ drain: fill }));
      fill();
    };
    const child = start('ssh', [...SSH(), 'x', 'any']);
    await eventually('the server to be stopped', () => stopped || undefined);
    let last = -1;
    await eventually('no more output to be taken', () => {
      const same = written === last;
      last = written;
      return same || undefined;
    });
    expect(written).toBeLessThan(16e6);
    const result = await finished(child);
    expect(result.bytes.length).toBe(written);
  });

  it('hands the terminal from one reader to the next and loses nothing', async () => {
    const first: Buffer[] = [];
    const second: Buffer[] = [];
    let accepted: Accepted | undefined;
    onChannel = (next) => {
      accepted = next;
      next.channel.attach(sink({ data: (chunk) => first.push(chunk) }));
    };
    const child = start('ssh', [...SSH(), 'x', 'any']);
    const { channel } = await eventually('the channel', () => accepted);
    child.stdin!.write('one');
    await eventually('the first input', () => first.length > 0 || undefined);
    channel.detach();
    child.stdin!.end('two');
    const done = new Promise<void>((resolve) => {
      // held until somebody attaches
      setImmediate(() => channel.attach(sink({ data: (chunk) => second.push(chunk), eof: resolve })));
    });
    channel.resized({ cols: 1, rows: 2, width: 0, height: 0 });
    await done;
    expect(Buffer.concat(first).toString()).toBe('one');
    expect(Buffer.concat(second).toString()).toBe('two');
    channel.exit({ kind: 'code', code: 0 });
    channel.close();
    expect((await finished(child)).code).toBe(0);
  });

  it('tells at once that the client is gone, even while its input is held', async () => {
    let gone: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    let connection: Accepted['connection'] | undefined;
    onChannel = (accepted) => {
      connection = accepted.connection;
      accepted.channel.attach(sink({ closed: gone }));
      accepted.channel.pause();
    };
    const child = start('ssh', [...SSH(), 'x', 'any'], { stdin: Buffer.alloc(1e6) });
    await eventually('the channel', () => connection);
    child.kill('SIGKILL');
    await closed;
  });
});

describe('the window', () => {
  it('holds a client whose input nobody takes at a bounded number of bytes', async () => {
    let accepted: Accepted | undefined;
    onChannel = (next) => {
      accepted = next;
      next.channel.attach(sink());
      next.channel.pause();
    };
    const child = start('ssh', [...SSH(), 'x', 'any'], { stdin: Buffer.alloc(20e6) });
    const { connection } = await eventually('the channel', () => accepted);
    let last = -1;
    await eventually('the client to stop', () => {
      const read = rawConnection(connection)._sock.bytesRead ?? 0;
      const same = read > 200_000 && read === last;
      last = read;
      return same || undefined;
    });
    expect(last).toBeLessThan(400_000);
    child.kill();
    await finished(child);
  });

  it('disconnects a client that sends more than it may', async () => {
    // nobody takes what it sends
    onChannel = () => {};
    const client = await connectClient(server.port);
    const channel = await exec(client, 'any', (opened) => opened);
    const accepted = server.connections.at(-1)!;
    const raw = rawChannel(channel);
    const closed = new Promise<void>((resolve) => accepted.on('close', () => resolve()));
    for (let i = 0; i < 20; i++) raw._client._protocol.channelData(raw.outgoing.id, Buffer.alloc(32_000));
    await closed;
    expect(server.errors.map((error) => error.message).join()).toContain('more than the channel window');
  });
});

describe('relaying to a target', () => {
  const big = () => join(dir, 'big');

  it('carries 100 MB each way unchanged, with new keys in between on every side', async () => {
    const { chunks, sha256 } = payload(100);
    await writeFile(big(), chunks);
    let rekeys = 0;
    const limits = { bytes: 8 * 2 ** 20, ms: 3_600_000 };
    const client = await relay((upstream, { connection }) => {
      autoRekey(connection, limits);
      autoRekey(upstream, limits);
      connection.on('rekey', () => rekeys++);
      upstream.on('handshake', () => rekeys++);
    });
    const out = await ssh('-o', 'RekeyLimit=16M', 'x', `cat ${big()}`);
    expect(out.code).toBe(0);
    expect(createHash('sha256').update(out.bytes).digest('hex')).toBe(sha256);
    const input = await run('sh', [
      '-c',
      `exec ssh "$@" < ${big()}`,
      'sh',
      ...SSH(),
      '-o',
      'RekeyLimit=16M',
      'x',
      'sha256sum',
    ]);
    expect(input.stdout).toContain(sha256);
    expect(rekeys).toBeGreaterThan(20);
    client.end();
  });

  it('carries stdout and stderr, codes and signals like a direct connection', async () => {
    const client = await relay();
    const result = await ssh('-n', 'x', 'echo a; echo b >&2; cat >&2; exit 9');
    expect(result).toMatchObject({ code: 9, stdout: 'a\n', stderr: 'b\n' });
    const killed = await ssh('x', 'kill -KILL $$');
    expect(killed.code).toBe(255);
    client.end();
  });

  it('stops the target after a bounded number of bytes when the client stands still', async () => {
    const client = await relay();
    const before = rawConnection(client)._sock.bytesRead ?? 0;
    const child = start('ssh', [...SSH(), 'x', 'cat /dev/zero']);
    // its output goes into a pipe that nobody reads: the client stands still
    let last = -1;
    await eventually('the target to stop', () => {
      const read = (rawConnection(client)._sock.bytesRead ?? 0) - before;
      const same = read > 1e6 && read === last;
      last = read;
      return same || undefined;
    });
    expect(last).toBeLessThan(48e6);
    child.kill('SIGKILL');
    await finished(child);
    client.end();
  });
});
