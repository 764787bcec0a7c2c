import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { addTarget, type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually, finished, type RunOptions, run, seen, start } from '../kit/process.ts';
import { freePort, type KeyPair, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Terminal } from '../kit/terminal.ts';

/** `ssh -J alice@bastion root@web1`: entered, judged and recorded as `alice@root@web1@bastion` is. */
let house: House;
let db: Sshd;
let six: Sshd;
let config: string;
let talkative: string;
let authority: string;
const me = TEST_USER.name;

beforeAll(async () => {
  house = await startHouse({ config: { ssh: { listen: '127.0.0.1:0', banner: 'Only for staff.\n' } } });
  const authorizedKeys = [house.targetKey.publicKey];
  [db, six] = await Promise.all([
    startSshd({ authorizedKeys }),
    startSshd({ authorizedKeys, config: ['ListenAddress ::1'] }),
  ]);
  await addTarget(house, 'db1', db);
  const { api, targetKey } = house;
  await api.assets.add({ name: 'six', address: '::1', protocols: [{ name: 'ssh', port: six.port }] });
  for (const login of [me, 'a@b', 'nobody%20'])
    await api.accounts.add({ asset: 'six', login, privateKey: targetKey.privateKey.toString() });
  await api.assets.add({ name: 'hidden', address: '127.0.0.1', protocols: [{ name: 'ssh', port: await freePort() }] });
  await api.permissions.remove({ name: 'alice' });
  await api.permissions.add({ name: 'alice', users: ['alice'], assets: ['web1', 'db1', 'six'], accounts: ['@all'] });
  authority = (await api.authorities.own({})).find(({ kind }) => kind === 'host')!.publicKey;
  config = configFor(house.key);
  // OpenSSH tells why the jump host refused a channel at its usual level only
  talkative = configFor(house.key, 'alice', 'talkative', 'INFO');
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  await db?.stop();
  await six?.stop();
});

/** Only the authority is known for assets, and nothing may be asked. */
function configFor(key: KeyPair, user = 'alice', name = 'config', level = 'ERROR'): string {
  const { bastion, dir } = house;
  const known = join(dir, 'known_hosts');
  writeFileSync(known, `@cert-authority * ${authority}\n`);
  const file = join(dir, name);
  writeFileSync(
    file,
    `Host bastion
  HostName 127.0.0.1
  Port ${bastion.sshPort}
  User ${user}
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
Host *
  StrictHostKeyChecking yes
  UserKnownHostsFile ${known}
  GlobalKnownHostsFile /dev/null
  IdentityFile ${key.file}
  IdentitiesOnly yes
  BatchMode yes
  LogLevel ${level}
`,
  );
  return file;
}

const jump = (args: readonly string[], options: RunOptions & { file?: string } = {}) =>
  run('ssh', ['-F', options.file ?? config, '-J', 'bastion', ...args], { stdin: '', ...options });

const sessions = async () => (await house.api.sessions.list({ limit: 100 })).items;

