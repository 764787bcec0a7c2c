import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startBastion } from '../kit/bastion.ts';
import { EXECUTABLE } from '../kit/clean-root.ts';
import { run } from '../kit/process.ts';

const UNIT = 'etc/systemd/system/bastion.service';

const dirs: string[] = [];
const newRoot = () => {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-install-'));
  dirs.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const install = (root: string, ...args: string[]) => run(EXECUTABLE, ['install', '--root', root, ...args]);

interface Answer {
  readonly files: readonly { readonly path: string; readonly state: string }[];
}
async function states(root: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await install(root, '--json', ...args);
  return (JSON.parse(stdout) as Answer).files.map(({ path, state }) => `${path.slice(root.length)} ${state}`);
}

test('everything is put in its place, and again, and what the administrator wrote stays', async () => {
  const root = newRoot();
  expect(await states(root, '--dry-run')).toContain('/usr/local/bin/bastion written');
  expect(existsSync(join(root, 'etc'))).toBe(false);

  const all = [
    '/usr/local/bin/bastion',
    `/${UNIT}`,
    '/etc/sysusers.d/bastion.conf',
    '/etc/bastion/config.yml',
    '/usr/local/share/man/man1/bastion.1',
    '/usr/local/share/bash-completion/completions/bastion',
    '/usr/local/share/zsh/site-functions/_bastion',
    '/usr/local/share/fish/vendor_completions.d/bastion.fish',
  ];
  expect(await states(root)).toEqual(all.map((path) => `${path} written`));
  const program = join(root, 'usr/local/bin/bastion');
  expect(statSync(program).mode & 0o7777).toBe(0o755);
  expect(readFileSync(program).equals(readFileSync(EXECUTABLE))).toBe(true);
  const checked = await run(program, ['config', 'show', '--config', join(root, 'etc/bastion/config.yml'), '--json']);
  expect(JSON.parse(checked.stdout)).toMatchObject({ data: '/var/lib/bastion' });

  writeFileSync(join(root, 'etc/bastion/config.yml'), 'ssh: { listen: ":22" }\nsession: { shutdown_grace: 5m }\n');
  writeFileSync(join(root, 'usr/local/share/man/man1/bastion.1'), 'older');
  const again = await states(root);
  expect(again).toEqual(
    all.map((path) => {
      if (path === '/etc/bastion/config.yml') return `${path} kept`;
      return /service|bastion\.1$/.test(path) ? `${path} replaced` : `${path} unchanged`;
    }),
  );
  expect(readFileSync(join(root, 'etc/bastion/config.yml'), 'utf8')).toContain('":22"');
  // the port needs the one privilege, the grace the time to end
  const unit = readFileSync(join(root, UNIT), 'utf8');
  expect(unit).toMatch(/^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
  expect(unit).toMatch(/^TimeoutStopSec=330$/m);

  expect(unit).not.toMatch(/^LoadCredential/m);
  for (const [store, line] of [
    ['credstore', 'LoadCredential=master.key:/etc/credstore/bastion.master.key'],
    ['credstore.encrypted', 'LoadCredentialEncrypted=master.key:/etc/credstore.encrypted/bastion.master.key'],
  ] as const) {
    mkdirSync(join(root, 'etc', store));
    writeFileSync(join(root, 'etc', store, 'bastion.master.key'), '');
    await install(root);
    expect(readFileSync(join(root, UNIT), 'utf8').split('\n')).toContain(line);
  }
});

test('systemd takes the service without a word, and finds it well shut in', async () => {
  const root = newRoot();
  await install(root, '--user', 'jump');
  const unit = join(root, UNIT);
  expect(readFileSync(unit, 'utf8')).toMatch(/^User=jump$/m);
  // verify looks for the program on this machine
  const here = readFileSync(unit, 'utf8').replaceAll('/usr/local/bin/bastion', EXECUTABLE);
  const verified = join(root, 'bastion.service');
  writeFileSync(verified, here);
  const verify = await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', verified]);
  expect({ code: verify.code, said: verify.stdout + verify.stderr }).toEqual({ code: 0, said: '' });
  const rated = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', verified]);
  expect(rated.stdout).toMatch(/Overall exposure level for bastion\.service: 1\.\d OK/);
  expect(rated.code).toBe(0);
  const users = join(root, 'etc/sysusers.d/bastion.conf');
  const sysusers = await run('systemd-sysusers', ['--root', root, '--dry-run', users]);
  expect({ code: sysusers.code, said: sysusers.stderr }).toMatchObject({
    code: 0,
    said: expect.stringContaining('jump'),
  });
});

test('a package puts it below /usr', async () => {
  const root = newRoot();
  const found = await states(root, '--prefix', '/usr', '--dry-run');
  expect(found).toContain('/usr/bin/bastion written');
  expect(found).toContain('/usr/lib/systemd/system/bastion.service written');
  expect(found).toContain('/usr/lib/sysusers.d/bastion.conf written');
});

test.each([
  ['--prefix', 'usr'],
  ['--prefix', '/opt/my programs'],
  ['--user', 'root;reboot'],
])('%s %s is refused before anything is written', async (option, value) => {
  const root = newRoot();
  expect(await install(root, option, value)).toMatchObject({ code: 2, stdout: '' });
  expect(existsSync(join(root, 'etc'))).toBe(false);
});

test('from a checkout it says what it cannot', async () => {
  const root = newRoot();
  await using bastion = await startBastion();
  const result = await bastion.cli(['install', '--root', root]);
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('scripts/package') });
  expect(existsSync(join(root, UNIT))).toBe(false);
  expect(existsSync(join(root, 'usr/local/share/man/man1/bastion.1'))).toBe(true);
});

test('health says whether the daemon answers, waits for it, and no longer than its process lives', async () => {
  const dir = newRoot();
  const data = join(dir, 'data');
  const health = (...args: string[]) => run(EXECUTABLE, ['health', '--data', data, ...args]);
  expect(await health()).toMatchObject({ code: 1, stderr: expect.stringContaining('none runs') });
  // a process that is gone: its number was this shell's
  const gone = (await run('sh', ['-c', 'echo $$'])).stdout.trim();
  expect(await health('--wait', '10m', '--pid', gone)).toMatchObject({ code: 1 });
  const waiting = health('--wait', '1m');
  await using bastion = await startBastion({ dir });
  expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('answers') });
  await bastion.stop();
  expect((await health()).code).toBe(1);
});
