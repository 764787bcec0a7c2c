import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { passwordLogin } from '../kit/logins.ts';
import { type RunResult, run, seen, start } from '../kit/process.ts';
import { onPty } from '../kit/pty.ts';
import { ensureUser, TEST_USER } from '../kit/sshd.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');
const dir = mkdtempSync(join(tmpdir(), 'bastion-start-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let serial = 0;
/** An empty directory of its own. */
function place(): string {
  const path = join(dir, `p${++serial}`);
  mkdirSync(path);
  return path;
}
function configIn(path: string, text: string): string {
  const file = join(path, 'config.yml');
  writeFileSync(file, text);
  return file;
}
const LOOPBACK = 'ssh: { listen: 127.0.0.1:0 }\nhttp: { listen: 127.0.0.1:0 }\n';
const bastionIn = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunResult> =>
  run(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env }, stdin: '' });

function expectRefused(result: RunResult, words: RegExp): void {
  expect(result, result.stderr).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^bastion: [^\n]+\n$/);
  expect(result.stderr).toMatch(words);
}

describe('a wrong configuration is one line with exit code 2', () => {
  it.each([
    ['ssh:\n  listen: 127.0.0.1:0\n  lissten: x\n', /config\.yml:3: unknown key "ssh\.lissten"/],
    [
      'data: ./data\nsession:\n  idle_timeout: soon\n',
      /config\.yml:3: session\.idle_timeout: "soon" is not a duration/,
    ],
    ['ssh: { listen: nowhere }\n', /config\.yml:1: ssh\.listen.*is not an address/],
    ['auth:\n  password_min_length: 3\n', /config\.yml:2: auth\.password_min_length: must be at least 8/],
    ['ssh: [unclosed\n', /config\.yml:\d: /],
  ])('%j', async (text, words) => {
    const path = place();
    configIn(path, text);
    for (const args of [['serve'], ['config', 'check'], ['config', 'show'], ['user', 'list']])
      expectRefused(await bastionIn(path, args), words);
    expect(readdirSync(path)).toEqual(['config.yml']);
  });

  it('in the environment, too, and a file that is missing', async () => {
    const path = place();
    expectRefused(
      await bastionIn(path, ['config', 'check'], { BASTION_SSH__LISSTEN: 'x' }),
      /environment BASTION_SSH__LISSTEN: unknown key/,
    );
    expectRefused(
      await bastionIn(path, ['serve', '--config', 'nothing.yml']),
      /nothing\.yml: no such configuration file/,
    );
    expectRefused(
      await bastionIn(path, ['config', 'check'], { BASTION_CONFIG: 'gone.yml' }),
      /gone\.yml: no such configuration file/,
    );
  });
});

it('config check and show say which file holds, and show can be read back', async () => {
  const path = place();
  expect((await bastionIn(path, ['config', 'show'])).stdout).toMatch(
    /^# no configuration file: defaults and environment\n/,
  );
  configIn(path, `${LOOPBACK}auth: { lockout: { tries: 3 } }\n`);
  expect(await bastionIn(path, ['config', 'check'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('config.yml'),
  });
  const shown = await bastionIn(path, ['config', 'show'], { BASTION_AUTH__MFA_REMEMBER: '2h' });
  expect(shown.stdout).toMatch(/tries: 3/);
  expect(shown.stdout).toMatch(/mfa_remember: 2h/);
  const again = place();
  configIn(again, shown.stdout);
  const back = await bastionIn(again, ['config', 'show', '--json']);
  expect(back).toMatchObject({ code: 0 });
  expect(JSON.parse(back.stdout)).toMatchObject({ auth: { lockout: { tries: 3 }, mfa_remember: '2h' } });
});

it('only serve makes a data directory', async () => {
  const path = place();
  for (const args of [
    ['user', 'list'],
    ['user', 'add', 'x'],
    ['vault', 'rotate-key'],
    ['session', 'list'],
  ])
    expectRefused(await bastionIn(path, args), /There is no bastion data in .*\/data\. "bastion serve" makes it/);
  expect(readdirSync(path)).toEqual([]);
});

describe('serve refuses', () => {
  it('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const text of [
        `ssh: { listen: 127.0.0.1:${port} }\nhttp: { listen: 127.0.0.1:0 }\n`,
        `ssh: { listen: 127.0.0.1:0 }\nhttp: { listen: 127.0.0.1:${port} }\n`,
      ]) {
        const path = place();
        configIn(path, text);
        expectRefused(await bastionIn(path, ['serve']), new RegExp(`127\\.0\\.0\\.1:${port}.*another program`));
      }
    } finally {
      server.close();
    }
  });

  it('secrets that others may read, or that belong to other data', async () => {
    const path = place();
    const config = configIn(path, LOOPBACK);
    await using first = await startBastion({ dir: path });
    expect(await first.stop()).toMatchObject({ code: 0 });
    const data = join(path, 'data');
    writeFileSync(config, LOOPBACK);
    for (const name of [
      'master.key',
      ...readdirSync(join(data, 'host_keys'))
        .filter((key) => !key.endsWith('.pub'))
        .map((key) => `host_keys/${key}`),
    ]) {
      chmodSync(join(data, name), 0o644);
      expectRefused(await bastionIn(path, ['serve']), new RegExp(`${name}.*chmod 600`));
      chmodSync(join(data, name), 0o600);
    }
    chmodSync(data, 0o777);
    expectRefused(await bastionIn(path, ['serve']), /data directory .* can be written by others/);
    chmodSync(data, 0o700);
    rmSync(join(data, 'master.key'));
    expectRefused(await bastionIn(path, ['serve']), /master\.key is missing/);
    writeFileSync(join(data, 'master.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    expectRefused(await bastionIn(path, ['serve']), /does not belong to this database/);
  });
});

