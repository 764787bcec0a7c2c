import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SSH_OPTIONS } from '../kit/bastion.ts';
import { sha256 } from '../kit/hash.ts';
import { addTarget, type House, startHouse } from '../kit/house.ts';
import { eventually, finished, type RunOptions, run, start } from '../kit/process.ts';
import { type KeyPair, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

const me = TEST_USER.name;
/** Both targets are this machine: the files of the first lie in `dir1`, the second sees nothing but `root2`. */
let dir1: string;
let root2: string;
let A: string;
const B = `/prod/web/web2/${me}`;

let house: House;
let web2: Sshd;
let here: string;
let content: Buffer;
beforeAll(async () => {
  house = await startHouse();
  // sshd wants every directory above to be root's alone
  root2 = mkdtempSync('/run/bastion-tree-');
  chmodSync(root2, 0o755);
  mkdirSync(join(root2, 'home', me), { recursive: true });
  mkdirSync(join(root2, 'tmp'));
  dir1 = mkdtempSync(join(tmpdir(), 'bastion-tree-web1-'));
  const owned = await run('chown', [me, join(root2, 'home', me), join(root2, 'tmp'), dir1]);
  expect(owned.code).toBe(0);
  web2 = await startSshd({ authorizedKeys: [house.targetKey.publicKey], config: [`ChrootDirectory ${root2}`] });
  await addTarget(house, 'web2', web2, { folder: '/prod/web' });
  A = `/web1/${me}${dir1}`;
  here = mkdtempSync(join(tmpdir(), 'bastion-tree-'));
  content = randomBytes(5_000_000);
  writeFileSync(join(here, 'big'), content);
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  await web2?.stop();
  for (const dir of [root2, dir1, here]) if (dir) rmSync(dir, { recursive: true, force: true });
});

const auth = (key: KeyPair = house.key) => [
  ...SSH_OPTIONS,
  ...['-i', key.file, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-P', String(house.bastion.sshPort)],
];
/** OpenSSH's sftp with these commands, on the tree. */
const sftp = (
  commands: readonly string[],
  { login = 'alice', key, ...call }: RunOptions & { login?: string; key?: KeyPair } = {},
) =>
  run('sftp', ['-q', ...auth(key), '-b', '-', `${login}@127.0.0.1`], {
    cwd: here,
    stdin: `${commands.join('\n')}\n`,
    ...call,
  });
const printed = (stdout: string) => stdout.split('\n').filter((line) => line !== '' && !line.startsWith('sftp> '));
const transfers = async (path: string) =>
  (await house.api.transfers.list({ limit: 500 })).items.filter((row) => row.path === path);
/** A small tree of files: a directory in a directory, an empty file, a mode and a time of their own. */
function makeTree(at: string): void {
  mkdirSync(join(at, 'inner'), { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(join(at, `file ${i}`), `content ${i}`);
  writeFileSync(join(at, 'inner', 'empty'), '');
  writeFileSync(join(at, 'inner', 'ünïcode'), content.subarray(0, 100_000));
  chmodSync(join(at, 'file 3'), 0o640);
  utimesSync(join(at, 'file 3'), 1_600_000_000, 1_600_000_000);
}
const filesOf = (at: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(at.length),
        sha256(readFileSync(join(entry.parentPath, entry.name))),
      ])
      .sort(),
  );

describe("OpenSSH's sftp", () => {
  test('walks the tree', async () => {
    const result = await sftp([
      'pwd',
      'ls -1',
      'ls -1 /prod/web',
      `cd ${B}`,
      'pwd',
      'ls -1',
      'cd ~',
      'pwd',
      'cd ../..',
      'pwd',
      'cd ../..',
      'pwd',
    ]);
    expect(result.stderr.trim()).toBe('');
    const told = printed(result.stdout).map((line) => line.replace('Remote working directory: ', '').trim());
    expect(told).toEqual(['/', 'prod', 'web1', '/prod/web/web2', B, 'home', 'tmp', `${B}/home/${me}`, B, '/prod/web']);
  });

  test('files go there and back, with their rows', async () => {
    const result = await sftp([`put big ${B}/tmp/big`, `get ${B}/tmp/big back`, `ls -l ${B}/tmp/big`, `df ${B}/tmp`]);
    expect([result.code, result.stderr.trim()]).toEqual([0, '']);
    expect(sha256(readFileSync(join(here, 'back')))).toBe(sha256(content));
    expect(result.stdout).toMatch(/-rw-r--r-- .* 5000000 /);
    expect(result.stdout).toContain('%Capacity');
    const rows = await eventually('two rows', async () => {
      const found = await transfers('/tmp/big');
      return found.length === 2 ? found : undefined;
    });
    for (const row of rows)
      expect(row).toMatchObject({
        user: 'alice',
        asset: 'web2',
        bytes: 5_000_000,
        sha256: sha256(content),
        partial: false,
        result: 'ok',
      });
    expect(rows.map(({ direction }) => direction).sort()).toEqual(['download', 'upload']);
  });

  test('whole directories, their modes and times', async () => {
    makeTree(join(here, 'src'));
    const result = await sftp(['put -rp src', `put -rp src ${A}`, `get -rp ${A}/src back-src`].slice(1));
    expect([result.code, result.stderr.trim()]).toEqual([0, '']);
    expect(filesOf(join(dir1, 'src'))).toEqual(filesOf(join(here, 'src')));
    expect(filesOf(join(here, 'back-src'))).toEqual(filesOf(join(here, 'src')));
    const { mode, mtimeMs } = statSync(join(dir1, 'src', 'file 3'));
    expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_600_000_000_000]);
  });

  test('a file is copied from one asset to the other, and within one', async () => {
    const result = await sftp([`put big ${A}/one`, `cp ${A}/one ${B}/tmp/two`, `cp ${B}/tmp/two ${B}/tmp/three`]);
    expect([result.code, result.stderr.trim()]).toEqual([0, '']);
    expect(sha256(readFileSync(join(root2, 'tmp', 'two')))).toBe(sha256(content));
    expect(sha256(readFileSync(join(root2, 'tmp', 'three')))).toBe(sha256(content));
    const rows = await eventually('its row', async () =>
      (await transfers('/tmp/two')).find((row) => row.direction === 'upload'),
    );
    expect(rows).toMatchObject({ asset: 'web2', bytes: 5_000_000, result: 'ok' });
  });

  test('what was begun goes on', async () => {
    writeFileSync(join(here, 'again'), content.subarray(0, 1_234_567));
    writeFileSync(join(root2, 'tmp', 'resumed'), content.subarray(0, 777_777));
    await run('chown', [me, join(root2, 'tmp', 'resumed')]);
    const result = await sftp([`reget ${A}/one again`, `reput big ${B}/tmp/resumed`]);
    expect(result.code).toBe(0);
    expect(sha256(readFileSync(join(here, 'again')))).toBe(sha256(content));
    expect(sha256(readFileSync(join(root2, 'tmp', 'resumed')))).toBe(sha256(content));
  });

  test('renames, links, modes', async () => {
    const result = await sftp([
      `put big ${B}/tmp/x`,
      `rename ${B}/tmp/x ${B}/tmp/y`,
      `ln ${B}/tmp/y ${B}/tmp/hard`,
      `ln -s ${B}/tmp/y ${B}/tmp/soft`,
      `chmod 600 ${B}/tmp/y`,
      `mkdir ${B}/tmp/d`,
      `rmdir ${B}/tmp/d`,
      `get ${B}/tmp/soft soft`,
      `rm ${B}/tmp/hard`,
    ]);
    expect([result.code, result.stderr.trim()]).toEqual([0, '']);
    expect(readlinkSync(join(root2, 'tmp', 'soft'))).toBe('/tmp/y');
    expect(statSync(join(root2, 'tmp', 'y')).mode & 0o777).toBe(0o600);
    expect(sha256(readFileSync(join(here, 'soft')))).toBe(sha256(content));
  });

  test.each([
    ['a folder of ours cannot be changed', ['mkdir /new'], /Permission denied/],
    ['a file needs an account', ['put big /web1/big'], /Permission denied/],
    ['names nobody has', ['ls /nothing'], /not found|No such file/],
    ['an account that is not there', ['cd /web1/nobody'], /No such file/],
    ['from account to account nothing moves', [`rename ${B}/tmp/y /web1/${me}/tmp/y`], /Failure/],
  ])('%s', async (_, commands, stderr) => {
    const result = await sftp(commands);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(stderr);
  });

  test('no text climbs from one account into what stands beside it, and the target keeps its own root', async () => {
    writeFileSync(join(root2, 'secret'), 'of web2');
    const result = await sftp([`get ${B}/../../../../../../../secret no`]);
    expect(result.code).toBe(1);
    const inside = await sftp([`get ${B}/tmp/../secret yes`]);
    expect(inside.code).toBe(0);
    expect(existsSync(join(here, 'no'))).toBe(false);
    expect(readFileSync(join(here, 'yes'), 'utf8')).toBe('of web2');
  });
});

