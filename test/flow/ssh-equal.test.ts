import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { type Pair, type SshCall, startPair } from '../kit/pair.ts';
import type { RunResult } from '../kit/process.ts';

let pair: Pair & AsyncDisposable;
beforeAll(async () => {
  pair = await startPair({ sshd: { acceptEnv: 'LANG LC_* SECRET_*' } });
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const seenBy = ({ bytes, stderr, code, signal }: RunResult) => ({
  stdout: bytes.length > 4096 ? `${bytes.length} bytes, ${sha256(bytes)}` : bytes.toString('latin1'),
  stderr: stderr.length > 4096 ? `${stderr.length} bytes, ${sha256(Buffer.from(stderr))}` : stderr,
  code,
  signal,
});

/** Runs the same ssh directly and through the bastion: what the user sees must be the same. */
async function equal(command: readonly string[], call: SshCall = {}): Promise<RunResult> {
  const direct = await pair.ssh('direct', command, call);
  const through = await pair.ssh('through', command, call);
  expect(seenBy(through)).toEqual(seenBy(direct));
  return through;
}

describe('how a command ends', () => {
  test('every exit code', async () => {
    // all on one connection, or 512 logins would be the test
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const control = join(pair.house.dir, 'control');
    const master = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${control}`, '-o', 'ControlPersist=60'];
    try {
      const found: (number | null)[] = [];
      for (let at = 0; at < codes.length; at += 16) {
        const some = codes.slice(at, at + 16);
        if (at === 0) await pair.ssh('through', ['true'], { flags: master });
        const results = await Promise.all(some.map((code) => pair.ssh('through', [`exit ${code}`], { flags: master })));
        found.push(...results.map((result) => result.code));
      }
      expect(found).toEqual(codes);
    } finally {
      await pair.ssh('through', [], { flags: ['-O', 'exit', '-o', `ControlPath=${control}`] });
    }
    for (const code of [0, 1, 126, 254, 255]) await equal([`exit ${code}`]);
  });

  test.each(['TERM', 'KILL', 'HUP', 'SEGV', 'USR1', 'PIPE', 'XCPU', 'STKFLT'])('killed by SIG%s', async (name) => {
    const result = await equal([`kill -${name} $$`]);
    expect(result.code).not.toBe(0);
  });

  test('a command that is not there, and one that may not run', async () => {
    expect((await equal(['/nowhere/at-all'])).code).toBe(127);
    expect((await equal(['/etc/passwd'])).code).toBe(126);
  });

  test('the rest of the output comes before the end', async () => {
    await equal(['head -c 3000000 /dev/zero; echo end; echo last >&2; exit 7']);
  });

  test('a process in the background that holds stdout, and one that does not', async () => {
    await equal(['sleep 1 & echo done']);
    await equal(['sleep 60 >/dev/null 2>&1 & echo done']);
    await equal(['(sleep 0.3; echo late) & echo done; exit 3']);
  });
});

describe('bytes', () => {
  test('stdout and stderr stay apart and whole', async () => {
    expect(await equal(['echo out; echo err >&2; printf x; printf y >&2; exit 9'])).toMatchObject({
      stdout: 'out\nx',
      stderr: 'err\ny',
      code: 9,
    });
  });

  test('all 256 byte values both ways, also on stderr and with -T', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const result = await equal(['cat'], { stdin: all });
    expect(result.bytes.equals(all)).toBe(true);
    await equal(['cat >&2'], { stdin: all, flags: ['-T'] });
    await equal([`printf '\\000\\377\\r\\n\\r\\032\\004\\003'`]);
  });

  test('100 MB down', async () => {
    const size = 100 * 1024 * 1024;
    const line = 'seq 1 99999999 | head -c';
    const result = await equal([`${line} ${size}`]);
    expect(result.bytes.length).toBe(size);
  });

  test('100 MB up', async () => {
    const stdin = Buffer.concat(Array.from({ length: 10 }, () => randomBytes(10 * 1024 * 1024)));
    const through = await pair.ssh('through', ['sha256sum'], { stdin });
    expect(through.stdout).toBe(`${sha256(stdin)}  -\n`);
  });

  test('50 MB on stdout and stderr at once, and up at the same time', async () => {
    const size = 50 * 1024 * 1024;
    const stdin = randomBytes(20 * 1024 * 1024);
    const numbers = (first: number) => `seq ${first} 99999999 | head -c ${size}`;
    const command = `${numbers(1)} & ${numbers(5)} >&2 & sum=$(sha256sum); wait; echo "$sum" >&2`;
    const result = await pair.ssh('through', [command], { stdin });
    expect(result.bytes.length).toBe(size);
    expect(result.stderr.length).toBe(size + 64 + 4);
    expect(result.stderr).toContain(`${sha256(stdin)}  -\n`);
  });

  test('stdin ends while output goes on', async () => {
    await equal(['cat | wc -c; seq 1 100000 | tail -1; sleep 0.2; echo later'], { stdin: 'x'.repeat(100_000) });
    await equal(['cat; echo done'], { stdin: '' });
  });

  test('the command ends while stdin is still open', async () => {
    await equal(['head -c1; exit 4'], { stdin: randomBytes(5_000_000) });
    await equal(['exec 0<&-; echo closed; exit 5'], { stdin: randomBytes(300_000) });
    await equal(['exec 1>&-; echo to stderr >&2; exit 6']);
  });

  test('-n reads nothing, a script comes in by stdin with -T', async () => {
    expect((await equal(['cat; echo $?'], { flags: ['-n'] })).stdout).toBe('0\n');
    const script = 'echo one\ncd /tmp; pwd\nif true; then echo yes; fi\nexit 11\n';
    expect(await equal([], { flags: ['-T'], stdin: script })).toMatchObject({ code: 11 });
    await equal(['bash', '-s', 'a', 'b'], { stdin: 'echo "$1+$2" $#\nfalse' });
  });

  test('new keys in the midst of a transfer', async () => {
    const flags = ['-o', 'RekeyLimit=1M'];
    const stdin = randomBytes(50 * 1024 * 1024);
    const result = await pair.ssh('through', ['cat'], { flags: [...flags, '-v'], stdin });
    expect(sha256(result.bytes)).toBe(sha256(stdin));
    expect(result.code).toBe(0);
    expect(result.stderr.match(/debug1: SSH2_MSG_NEWKEYS received/g)!.length).toBeGreaterThan(20);
  });
});

describe('what the client sends along', () => {
  test('environment: what both let in arrives, the rest does not', async () => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', LC_TEST: 'grüße 你好', SECRET_X: 'no', LD_PRELOAD: '' };
    const flags = ['-o', 'SendEnv=LC_* SECRET_* LD_*', '-o', 'SetEnv=LC_PAPER="a b\'c$(id)" FOO=bar'];
    const show = ['printf "%s|" "$LC_TEST" "$LC_PAPER" "$FOO" "$SECRET_X"'];
    const result = await pair.ssh('through', show, { env, flags });
    expect(result.stdout).toBe("grüße 你好|a b'c$(id)|||");
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  test('the command line reaches the target as it is', async () => {
    for (const command of [
      `echo "a  b" 'c\\d' $HOME \`id -un\``,
      'printf "%s\\n" ünïcödé 你好 $\'\\x01\'',
      `echo ${'x'.repeat(30_000)} | wc -c`,
      `echo ${'x'.repeat(120_000)} | wc -c`,
      'echo one\necho two',
      ' ',
    ])
      await equal([command]);
  });
});
