import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chromium, startChromium } from '../browser/kit.ts';
import { SSH_OPTIONS } from '../kit/bastion.ts';
import { type Caged, CleanRoot, runningIn } from '../kit/clean-root.ts';
import { finished, run } from '../kit/process.ts';
import { onPty } from '../kit/pty.ts';

/** The executable as users get it: on a machine that has the C and C++ libraries, and nothing else of use to it. */
const root = new CleanRoot();
let chromium: Chromium;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  root[Symbol.dispose]();
});

const sshArgs = ({ sshPort }: Caged, login: string) => [...SSH_OPTIONS, '-p', String(sshPort), `${login}@127.0.0.1`];
const demoPassword = ({ greeting }: Caged) => greeting.match(/Password +(\S+)/)![1]!;

describe.each([
  ['root', { uid: 0, gid: 0 }],
  ['a user whom the machine does not know', { uid: 54321, gid: 54321 }],
])('the executable, run by %s', (_, who) => {
  const demo = root.dataOf(who, `demo-${who.uid}`);
  const plain = root.dataOf(who, `plain-${who.uid}`);
  const outside = () => root.listing([demo, plain]);
  let before: string[];
  beforeAll(() => {
    before = outside();
  });

  it('passes its own test and leaves nothing', async () => {
    const { code, stdout, stderr } = await root.run(who, ['self-test', '--data', demo, '--json']);
    expect(stderr).toBe('');
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toHaveLength(9);
    expect(code).toBe(0);
    expect(readdirSync(join(root.path, demo))).toEqual([]);
  });

  it('serves the demo: an SSH session from outside, a page, the command line; one process; nothing written elsewhere', async () => {
    await using daemon = await root.serve(who, ['--demo', '--data', demo]);
    const password = demoPassword(daemon);
    const children = () => run('ps', ['--ppid', String(daemon.pid), '-o', 'comm=']);
    expect((await children()).stdout).toBe('');

    const asked = (command: string) =>
      run('sshpass', ['-e', 'ssh', ...sshArgs(daemon, 'demo@local'), command], {
        env: { ...process.env, SSHPASS: password },
      });
    const got = await asked('echo "got $USER"; exit 7');
    expect([got.stdout, got.stderr, got.code]).toEqual([`got uid-${who.uid}\n`, '', 7]);
    // there is no such program here, and the executable does not pass for it
    expect(await asked('node --version')).toMatchObject({ code: 127, stdout: '' });
    {
      using terminal = onPty('ssh', ['-tt', ...sshArgs(daemon, 'demo@local')]);
      await terminal.expect(/password: $/i);
      terminal.type(`${password}\r`);
      await terminal.expect(/[$#] $/);
      terminal.type('test -t 0 && echo "on a" terminal\r');
      await terminal.expect(/on a terminal\r/);
      // the shell is a child, and no second copy of the executable is needed for it
      expect((await children()).stdout).toBe('sh\n');
      expect(runningIn(root)).toEqual([daemon.pid]);
      terminal.type('exit 3\r');
      expect(await terminal.ended).toBe(3);
    }

    {
      await using visit = await chromium.visit(daemon, { as: { name: 'demo', password } });
      await visit.page.goto('/luna?asset=local');
      await visit.page.locator('.xterm-screen').waitFor();
      expect(visit.troubles()).toEqual([]);
    }

    const dataBefore = root.listing().filter((line) => !/\.db|\.sock|spool|recordings/.test(line));
    const listed = await root.run(who, ['--data', demo, 'user', 'list', '--json']);
    expect(listed.stderr).toBe('');
    expect((JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name)).toEqual(['demo']);
    expect(root.listing().filter((line) => !/\.db|\.sock|spool|recordings/.test(line))).toEqual(dataBefore);

    const ended = await daemon.stop();
    expect([ended.code, ended.signal]).toEqual([0, null]);
    expect(ended.stderr).toMatch(/"msg":"stopped"\}\n$/);
    expect(runningIn(root)).toEqual([]);
    expect(outside()).toEqual(before);
  });

  it('serves with what an administrator sets up from the command it names', async () => {
    await using daemon = await root.serve(who, ['--data', plain]);
    const [, hint] = daemon.greeting.match(/^ {2}(\/bin\/bastion --data .*user accept-invite .*)$/m)!;
    const [, ...args] = hint!.split(' ');
    const words = args.map((word) => (word === 'YOUR_NAME' ? 'anna' : word));
    const accepted = root.start(who, [...words, '--password-stdin']);
    accepted.stdin!.end('a long passphrase of hers\n');
    expect(await finished(accepted)).toMatchObject({ code: 0, stderr: '' });
    const get = async (path: string) =>
      (await fetch(`http://127.0.0.1:${daemon.httpPort}${path}`, { headers: { accept: 'text/html' } })).text();
    expect(await get('/')).toContain('<script');
    expect(await get('/docs/')).toMatch(/<h1[\s\S]*first hour/i);
    expect((await daemon.stop()).code).toBe(0);

    const licences = await root.run(who, ['licences']);
    expect(licences.stdout).toContain('ssh2');
    expect(licences.code).toBe(0);
    // without the daemon the same command works on the data itself
    const listed = await root.run(who, ['--data', plain, 'user', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'anna', role: 'admin' }]);
    expect(existsSync(join(root.path, plain, 'admin.sock'))).toBe(false);
    expect(outside()).toEqual(before);
  });
});
