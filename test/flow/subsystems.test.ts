import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, type RunResult, run } from '../kit/process.ts';

/** Subsystems other than SFTP, and commands of every kind of bytes, on a real sshd. */
const HELLO = '<?xml version="1.0"?><hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"/>]]>]]>\n';
let house: House;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-subsystem-'));
  const netconf = join(dir, 'netconf');
  writeFileSync(netconf, `#!/bin/sh\nprintf '%s' '${HELLO}'; cat; echo bye >&2; exit 5\n`);
  await run('chmod', ['-R', 'a+rx', dir]);
  house = await startHouse({ sshd: { config: ['Subsystem echo /bin/cat', `Subsystem netconf ${netconf}`] } });
}, 60_000);
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

function subsystem(name: string, stdin: string | Buffer = ''): Promise<RunResult> {
  return house.bastion.ssh('alice@web1', house.key.file, [name], { flags: ['-s'], stdin });
}

async function sessionOf(name: string) {
  const row = await eventually(`a session of ${name}`, async () => {
    const { items } = await house.api.sessions.list({ limit: 100 });
    return items.find((one) => one.command === name);
  });
  return house.settled(row.id);
}

describe('subsystems', () => {
  test('bytes of every kind pass both ways, and the row has name and counts', async () => {
    const bytes = randomBytes(2_000_000);
    const result = await subsystem('echo', bytes);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(sha256(result.bytes)).toBe(sha256(bytes));
    expect(await sessionOf('echo')).toMatchObject({
      use: 'exec',
      command: 'echo',
      bytesIn: bytes.length,
      bytesOut: bytes.length,
      exitCode: 0,
      recording: 'ready',
    });
    const { items } = await house.api.commands.list({ text: 'echo', limit: 10 });
    expect(items).toMatchObject([{ line: 'echo', confidence: 'exact', verdict: 'pass', exitCode: 0 }]);
  });

  test('netconf: its hello, what it answers and its exit code come through, and the output is recorded', async () => {
    const result = await subsystem('netconf', '<rpc/>]]>]]>\n');
    expect(result).toMatchObject({ code: 5, stdout: `${HELLO}<rpc/>]]>]]>\n` });
    // a real sshd drops what a subsystem writes there
    expect(result.stderr).toBe('');
    const session = await sessionOf('netconf');
    expect(await house.bastion.ok(['session', 'replay', session.id, '--speed', '1000'])).toContain(
      'urn:ietf:params:xml:ns',
    );
  });

  test('one that the target has not: a line that says so, and our exit code', async () => {
    const result = await subsystem('nothing');
    expect(result).toMatchObject({ code: 254, stdout: '' });
    expect(result.stderr).toBe(
      'bastion: The target has no subsystem "nothing": its sshd_config must name one (Subsystem …).\n',
    );
    expect(await sessionOf('nothing')).toMatchObject({ endCause: 'connect-failed' });
  });

  test('a command filter judges its name', async () => {
    await house.api.filters.add({ name: 'no netconf', action: 'deny', words: ['netconf'] });
    try {
      const result = await subsystem('netconf');
      expect(result).toMatchObject({ code: 254, stdout: '' });
      expect(result.stderr).toMatch(/^bastion: Command `netconf` is forbidden by the filter "no netconf"/);
    } finally {
      await house.api.filters.remove({ name: 'no netconf' });
    }
  });
});

describe('commands', () => {
  /** The same command through the bastion and without it, from Python: a shell here would have its own ideas of the bytes. */
  async function both(command: Buffer): Promise<[through: string, direct: string]> {
    const script = join(house.dir, 'exec.py');
    await writeFile(script, PYTHON);
    const at = (port: number, user: string, key: string) =>
      run('/usr/bin/python3', ['-W', 'ignore', script, String(port), user, key], { stdin: command });
    const [through, direct] = await Promise.all([
      at(house.bastion.sshPort, 'alice@web1', house.key.file),
      at(house.sshd.port, 'bastion-test', house.targetKey.file),
    ]);
    expect(direct.stderr).toBe('');
    return [through.stdout + through.stderr, direct.stdout];
  }

  test.each([
    ['GBK', Buffer.concat([Buffer.from('printf %s '), Buffer.of(0xc4, 0xe3, 0xba, 0xc3), Buffer.from(' | od -c')])],
    ['every byte', Buffer.concat([Buffer.from("printf %s '"), everyByte(), Buffer.from("' | sha256sum")])],
    ['a broken UTF-8', Buffer.concat([Buffer.from('echo '), Buffer.of(0xe4, 0xbd), Buffer.from(' >&2; exit 7')])],
    ['UTF-8 with a mark at its beginning', Buffer.from('\ufeffecho no; echo "中 ü"')],
    ['a NUL at the end', Buffer.from('echo nul\0')],
    ['60 KB', Buffer.from(`: ${'x'.repeat(60_000)}; echo ok`)],
    ['100 KB', Buffer.from(`: ${'x'.repeat(100_000)}; echo ok`)],
    ['more than the kernel takes', Buffer.from(`: ${'x'.repeat(200_000)}; echo ok`)],
  ])('%s: as without us', async (_what, command) => {
    const [through, direct] = await both(command);
    expect(through).toBe(direct);
  });

  test('what is no UTF-8 is told in a readable form', async () => {
    await both(Buffer.concat([Buffer.from('echo readable '), Buffer.of(0xff, 0xfe)]));
    const { items } = await house.api.commands.list({ text: 'echo readable', limit: 10 });
    expect(items).toMatchObject([{ line: 'echo readable \ufffd\ufffd', confidence: 'exact' }]);
    expect((await sessionOf('echo readable \ufffd\ufffd')).exitCode).toBe(0);
  });

  test('a NUL in the middle: a real sshd breaks off the connection, and so it is with us', async () => {
    const [through, direct] = await both(Buffer.from('echo a\0b'));
    expect(direct).toMatch(/SSHException|EOFError|ConnectionReset/);
    expect(through).not.toContain('a\n');
    expect(through).toMatch(/exit 254/);
  });
});

function everyByte(): Buffer {
  return Buffer.from(Array.from({ length: 255 }, (_, n) => n + 1).filter((byte) => byte !== 0x27));
}

const PYTHON = `
import sys, paramiko
port, user, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
command = sys.stdin.buffer.read()
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect('127.0.0.1', port, user, key_filename=key, look_for_keys=False, allow_agent=False)
try:
    channel = client.get_transport().open_session()
    channel.exec_command(command)
    out = channel.makefile('rb').read()
    err = channel.makefile_stderr('rb').read()
    print(repr(out), repr(err), 'exit', channel.recv_exit_status())
except Exception as error:
    print(type(error).__name__)
`;