describe('entering an asset', () => {
  test.each([
    ['web1', () => [`${me}@web1`]],
    ['another asset', () => [`${me}@db1`]],
    ['by its name in capitals', () => [`${me}@WEB1`]],
    ['by its name and its own port', () => ['-p', String(house.sshd.port), `${me}@web1`]],
    ['by its address and port', () => ['-p', String(db.port), `${me}@127.0.0.1`]],
    ['by an IPv6 address', () => ['-p', String(six.port), `${me}@::1`]],
    ['by -W', () => ['-J', 'none', '-o', `ProxyCommand=ssh -F ${config} -W %h:%p bastion`, `${me}@web1`]],
    ['the one usable account', () => ['_@web1']],
  ])('%s: no prompt, exact exit code, streams apart', async (_what, args) => {
    const flags = args()[0] === '-J' ? args() : ['-J', 'bastion', ...args()];
    const result = await run('ssh', ['-F', config, ...flags, 'echo out; echo err >&2; cat; exit 9'], { stdin: 'in' });
    expect(result).toMatchObject({ code: 9, stdout: 'out\nin', stderr: 'err\n' });
  });

  test('by its id', async () => {
    const { id } = await house.api.assets.show({ name: 'web1' });
    expect(await jump([`${me}@${id}`, 'true'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('the session is recorded like any other, and its audit says how it came', async () => {
    await jump([`${me}@web1`, 'echo only-through-the-jump']);
    const row = (await sessions()).find(({ command }) => command === 'echo only-through-the-jump')!;
    expect(row).toMatchObject({ user: 'alice', asset: 'web1', account: me, via: 'ssh', use: 'exec' });
    const settled = await house.settled(row.id);
    expect(settled).toMatchObject({ recording: 'ready', exitCode: 0 });
    const cast = join(house.dir, 'jump.cast');
    await house.bastion.ok(['session', 'export', row.id, '--to', cast]);
    expect(readFileSync(cast, 'utf8')).toContain('only-through-the-jump');
    const [audit] = await house.audit({ action: 'session.start', target: row.id });
    expect(audit!.details).toMatchObject({ jump: 'web1:22' });
  });

  test('a terminal, with its size, as directly', async () => {
    using terminal = new Terminal('ssh', ['-F', config, '-J', 'bastion', '-tt', `${me}@web1`], { cols: 93, rows: 27 });
    await terminal.shows(PROMPT);
    terminal.enter('stty size; exit 5');
    expect((await terminal.exit).exitCode).toBe(5);
    expect(terminal.raw).toContain('27 93');
  });

  test('without the authority a client is asked for the host key of the bastion, once', async () => {
    const known = join(house.dir, 'plain_known_hosts');
    const flags = ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${known}`];
    expect(await jump([...flags, `${me}@web1`, 'true'])).toMatchObject({ code: 0 });
    const bastionKey = readFileSync(join(house.bastion.data, 'host_keys/ssh_host_ed25519_key.pub'), 'utf8');
    expect(readFileSync(known, 'utf8')).toContain(`web1 ${bastionKey.split(' ').slice(0, 2).join(' ')}`);
    expect(await jump(['-o', `UserKnownHostsFile=${known}`, `${me}@web1`, 'true'])).toMatchObject({ code: 0 });
  });
});

describe('accounts', () => {
  test('several: the forms to choose from are those of a jump', async () => {
    const result = await jump(['-p', String(six.port), '_@::1', 'true']);
    expect(result.code).toBe(254);
    expect(result.stderr).toBe(
      `bastion: several accounts are possible; say which: a@b@::1, ${me}@::1, nobody%2520@::1\n`,
    );
  });

  test.each(['nobody', 'alice', 'telnet@root', '@input'])('%s is none of them', async (account) => {
    const result = await jump(['-l', account, 'web1', 'true']);
    expect(result).toMatchObject({ code: 254, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^bastion: .*${me}.*\\n$`));
  });

  test('an @ may be written as it is or as %40', async () => {
    for (const account of ['a@b', 'a%40b']) {
      const result = await jump(['-l', account, 'six', 'true']);
      expect(result.stderr).toMatch(/^bastion: six did not accept the secret for a@b/);
    }
  });
});

describe('refusals', () => {
  test('an asset that is not there and one that is not theirs look the same', async () => {
    const said = async (host: string) => {
      const result = await jump([`${me}@${host}`, 'true'], { file: talkative });
      expect(result.code).toBe(255);
      return result.stderr.replaceAll(host, 'HOST');
    };
    const unknown = await said('nowhere');
    expect(unknown).toMatch(
      /open failed: administratively prohibited: HOST:22 is not the SSH port of an asset open to you/,
    );
    expect(await said('hidden')).toBe(unknown);
  });

  test('a port of the asset that is not its SSH port is no jump', async () => {
    const result = await jump(['-p', '80', `${me}@web1`, 'true'], { file: talkative });
    expect(result.stderr).toMatch(/administratively prohibited: web1:80 is not the SSH port of an asset open to you/);
  });

  test('forwarding inside needs action forward; with it, it starts at the asset', async () => {
    const greeter = createServer((socket) => socket.end('hello from the target\n'));
    greeter.listen(0, '127.0.0.1');
    await once(greeter, 'listening');
    const { port } = greeter.address() as { port: number };
    const through = () => jump(['-W', `127.0.0.1:${port}`, `${me}@web1`], { file: talkative });
    expect((await through()).stderr).toMatch(/administratively prohibited: .*forward/);
    const { api } = house;
    await api.permissions.add({
      name: 'fw',
      users: ['alice'],
      assets: ['web1'],
      accounts: ['@all'],
      actions: ['connect', 'forward'],
    });
    try {
      expect((await through()).stdout).toBe('hello from the target\n');
      const row = (await sessions()).find(({ use }) => use === 'forward')!;
      expect(row).toMatchObject({ asset: 'web1', destination: `127.0.0.1:${port}` });
    } finally {
      await api.permissions.remove({ name: 'fw' });
      greeter.close();
    }
  });

  test('agent forwarding is answered as in the direct form', async () => {
    const env = { ...process.env, SSH_AUTH_SOCK: join(house.dir, 'no-agent') };
    const { bastion, key } = house;
    const direct = await bastion.ssh(`alice@${me}@web1`, key.file, ['echo agent=$SSH_AUTH_SOCK'], {
      flags: ['-A'],
      env,
    });
    const inside = await jump(['-A', `${me}@web1`, 'echo agent=$SSH_AUTH_SOCK'], { env });
    expect({ code: inside.code, out: inside.stdout }).toEqual({ code: direct.code, out: direct.stdout });
  });
});

describe('through one another', () => {
  test('a jump inside a jump is answered here as well', async () => {
    const forwards = (await sessions()).filter(({ use }) => use === 'forward').length;
    const result = await run('ssh', ['-F', config, '-J', `bastion,${me}@web1`, `${me}@db1`, 'echo nested'], {
      stdin: '',
    });
    expect(result).toMatchObject({ code: 0, stdout: 'nested\n', stderr: '' });
    const row = (await sessions()).find(({ command }) => command === 'echo nested')!;
    expect(row).toMatchObject({ asset: 'db1', user: 'alice' });
    // nothing was forwarded for it
    expect((await sessions()).filter(({ use }) => use === 'forward')).toHaveLength(forwards);
  });

  test('not without end', async () => {
    const hops = ['bastion', ...Array.from({ length: 5 }, (_, i) => `${me}@${i % 2 ? 'db1' : 'web1'}`)].join(',');
    const result = await run('ssh', ['-F', talkative, '-J', hops, `${me}@db1`, 'true'], {
      stdin: '',
    });
    expect(result.code).toBe(255);
    expect(result.stderr).toMatch(/more than 4 jumps within one another/);
  });
});

describe('one connection for many', () => {
  test('ControlMaster on the jump and on the asset', async () => {
    const { dir } = house;
    const control = (name: string) => ['-o', `ControlPath=${join(dir, name)}`];
    const outer = start('ssh', ['-F', config, '-M', '-N', ...control('outer'), 'bastion']);
    await eventually(
      'the outer master',
      async () =>
        (await run('ssh', ['-F', config, ...control('outer'), '-O', 'check', 'bastion'])).code === 0 || undefined,
    );
    const proxy = `ProxyCommand=ssh -F ${config} -o ControlPath=${join(dir, 'outer')} -W %h:%p bastion`;
    const inner = start('ssh', ['-F', config, '-M', '-N', ...control('inner'), '-o', proxy, `${me}@web1`]);
    await eventually(
      'the inner master',
      async () =>
        (await run('ssh', ['-F', config, ...control('inner'), '-O', 'check', 'web1'])).code === 0 || undefined,
    );
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        run('ssh', ['-F', config, ...control('inner'), `${me}@web1`, `head -c 100000 /dev/zero | tr '\\0' ${i}`], {
          stdin: '',
        }),
      ),
    );
    for (const [i, { code, stdout }] of results.entries())
      expect([code, stdout]).toEqual([0, String(i).repeat(100_000)]);
    const ended = finished(inner);
    outer.kill();
    // the end of the outer connection is the end of the inner one
    expect((await ended).code).toBe(255);
  });
});

test('ansible with ProxyJump, and pipelining', async () => {
  const { dir } = house;
  const inventory = join(dir, 'hosts.ini');
  writeFileSync(
    inventory,
    `[all]\nweb1\ndb1\n[all:vars]\nansible_user=${me}\nansible_python_interpreter=/usr/bin/python3\nansible_ssh_common_args=-F ${config} -o ProxyJump=bastion\n`,
  );
  for (const pipelining of ['False', 'True']) {
    const env = { ...process.env, HOME: dir, ANSIBLE_PIPELINING: pipelining, ANSIBLE_LOCAL_TEMP: join(dir, 'ansible') };
    const result = await run('ansible', ['-i', inventory, 'all', '-m', 'ping'], { env });
    expect(result.stdout.match(/"ping": "pong"/g)).toHaveLength(2);
  }
});

describe('other clients', () => {
  test('paramiko, which tries no method none', async () => {
    const script = `
import paramiko, sys
port, key, me = int(sys.argv[1]), sys.argv[2], sys.argv[3]
def client(**options):
    c = paramiko.SSHClient()
    c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    c.connect(look_for_keys=False, allow_agent=False, **options)
    return c
outer = client(hostname='127.0.0.1', port=port, username='alice', key_filename=key)
for how in ({'key_filename': key}, {'password': 'not looked at'}):
    channel = outer.get_transport().open_channel('direct-tcpip', ('web1', 22), ('127.0.0.1', 0))
    inner = client(hostname='web1', username=me, sock=channel, **how)
    print(inner.exec_command('echo inside')[1].read().decode().strip())
    sftp = inner.open_sftp()
    print(len(sftp.listdir('/')) > 3)
`;
    const args = ['-c', script, String(house.bastion.sshPort), house.key.file, me];
    expect(await run('/usr/bin/python3', args)).toMatchObject({ stdout: 'inside\nTrue\ninside\nTrue\n' });
  });

  test('PuTTY, over plink as its proxy', async () => {
    const { bastion, key, dir } = house;
    const ppk = join(dir, 'alice.ppk');
    expect(await run('puttygen', [key.file, '-O', 'private', '-o', ppk])).toMatchObject({ code: 0 });
    const scan = await run('ssh-keyscan', ['-t', 'ed25519', '-p', String(bastion.sshPort), '127.0.0.1']);
    const hostKey = join(dir, 'bastion.pub');
    writeFileSync(hostKey, scan.stdout.split(' ').slice(1).join(' '));
    const fingerprint = (await run('ssh-keygen', ['-lf', hostKey])).stdout.split(' ')[1]!;
    const options = `-batch -ssh -hostkey ${fingerprint}`;
    const proxy = `plink ${options} -P ${bastion.sshPort} -i ${ppk} -nc %host:%port alice@127.0.0.1`;
    const result = await run(
      'plink',
      [...options.split(' '), '-proxycmd', proxy, `${me}@web1`, 'echo inside; exit 4'],
      {
        env: { ...process.env, HOME: dir },
      },
    );
    expect(result).toMatchObject({ code: 4, stdout: 'inside\n' });
  });
});

test('bytes survive in both directions', async () => {
  const bytes = Buffer.from(Uint32Array.from({ length: 2_000_000 }, (_, i) => (i * 2_654_435_761) >>> 0).buffer);
  const result = await jump([`${me}@web1`, 'cat'], { stdin: bytes });
  expect(sha256(result.bytes)).toBe(sha256(bytes));
});

describe('what ends it', () => {
  test('the person is disabled: both ends say so', async () => {
    const key = await house.addUser('carol');
    const own = configFor(key, 'carol', 'carol-config');
    await house.api.permissions.add({ name: 'carol', users: ['carol'], assets: ['web1'], accounts: ['@all'] });
    using terminal = new Terminal('ssh', ['-F', own, '-J', 'bastion', '-tt', `${me}@web1`]);
    await terminal.shows(PROMPT);
    const row = await house.live(({ user }) => user === 'carol');
    await house.api.users.disable({ name: 'carol' });
    expect((await terminal.exit).exitCode).not.toBe(0);
    expect(terminal.raw).toMatch(/Your access (?:to web1 was withdrawn|was ended)/);
    expect(await house.settled(row.id)).toMatchObject({ endCause: 'revoked' });
  });

  test('the permission goes: the session ends, and the next jump finds nothing', async () => {
    const { api } = house;
    const key = await house.addUser('dave');
    const own = configFor(key, 'dave', 'dave-config');
    await api.permissions.add({ name: 'dave', users: ['dave'], assets: ['db1'], accounts: ['@all'] });
    const client = start('ssh', ['-F', own, '-J', 'bastion', `${me}@db1`, 'echo up; sleep 60']);
    await seen(client.stdout!, /up/);
    const ended = finished(client);
    const outer = start('ssh', [
      '-F',
      own,
      '-N',
      '-M',
      '-o',
      `ControlPath=${join(house.dir, 'dave-control')}`,
      'bastion',
    ]);
    await eventually(
      'the connection',
      async () =>
        (
          await run('ssh', [
            '-F',
            own,
            '-o',
            `ControlPath=${join(house.dir, 'dave-control')}`,
            '-O',
            'check',
            'bastion',
          ])
        ).code === 0 || undefined,
    );
    await api.permissions.remove({ name: 'dave' });
    expect((await ended).code).not.toBe(0);
    const proxy = `ProxyCommand=ssh -F ${own} -o LogLevel=INFO -o ControlPath=${join(house.dir, 'dave-control')} -W %h:%p bastion`;
    const again = await run('ssh', ['-F', own, '-o', proxy, `${me}@db1`, 'true'], { stdin: '' });
    expect(again.code).toBe(255);
    outer.kill();
  });

  test('a forced command of the key holds inside, and so does no-pty', async () => {
    const { api, dir } = house;
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'forced')]);
    expect(made.code).toBe(0);
    const line = readFileSync(join(dir, 'forced.pub'), 'utf8').trim();
    await api.keys.add({ name: 'alice', key: `restrict,command="echo forced" ${line}` });
    const own = configFor({ ...house.key, file: join(dir, 'forced') }, 'alice', 'forced-config');
    const through = (...args: string[]) => run('ssh', ['-F', own, '-J', 'bastion', ...args], { stdin: '' });
    expect(await through(`${me}@web1`, 'rm -rf /')).toMatchObject({ code: 0, stdout: 'forced\n' });
    expect((await through('-tt', `${me}@web1`)).stderr).toMatch(/PTY allocation request failed/);
  });
});
