import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

let house: House;
const started: Sshd[] = [];

beforeAll(async () => {
  house = await startHouse({ config: { ssh: { connect_timeout: '3s' } } });
});
afterAll(async () => {
  await Promise.all([house?.[Symbol.asyncDispose](), ...started.map((sshd) => sshd.stop().catch(() => {}))]);
});

async function target(options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> {
  const sshd = await startSshd({ authorizedKeys: [house.targetKey.publicKey], ...options });
  started.push(sshd);
  return sshd;
}

const ssh = (login: string, command = 'whoami') => house.bastion.ssh(login, house.key.file, [command]);
const fingerprint = async (sshd: Sshd) =>
  (await run('ssh-keygen', ['-lf', `${sshd.hostKeyFiles[0]}.pub`])).stdout.split(' ')[1]!;

test('the first key is shown, pinned and audited; another one is refused until it is accepted', async () => {
  const first = await target();
  await addTarget(house, 'db1', first);
  using terminal = house.terminal('alice@db1');
  await terminal.shows(PROMPT);
  const old = await fingerprint(first);
  expect(terminal.screen().replaceAll('\n', '')).toContain(
    `First connection to db1: its ssh-ed25519 host key ${old} is now pinned.`,
  );
  terminal.enter('exit');
  await terminal.exit;
  expect((await house.audit({ action: 'host-key.pin', target: 'db1' }))[0]).toMatchObject({
    actor: { name: 'alice' },
    details: { fingerprint: old },
  });
  expect(await house.bastion.ok(['host-key', 'list'])).toMatch(
    new RegExp(`db1 .*pinned .*${old.replaceAll('+', '\\+')}`),
  );

  const { port } = first;
  await first.stop();
  const second = await target({ port });
  const now = await fingerprint(second);
  const refused = await ssh('alice@db1');
  expect(refused).toMatchObject({ code: 254, stdout: '' });
  expect(refused.stderr).toContain(`The host key of db1 changed (now ssh-ed25519 ${now})`);
  expect(refused.stderr).toContain('`bastion host-key accept db1`');
  expect(second.log()).not.toMatch(/Accepted publickey/);
  expect((await house.audit({ action: 'host-key.changed' }))[0]).toMatchObject({ outcome: 'denied' });
  expect(await house.bastion.ok(['host-key', 'list'])).toMatch(/changed/);

  await house.bastion.ok(['host-key', 'accept', 'db1']);
  expect(await ssh('alice@db1')).toMatchObject({ code: 0, stdout: `${TEST_USER.name}\n` });
  await house.bastion.ok(['host-key', 'forget', 'db1']);
  expect(await ssh('alice@db1')).toMatchObject({ code: 0 });
});

test('one and two jump assets: each key pinned for itself, each passage audited, a jump that is down is named', async () => {
  const [outer, inner, last] = [await target(), await target(), await target()];
  await addTarget(house, 'outer', outer);
  await addTarget(house, 'inner', inner, { via: 'outer' });
  await addTarget(house, 'last', last, { via: 'inner' });
  // the way in needs no permission of its own, only the asset at its end
  await house.bastion.ok([
    'permission',
    'add',
    'last',
    '--user',
    'alice',
    '--asset',
    'last,inner',
    '--account',
    '@all',
  ]);
  await house.api.permissions.remove({ name: 'alice' });

  expect(await ssh('alice@inner')).toMatchObject({ code: 0, stdout: `${TEST_USER.name}\n`, stderr: '' });
  const two = await ssh('alice@last', 'echo $SSH_CONNECTION');
  expect(two).toMatchObject({ code: 0, stderr: '' });
  expect(two.stdout.trim().split(' ').at(-1)).toBe(String(last.port));
  expect((await ssh('alice@outer')).code).toBe(254);

  const pinned = await house.bastion.json<{ asset: string; fingerprint: string }[]>(['host-key', 'list']);
  for (const [name, sshd] of [
    ['outer', outer],
    ['inner', inner],
    ['last', last],
  ] as const) {
    expect(pinned.filter(({ asset }) => asset === name).map((key) => key.fingerprint)).toEqual([
      await fingerprint(sshd),
    ]);
  }
  const passed = await house.audit({ action: 'asset.pass', actor: 'alice' });
  expect(passed.map(({ target: to }) => to?.name).sort()).toEqual(['inner', 'outer', 'outer']);
  expect(await house.bastion.ok(['asset', 'test', 'last'])).toMatch(/last answers through outer, inner/);

  // the target behind it is down, then the jump asset itself
  await last.stop();
  expect((await ssh('alice@last')).stderr).toMatch(
    /^bastion: inner cannot connect to last \(127\.0\.0\.1:\d+\): check/,
  );
  using terminal = house.terminal('alice@inner');
  await terminal.shows(PROMPT);
  await outer.stop();
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  expect(terminal.screen()).toMatch(/The connection to inner was lost/);
  const down = await ssh('alice@inner');
  expect(down.code).toBe(254);
  expect(down.stderr).toMatch(/^bastion: outer \(127\.0\.0\.1:\d+\) refused the connection/);
  await house.api.permissions.add({ name: 'alice', users: ['alice'], folders: ['/'], accounts: ['@all'] });
});

test('an old device speaks only old algorithms: refused with advice, reached with a legacy platform', async () => {
  const old = await target({
    config: ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes128-cbc', 'MACs hmac-sha1'],
  });
  await addTarget(house, 'switch', old);
  const modern = await ssh('alice@switch');
  expect(modern.code).toBe(254);
  expect(modern.stderr).toMatch(/share no key exchange method: if it is an old device, set a platform with legacy/);
  const platforms = await house.bastion.json<{ name: string; legacyAlgorithms: boolean }[]>(['platform', 'list']);
  const legacy = platforms.find((platform) => platform.legacyAlgorithms)!;
  await house.bastion.ok(['asset', 'set', 'switch', '--platform', legacy.name]);
  expect(await ssh('alice@switch')).toMatchObject({ code: 0, stdout: `${TEST_USER.name}\n` });
});

test('a host that speaks GBK is UTF-8 on the terminal and in the recording, both ways', async () => {
  await addTarget(house, 'gbk', house.sshd, { charset: 'gbk' });
  using terminal = house.terminal('alice@gbk');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  terminal.enter("printf '\\xc4\\xe3\\xba\\xc3\\n'");
  await terminal.shows(/\n你好\n/);
  terminal.enter('cat > gbk.txt; od -An -tx1 gbk.txt; rm gbk.txt');
  await eventually('cat to run', () => /od -An/.test(terminal.screen()) || undefined);
  terminal.type('你好\r\x04');
  await terminal.shows(/ c4 e3 ba c3 0a/);
  terminal.enter('exit');
  await terminal.exit;
  await house.settled(id);
  const replay = await house.bastion.ok(['session', 'replay', id, '--speed', 'max']);
  expect(replay).toContain('你好\r\n');
});