describe('other clients', () => {
  test('scp, there, back, and from asset to asset', async () => {
    const scp = (...args: string[]) => run('scp', ['-q', ...auth(), ...args], { cwd: here, stdin: '' });
    expect(await scp('big', `alice@127.0.0.1:${B}/tmp/`)).toMatchObject({ code: 0, stderr: '' });
    expect(await scp(`alice@127.0.0.1:${B}/tmp/big`, 'scp-back')).toMatchObject({ code: 0, stderr: '' });
    expect(sha256(readFileSync(join(here, 'scp-back')))).toBe(sha256(content));
    expect(await scp('-rp', 'src', `alice@127.0.0.1:${B}/tmp/scp-src`)).toMatchObject({ code: 0 });
    expect(filesOf(join(root2, 'tmp', 'scp-src'))).toEqual(filesOf(join(here, 'src')));
    expect(await scp('-3', `alice@127.0.0.1:${B}/tmp/big`, `alice@127.0.0.1:${A}/scp3`)).toMatchObject({ code: 0 });
    expect(sha256(readFileSync(join(dir1, 'scp3')))).toBe(sha256(content));
  });

  test('lftp mirrors both ways', async () => {
    const ssh = ['ssh', '-a', '-x', ...SSH_OPTIONS, '-i', house.key.file, '-o', 'IdentitiesOnly=yes'].join(' ');
    const script = [
      `set sftp:connect-program "${ssh}"`,
      'set net:max-retries 1',
      `open -u alice,none -p ${house.bastion.sshPort} sftp://127.0.0.1`,
      'cls -1 /',
      `mirror -R src ${B}/tmp/lftp`,
      `mirror ${B}/tmp/lftp lftp-back`,
      `mv ${B}/tmp/lftp/inner ${B}/tmp/lftp/moved`,
      'bye',
    ];
    const result = await run('lftp', ['-c', script.join('; ')], {
      cwd: here,
      stdin: '',
      env: { ...process.env, HOME: here },
    });
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(printed(result.stdout).slice(0, 2).sort()).toEqual(['/prod/', '/web1/'].sort());
    expect(filesOf(join(here, 'lftp-back'))).toEqual(filesOf(join(here, 'src')));
    expect(readdirSync(join(root2, 'tmp', 'lftp'))).toContain('moved');
  });

  test('paramiko, as graphical clients do it: lists from the top, absolute paths, times', async () => {
    const script = `
import paramiko, sys, stat, json, io
port, key, a, b = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect('127.0.0.1', port, 'alice', key_filename=key, allow_agent=False, look_for_keys=False)
sftp = client.open_sftp()
out = {}
out['top'] = sorted((e.filename, stat.S_ISDIR(e.st_mode)) for e in sftp.listdir_attr('/'))
out['cwd'] = sftp.normalize('.')
out['accounts'] = sftp.listdir('/prod/web/web2')
data = open('big', 'rb').read()
with sftp.open(b + '/tmp/paramiko', 'wb') as f:
    f.set_pipelined(True)
    f.write(data)
sftp.utime(b + '/tmp/paramiko', (1500000000, 1500000000))
out['mtime'] = sftp.stat(b + '/tmp/paramiko').st_mtime
with sftp.open(b + '/tmp/paramiko', 'rb') as f:
    f.prefetch()
    out['same'] = f.read() == data
sftp.chdir(b + '/tmp')
sftp.posix_rename('paramiko', 'renamed')
out['renamed'] = sftp.stat('renamed').st_size
for name, path in (('gone', '/nothing'), ('ro', '/x')):
    try:
        sftp.mkdir(path) if name == 'ro' else sftp.stat(path)
    except IOError as e:
        out[name] = [type(e).__name__, e.errno, str(e)]
print(json.dumps(out))
`;
    const result = await run('/usr/bin/python3', ['-c', script, String(house.bastion.sshPort), house.key.file, A, B], {
      cwd: here,
    });
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      top: [
        ['prod', true],
        ['web1', true],
      ],
      cwd: '/',
      accounts: [me],
      mtime: 1_500_000_000,
      same: true,
      renamed: 5_000_000,
      gone: ['FileNotFoundError', 2, expect.anything()],
      ro: ['PermissionError', 13, expect.stringContaining('name an account')],
    });
  });

  test('sshfs mounts it', async () => {
    const mount = join(here, 'mnt');
    mkdirSync(mount);
    const options = [
      '-f',
      '-p',
      String(house.bastion.sshPort),
      ...['IdentityFile', 'UserKnownHostsFile', 'StrictHostKeyChecking', 'BatchMode'].flatMap((name, i) => [
        '-o',
        `${name}=${[house.key.file, '/dev/null', 'no', 'yes'][i]}`,
      ]),
    ];
    const sshfs = start('sshfs', ['alice@127.0.0.1:/', mount, ...options]);
    const ended = finished(sshfs);
    let over: Awaited<typeof ended> | undefined;
    void ended.then((result) => {
      over = result;
    });
    try {
      // a machine without FUSE cannot run this test, and has to say so by failing
      await eventually('the mount', () => {
        if (over) throw new Error(`sshfs needs /dev/fuse and the right to mount: ${over.stderr}`);
        return existsSync(join(mount, 'prod')) || undefined;
      });
      const call = (command: string) => run('sh', ['-c', command], { cwd: here });
      expect((await call(`ls mnt mnt/web1`)).stdout).toBe(`mnt:\nprod\nweb1\n\nmnt/web1:\n${me}\n`);
      expect(
        await call(
          `cp -r src mnt${B}/tmp/fs && cp -r mnt${B}/tmp/fs fs-back && cp big mnt${A}/fs-big && cp mnt${A}/fs-big mnt${B}/tmp/fs-big`,
        ),
      ).toMatchObject({ code: 0, stderr: '' });
      expect(filesOf(join(here, 'fs-back'))).toEqual(filesOf(join(here, 'src')));
      expect(sha256(readFileSync(join(root2, 'tmp', 'fs-big')))).toBe(sha256(content));
      expect(
        await call(`cd mnt${B}/tmp && mv fs-big fs-moved && ln -s fs-moved l && cmp l fs-moved && rm -r fs`),
      ).toMatchObject({ code: 0, stderr: '' });
      expect((await call(`find mnt/prod -name fs-moved`)).stdout).toContain('fs-moved');
      expect((await call('mkdir mnt/new')).code).toBe(1);
    } finally {
      await run('fusermount3', ['-u', mount]);
      sshfs.kill();
      await ended;
    }
  });
});