describe('one data directory', () => {
  let bastion: Bastion;
  beforeAll(async () => {
    bastion = await startBastion();
  });
  afterAll(() => bastion?.[Symbol.asyncDispose]());

  it('has one daemon; a second says who holds it and leaves the first alone', async () => {
    const second = await run(process.execPath, [MAIN, 'serve', '--config', join(bastion.dir, 'config.yml')]);
    expectRefused(second, new RegExp(`in use by bastion serve \\(pid ${bastion.pid}, since .* UTC\\)`));
    expect(await bastion.ok(['user', 'list', '--json'])).toBe('[]\n');
  });

  it('is named before or after the words, or by the configuration', async () => {
    await bastion.ok(['group', 'add', 'here']);
    const config = join(bastion.dir, 'config.yml');
    for (const args of [
      ['--data', bastion.data, 'group', 'list'],
      ['group', '--data', bastion.data, 'list'],
      ['group', 'list', `--data=${bastion.data}`],
      ['--config', config, 'group', 'list'],
      ['group', 'list', '--config', config],
      ['group', 'list', '--data', bastion.data, '--config', config],
    ])
      expect(await run(process.execPath, [MAIN, ...args]), args.join(' ')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^here *$/m),
      });
  });

  it('takes edits of many at once, each of them once', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `team${i}`);
    const made = await Promise.all([...names, ...names].map((name) => bastion.cli(['group', 'add', name])));
    expect(made.map(({ code }) => code).sort()).toEqual([...names.map(() => 0), ...names.map(() => 4)]);
    const groups = await bastion.json<{ name: string }[]>(['group', 'list']);
    for (const name of names) expect(groups.filter((group) => group.name === name)).toHaveLength(1);
  });
});

describe('serve --demo', () => {
  it('from an empty directory: loopback only, a password that works, a shell of this machine', async () => {
    const path = place();
    configIn(path, 'ssh: { listen: 0.0.0.0:0 }\nhttp: { listen: 0.0.0.0:0 }\nlog: { format: json }\n');
    const child = start(process.execPath, [MAIN, 'serve', '--demo'], { cwd: path });
    try {
      const greeting = seen(
        child.stdout!,
        /Open +http:\/\/127\.0\.0\.1:\d+ as demo\n +or +ssh -p (\d+) (demo)@127\.0\.0\.1\n +Password +(\S+)\n[\s\S]*Ready in \d+ ms/,
      );
      const [ready, [, port, user, password]] = await Promise.all([
        seen(child.stderr!, /^\{.*"msg":"ready".*\}$/m),
        greeting,
      ]);
      const { ssh, http } = JSON.parse(ready[0]) as { ssh: string[]; http: string[] };
      expect(ssh).toEqual([`127.0.0.1:${port}`]);
      expect(http).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
      const options = await fetch(`${http[0]}/api/v1/sign-in`);
      expect(await options.json()).toMatchObject({ demoUser: 'demo', password: true });
      expect(readdirSync(path).sort()).toEqual(['config.yml', 'data-demo']);
      const target = [
        '-p',
        port!,
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-F',
        'none',
        '-o',
        'PubkeyAuthentication=no',
      ];
      using shell = onPty('ssh', [...target, '-tt', `${user}@local@127.0.0.1`]);
      await shell.expect(/assword: ?/);
      shell.type(`${password}\r`);
      await shell.expect(/[#$] /);
      shell.type('echo in-$((40 + 2)); exit 5\r');
      await shell.expect(/in-42/);
      expect(await shell.ended).toBe(5);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('and nowhere else: the protocol local is refused', async () => {
    await using bastion = await startBastion();
    const result = await bastion.cli(['asset', 'add', 'here', '--protocol', 'local']);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/--demo/) });
    await bastion.stop();
    expect(await bastion.cli(['asset', 'add', 'here', '--protocol', 'local'])).toMatchObject({
      code: 2,
      stderr: result.stderr,
    });
  });
});

it('root works on the data of another user as that user', async () => {
  await ensureUser(TEST_USER);
  const [uid, gid] = (await run('sh', ['-c', `id -u ${TEST_USER.name}; id -g ${TEST_USER.name}`])).stdout
    .trim()
    .split('\n')
    .map(Number) as [number, number];
  const path = place();
  configIn(path, LOOPBACK);
  await using bastion = await startBastion({ dir: path });
  await bastion.stop();
  const data = join(path, 'data');
  const all = () => ['.', ...readdirSync(data, { recursive: true, encoding: 'utf8' })].map((name) => join(data, name));
  for (const file of all()) chownSync(file, uid, gid);
  // the way to the data must be open to its owner
  chmodSync(dir, 0o755);

  await bastion.ok(['user', 'add', 'alice', '--password-stdin'], { stdin: 'seven quiet lanterns' });
  await bastion.ok(['vault', 'rotate-key']);
  expect(existsSync(join(data, 'master.key'))).toBe(true);
  for (const file of all()) expect([file, statSync(file).uid, statSync(file).gid]).toEqual([file, uid, gid]);
  const [row] = await bastion.json<{ actor: { name: string } }[]>(['audit', 'list', '--action', 'user.create']);
  // the machine's owner, as over admin.sock
  expect(row!.actor.name).toBe(TEST_USER.name);
});

it('once it says ready, it answers', async () => {
  await using bastion = await startBastion();
  for (const path of ['/healthz', '/readyz'])
    expect((await fetch(`http://127.0.0.1:${bastion.httpPort}${path}`)).status, path).toBe(200);
  expect((await passwordLogin(bastion, 'nobody', 'nothing at all')).code).not.toBe(254);
});
