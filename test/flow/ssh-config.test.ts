import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { addTarget, type House, startHouse } from '../kit/house.ts';
import { run } from '../kit/process.ts';
import { type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

/** What `bastion ssh-config` prints, saved as it is, is all that real clients need. */
let house: House;
let second: Sshd;
let configFile: string;
let knownHosts: string;
const big = Buffer.alloc(3_000_000, 'The quick brown fox. ');

beforeAll(async () => {
  house = await startHouse();
  second = await startSshd({ authorizedKeys: [house.targetKey.publicKey] });
  await addTarget(house, 'Db1', second, { folder: '/prod/databases' });
  const { bastion, key, dir } = house;
  const where = ['--host', '127.0.0.1', '--port', String(bastion.sshPort)];
  knownHosts = join(dir, 'known_hosts');
  writeFileSync(knownHosts, await bastion.ok(['ssh-config', 'alice', ...where, '--known-hosts']));
  configFile = join(dir, 'config');
  const printed = await bastion.ok(['ssh-config', 'alice', ...where]);
  const own = `
Host *
  IdentityFile ${key.file}
  IdentitiesOnly yes
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
`;
  writeFileSync(configFile, printed + own);
  mkdirSync(join(dir, 'files'));
  writeFileSync(join(dir, 'files', 'big'), big);
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  await second?.stop();
});

const ssh = (...args: string[]) => run('ssh', ['-F', configFile, ...args], { stdin: '' });

describe('the printed configuration', () => {
  test('says what is there, by folders', async () => {
    const text = readFileSync(configFile, 'utf8');
    expect(text).toMatch(/^Host bastion\n {2}HostName 127\.0\.0\.1\n {2}Port \d+\n {2}User alice$/m);
    expect(text).toContain(
      `# /prod/databases\n\nHost Db1\n  HostName Db1\n  ProxyJump bastion\n  User ${TEST_USER.name}\n`,
    );
    expect(text.indexOf('Host web1')).toBeLessThan(text.indexOf('# /prod/databases'));
    expect(readFileSync(knownHosts, 'utf8')).toMatch(
      /^(\[127\.0\.0\.1\]:\d+ (ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) \S+\n){3}@cert-authority db1,web1 ssh-ed25519 \S+ bastion-host-ca\n$/,
    );
  });

  test.each(['web1', 'Db1', 'WEB1'])('ssh %s', async (name) => {
    const alias = name === 'WEB1' ? ['-l', TEST_USER.name, '-J', 'bastion', name] : [name];
    const before = readFileSync(knownHosts, 'utf8');
    const result = await ssh(...alias, 'whoami; cat >&2; exit 7');
    expect(result).toMatchObject({ code: 7, stdout: `${TEST_USER.name}\n`, stderr: '' });
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);
  });

  test('the bastion itself has the host keys that were printed', async () => {
    const result = await ssh('bastion', 'true');
    expect(result.stderr).toMatch(/^bastion: say where to/);
    for (const type of ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512']) {
      const answer = await ssh('-o', `HostKeyAlgorithms=${type}`, 'bastion', 'true');
      expect(answer.stderr).toMatch(/^bastion: say where to/);
    }
  });

  test.each([[[]], [['-O']]])('scp %j there and back', async (mode) => {
    const { dir } = house;
    const name = `jump-${mode.length}-${process.pid}`;
    const there = await run('scp', [...mode, '-F', configFile, join(dir, 'files/big'), `web1:/tmp/${name}`]);
    expect(there).toMatchObject({ code: 0, stderr: '' });
    const back = await run('scp', [...mode, '-F', configFile, `web1:/tmp/${name}`, join(dir, name)]);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(sha256(readFileSync(join(dir, name)))).toBe(sha256(big));
    await ssh('web1', `rm /tmp/${name}`);
  });

  test('sftp, rsync and git', async () => {
    const { dir } = house;
    const name = `/tmp/jump-${process.pid}`;
    const batch = `mkdir ${name}\nput ${join(dir, 'files/big')} ${name}/one\nget ${name}/one ${join(dir, 'one')}\n`;
    expect(await run('sftp', ['-F', configFile, '-b', '-', 'web1'], { stdin: batch })).toMatchObject({ code: 0 });
    expect(sha256(readFileSync(join(dir, 'one')))).toBe(sha256(big));

    const rsync = ['-a', '-e', `ssh -F ${configFile}`];
    expect(await run('rsync', [...rsync, `${join(dir, 'files')}/`, `web1:${name}/sub/`])).toMatchObject({ code: 0 });
    expect(await run('rsync', [...rsync, `web1:${name}/sub/big`, join(dir, 'two')])).toMatchObject({ code: 0 });
    expect(sha256(readFileSync(join(dir, 'two')))).toBe(sha256(big));

    const env = { ...process.env, GIT_SSH_COMMAND: `ssh -F ${configFile}`, GIT_CONFIG_NOSYSTEM: '1', HOME: dir };
    await ssh('web1', `git init -q --bare ${name}/repo.git`);
    const git = async (...args: string[]) => {
      const result = await run('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { env, cwd: dir });
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout;
    };
    await git('clone', '-q', `web1:${name}/repo.git`, 'work');
    writeFileSync(join(dir, 'work', 'file'), 'content\n');
    await git('-C', 'work', 'add', 'file');
    await git('-C', 'work', 'commit', '-q', '-m', 'one');
    await git('-C', 'work', 'push', '-q', 'origin', 'HEAD:main');
    expect(await git('ls-remote', `web1:${name}/repo.git`, 'main')).toContain(
      (await git('-C', 'work', 'rev-parse', 'HEAD')).trim(),
    );
    await ssh('web1', `rm -r ${name}`);
  });
});

test('sshfs', async () => {
  const { dir } = house;
  const mount = join(dir, 'mount');
  mkdirSync(mount);
  expect(await run('sshfs', ['-F', configFile, 'web1:/tmp', mount])).toMatchObject({ code: 0 });
  const name = `jump-fs-${process.pid}`;
  try {
    writeFileSync(join(mount, name), big);
    expect(sha256(readFileSync(join(mount, name)))).toBe(sha256(big));
    unlinkSync(join(mount, name));
  } finally {
    expect(await run('fusermount', ['-u', mount])).toMatchObject({ code: 0 });
  }
});

describe('the command', () => {
  test('only what is asked for, and as JSON', async () => {
    const { bastion } = house;
    const view = await bastion.json<{ assets: { name: string }[]; bastion: object }>([
      'ssh-config',
      'alice',
      '--asset',
      'db1',
    ]);
    expect(view.assets).toMatchObject([
      { name: 'Db1', alias: 'Db1', account: TEST_USER.name, accounts: [TEST_USER.name], folder: '/prod/databases' },
    ]);
    // SSH listens on one address in this house, so that is where people are sent
    expect(view.bastion).toEqual({ alias: 'bastion', host: '127.0.0.1', port: bastion.sshPort });
    expect(await bastion.cli(['ssh-config', 'alice', '--asset', 'nowhere'])).toMatchObject({ code: 3 });
    expect(await bastion.cli(['ssh-config', 'nobody'])).toMatchObject({ code: 3 });
    expect(await bastion.cli(['ssh-config', 'alice', '--port', 'x'])).toMatchObject({ code: 2 });
  });

  test('without a daemon, on its data', async () => {
    const { bastion } = house;
    const running = await bastion.ok(['ssh-config', 'alice', '--known-hosts', '--host', 'b', '--port', '22']);
    await bastion.stop();
    expect(await bastion.ok(['ssh-config', 'alice', '--known-hosts', '--host', 'b', '--port', '22'])).toBe(running);
    expect(running).toMatch(/^b ssh-ed25519 /);
  });
});