describe('rights', () => {
  test('who may reach one account sees that one, and may do there what is allowed', async () => {
    const bob = await house.addUser('bob');
    await house.api.accounts.add({ asset: 'web2', login: 'other', privateKey: house.targetKey.privateKey.toString() });
    await house.api.permissions.add({
      name: 'bob',
      users: ['bob'],
      assets: ['web2'],
      accounts: [me],
      actions: ['connect', 'download'],
    });
    const as = { login: 'bob', key: bob };
    expect(printed((await sftp(['ls -1 /', 'ls -1 /prod/web/web2'], as)).stdout)).toEqual([
      '/prod',
      `/prod/web/web2/${me}`,
    ]);
    expect((await sftp([`get ${B}/tmp/y bobs`], as)).code).toBe(0);
    const refused = await sftp([`put big ${B}/tmp/bobs`], as);
    expect(refused.stderr).toMatch(/Permission denied/);
    // the same for what he may not see and for what is not there
    for (const path of ['/web1', `/web1/${me}/etc`, '/prod/web/web2/other', '/nothing'])
      expect((await sftp([`ls ${path}`], as)).stderr).toMatch(new RegExp(`Can't ls: "${path}" not found`));
    expect(await house.audit({ action: 'access.deny', actor: 'bob' })).toEqual([]);
  });

  test('an account whose secret is typed is not listed', async () => {
    await house.api.permissions.add({
      name: 'input',
      users: ['alice'],
      assets: ['web1'],
      accounts: ['@input', '@user'],
    });
    expect(printed((await sftp(['ls -1 /web1'])).stdout)).toEqual([`/web1/${me}`]);
  });

  test('an account without a secret of ours is entered with the forwarded agent, and says so without one', async () => {
    await house.api.assets.add({ name: 'mine', address: '127.0.0.1', protocols: [{ name: 'ssh', port: web2.port }] });
    await house.api.accounts.add({ asset: 'mine', login: me, agent: true });
    const without = await sftp([`ls -1 /mine/${me}`]);
    expect(without.stderr).toMatch(/bastion: .*agent/);
    // a connection of its own asks anew
    const command = ['sftp', '-A', '-q', ...auth(), '-b', '-', 'alice@127.0.0.1'];
    const add = `ssh-add -q ${house.targetKey.file} && exec "$@"`;
    const result = await run('ssh-agent', ['sh', '-c', add, 'sh', ...command], {
      cwd: here,
      stdin: `ls -1 /mine/${me}\n`,
    });
    expect(printed(result.stdout)).toEqual([`/mine/${me}/home`, `/mine/${me}/secret`, `/mine/${me}/tmp`]);
  });

  test('a key for internal-sftp alone has the tree, one for another command nothing', async () => {
    const api = house.api;
    for (const [name, command] of [
      ['eve', 'internal-sftp -R'],
      ['mallory', 'true'],
    ] as const) {
      const key = await house.addUser(name);
      await api.keys.remove({ name, fingerprint: (await api.keys.list({ name }))[0]!.fingerprint });
      await api.keys.add({ name, key: `command="${command}" ${key.publicKey}` });
      await api.permissions.add({ name, users: [name], assets: ['web1'], accounts: ['@all'] });
      const result = await sftp(['ls -1 /'], { login: name, key });
      if (name === 'eve') {
        expect(printed(result.stdout)).toEqual(['/web1']);
        // -R: to read only, whatever the permission says
        const made = await sftp([`mkdir /web1/${me}/tmp/eves`], { login: name, key });
        expect(made.stderr).toContain('you may not upload to web1');
      } else expect([result.code, result.stderr]).toEqual([255, expect.stringContaining('say where to')]);
    }
  });

  test('a permission that goes ends what it gave, and nothing else', async () => {
    const carol = await house.addUser('carol');
    await house.api.permissions.add({ name: 'carol1', users: ['carol'], assets: ['web1'], accounts: ['@all'] });
    await house.api.permissions.add({ name: 'carol2', users: ['carol'], assets: ['web2'], accounts: ['@all'] });
    const child = start('sftp', ['-q', ...auth(carol), 'carol@127.0.0.1'], { cwd: here });
    const ended = finished(child);
    let shown = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (shown += chunk));
    child.stdin!.write(`ls ${A}\nls ${B}\n!echo both\n`);
    await eventually('both', () => /\bboth\n/.test(shown) || undefined);
    expect(
      (await house.api.sessions.list({ live: true, limit: 100 })).items.filter(({ user }) => user === 'carol'),
    ).toHaveLength(2);
    await house.api.permissions.remove({ name: 'carol1' });
    await eventually('the reason', () => /Your access to web1 was withdrawn/.test(shown) || undefined);
    child.stdin!.write(`ls ${A}\nls ${B}/tmp/y\nls -1 /\n!echo again\n`);
    await eventually('the rest', () => /\bagain\n/.test(shown) || undefined);
    expect(shown).toContain(`${B}/tmp/y`);
    expect(shown).toMatch(/\n\/prod\s*\n/);
    child.stdin!.end('bye\n');
    expect((await ended).code).toBe(0);
    await eventually(
      'its sessions to end',
      async () =>
        (await house.api.sessions.list({ live: true, limit: 100 })).items.every(({ user }) => user !== 'carol') ||
        undefined,
    );
  });

  test('an administrator ends one session of the tree; the other goes on', async () => {
    const child = start('sftp', ['-q', ...auth(), 'alice@127.0.0.1'], { cwd: here });
    const ended = finished(child);
    let shown = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (shown += chunk));
    child.stdin!.write(`ls ${A}\nls ${B}\n!echo both\n`);
    await eventually('both', () => /\bboth\n/.test(shown) || undefined);
    const { id } = await house.live((row) => row.asset === 'web2');
    await house.api.sessions.end({ id });
    await eventually('the reason', () => /Terminated by/.test(shown) || undefined);
    child.stdin!.write(`ls -1 ${A}/one\nls ${B}\nbye\n`);
    await ended;
    expect(shown).toContain(`${A}/one`);
    expect(shown).toMatch(/remote readdir\(".*"\): Failure/);
  });
});

describe('targets', () => {
  test('one killed in the middle fails the transfer, and only that', async () => {
    const doomed = await startSshd({
      authorizedKeys: [house.targetKey.publicKey],
      config: [`ChrootDirectory ${root2}`],
    });
    await addTarget(house, 'doomed', doomed);
    const big = join(here, 'huge');
    expect((await run('truncate', ['-s', '2G', big])).code).toBe(0);
    const child = start('sftp', ['-q', ...auth(), '-b', '-', 'alice@127.0.0.1'], { cwd: here });
    const ended = finished(child);
    child.stdin!.end(`-put huge /doomed/${me}/tmp/huge\nget ${A}/one after\n`);
    await eventually(
      'bytes on the target',
      () => (existsSync(join(root2, 'tmp/huge')) && statSync(join(root2, 'tmp/huge')).size > 1e6) || undefined,
    );
    await doomed.stop();
    const result = await ended;
    rmSync(big);
    rmSync(join(root2, 'tmp/huge'));
    expect(result.stderr).toMatch(/The connection to doomed was lost/);
    expect(result.code).toBe(0);
    expect(sha256(readFileSync(join(here, 'after')))).toBe(sha256(content));
    const row = await eventually('its row', async () => (await transfers('/tmp/huge')).at(0));
    expect(row).toMatchObject({ asset: 'doomed', direction: 'upload', result: 'failed' });
    // nothing listens there any more: it is said, and the tree goes on
    const again = await sftp([`-ls /doomed/${me}`, `ls -1 ${A}/one`]);
    expect(again.stderr).toMatch(/bastion: /);
    expect(again.stdout).toContain(`${A}/one`);
  });
});
