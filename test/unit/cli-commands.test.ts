import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import type { SessionRow } from '../../src/store/model.ts';
import type { Store } from '../../src/store/store.ts';
import { run } from '../kit/process.ts';
import { commandRow, sessionRow, transferRow } from '../kit/rows.ts';
import { cli, realData } from './cli-kit.ts';
import { actor, draft, newAsset, newUser, tempDir } from './store-kit.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbGTfy5VYSSCTTDXKTK9YlTeZgRlZjCnZQ0XyKeNpVo alice@laptop';

async function addSession(store: Store, more: Partial<SessionRow> = {}): Promise<SessionRow> {
  const user =
    (await store.users.byName('alice')) ?? (await store.users.create(newUser('alice'), draft('user.create')));
  const asset =
    (await store.assets.byName('web1')) ?? (await store.assets.create(newAsset('web1'), draft('asset.create')));
  const row = sessionRow({
    userId: user.id,
    assetId: asset.id,
    startedAt: Date.now() - 60_000,
    recording: 'ready',
    ...more,
  });
  await store.sessions.create(row, { ...draft('session.start'), actor });
  return row;
}

test('a way from nothing to a permission, and why it allows', async () => {
  const { backend, store, data } = await realData();
  const keyFile = join(data, 'alice.pub');
  writeFileSync(keyFile, `# my key\n${KEY}\n`);
  const run = async (...args: string[]) => {
    const result = await cli(backend, args);
    expect(result, args.join(' ')).toMatchObject({ code: 0 });
    return result;
  };
  await run('user', 'add', 'alice', '--key-file', keyFile, '--until', '+30d', '--display-name', 'Alice A.');
  await run('group', 'add', 'ops', '--comment', 'operators');
  await run('group', 'join', 'ops', 'alice');
  await run('asset', 'add', 'gate', '--address', '192.0.2.1', '--protocol', 'ssh:2022');
  await run(
    'asset',
    'add',
    'web1',
    '--address',
    '192.0.2.2',
    '--folder',
    '/prod/web',
    '--label',
    'env=prod,tier=1',
    '--via',
    'gate',
  );
  await run('account', 'add', 'web1', 'root');
  await run(
    'permission',
    'add',
    'ops',
    '--group',
    'ops',
    '--folder',
    '/prod',
    '--account',
    'root,@user',
    '--until',
    '2099-12-31',
  );

  const shown = JSON.parse((await run('asset', 'show', 'web1', '--json')).stdout) as Record<string, unknown>;
  expect(shown).toMatchObject({ name: 'web1', via: 'gate', folder: '/prod/web', labels: { env: 'prod', tier: '1' } });
  expect(typeof shown.id).toBe('string');
  expect(JSON.parse((await run('group', 'list', '--json')).stdout)).toMatchObject([
    { name: 'ops', members: ['alice'] },
  ]);
  expect((await run('user', 'show', 'alice')).stdout).toMatch(
    /^valid until +20\d\d-\d\d-\d\d \d\d:\d\d \(in \d+(d|mo)\)$/m,
  );

  const why = await run('access', 'explain', 'alice', 'web1', '--account', 'root');
  expect(why.stdout).toMatch(/^alice may use web1 as root/);
  expect(why.stdout).not.toMatch(/Of one account/);
  await run('account', 'add', 'web1', 'alice');
  expect((await run('access', 'explain', 'alice', 'web1')).stdout).toMatch(
    /^Of one account, .*bastion .*access explain alice web1 --account alice$/m,
  );
  const idle = await run('permission', 'set', 'ops', '--forward-to', 'db1:5432');
  expect(idle.stdout).toMatch(/It forwards nothing: --forward-to counts only together with the action forward\.$/m);
  expect((await run('permission', 'set', 'ops', '--action', 'connect,forward')).stdout).toBe(
    'Permission ops changed.\n',
  );
  await run('permission', 'set', 'ops', '--inactive');
  const whyNot = await run('access', 'explain', 'alice', 'web1', '--account', 'root', '--json');
  expect(JSON.parse(whyNot.stdout)).toMatchObject({ allowed: false });
  await run('permission', 'set', 'ops', '--active', '--clear', 'groups', '--user', 'alice');
  expect((await store.permissions.byName('ops'))?.groups).toEqual([]);

  await run(
    'user',
    'key',
    'remove',
    'alice',
    (await store.keys.listOf((await store.users.byName('alice'))!.id))[0]!.fingerprint,
  );
  await run('folder', 'move', '/prod', '/live');
  expect((await run('asset', 'list')).stdout).toMatch(/web1 .*\/live\/web/);
  const audit = JSON.parse((await run('audit', 'list', '--json', '--action', 'user.create')).stdout) as unknown[];
  expect(audit).toHaveLength(1);
});

test('exit codes: not found 3, conflict 4, wrong usage 2; one line that starts with bastion:', async () => {
  const { backend } = await realData();
  await cli(backend, ['group', 'add', 'ops']);
  for (const [code, args] of [
    [3, ['user', 'show', 'nobody']],
    [4, ['group', 'add', 'ops']],
    [2, ['group', 'add']],
    [2, ['group', 'frobnicate']],
    [2, ['frobnicate', 'list']],
    [2, ['user', 'add', 'x', '--until', 'tomorrow']],
    [2, ['user', 'add', 'a:b']],
    [2, ['permission', 'add', 'p', '--user', 'a', '--asset', 'b']],
    [2, ['asset', 'add', 'x', '--protocol', 'gopher']],
    [2, ['group', 'set', 'ops']],
    [2, ['account', 'set', 'web1', 'root']],
    [2, ['user', 'set', 'alice']],
    [2, ['session', 'export', 'x']],
    [2, []],
  ] as const) {
    const result = await cli(backend, args);
    expect(result.code, args.join(' ')).toBe(code);
    expect(result.stdout).toBe('');
    if (args.length > 0) expect(result.stderr).toMatch(/^bastion: \S/);
    expect(result.stderr).not.toMatch(/\n +at /);
  }
});

test('an unknown command is told with what may have been meant', async () => {
  const { backend } = await realData();
  expect((await cli(backend, ['user', 'lst'])).stderr).toBe(
    'bastion: unknown command \'lst\'\n(Did you mean list?)\nSee "bastion user --help".\n',
  );
});

test('--data and --config are taken before and after the words', async () => {
  const { backend } = await realData();
  const places: unknown[] = [];
  const noting = { ...backend, serve: async (place: unknown) => (places.push(place) > 0 ? 7 : 0) };
  expect((await cli(noting, ['--data', 'a', 'serve', '--config=f'])).code).toBe(7);
  await cli(noting, ['serve', '--demo', '--data', 'a', '--config', 'f']);
  expect(places).toEqual([
    { configFile: 'f', data: 'a', demo: false },
    { configFile: 'f', data: 'a', demo: true },
  ]);
});

test('lists: an array with --json, a hint on stderr when empty', async () => {
  const { backend } = await realData();
  const lists = [
    'user',
    'group',
    'asset',
    'account',
    'permission',
    'token',
    'ca',
    'lockout',
    'host-key',
    'session',
    'audit',
    'platform',
    'folder',
    'filter',
    'review',
    'command',
    'transfer',
  ];
  for (const what of lists) {
    const json = await cli(backend, [what, 'list', '--json']);
    expect(Array.isArray(JSON.parse(json.stdout)), what).toBe(true);
    const plain = await cli(backend, [what, 'list']);
    expect(plain.code).toBe(0);
    if (JSON.parse(json.stdout).length === 0)
      expect(plain).toMatchObject({ stdout: '', stderr: expect.stringMatching(/\S\n$/) });
  }
});

test('secrets come by standard input or file and never come back', async () => {
  const { backend, store } = await realData();
  const outputs: string[] = [];
  const run = async (args: string[], stdin?: string) => {
    const result = await cli(backend, args, stdin);
    expect(result, args.join(' ')).toMatchObject({ code: 0 });
    outputs.push(result.stdout, result.stderr);
    return result;
  };
  await run(['asset', 'add', 'web1']);
  await run(['user', 'add', 'bob', '--password-stdin', '--json'], 'correct horse 77!\n');
  await run(['account', 'add', 'web1', 'root', '--password-stdin', '--json'], 'Tr0ub4dor&3\n');
  await run(['account', 'list', '--json']);
  await run(['user', 'show', 'bob', '--json']);
  expect(outputs.join('')).not.toMatch(/correct horse|Tr0ub4dor/);
  const asset = (await store.assets.byName('web1'))!;
  expect((await store.accounts.byLogin(asset.id, 'root'))?.secretKind).toBe('password');
  expect((await store.users.byName('bob'))?.hasPassword).toBe(true);

  const made = await run(['account', 'add', 'web1', 'deploy', '--generate-key']);
  expect(made.stdout).toMatch(/^ssh-ed25519 AAAA/m);
  expect(made.stdout).not.toContain('PRIVATE');
  const stray = await cli(backend, ['user', 'add', 'eve', '--password-stdin', 'hunter2'], 'x\n');
  expect(stray.code).toBe(2);
  expect(stray.stderr).not.toContain('hunter2');
  expect((await cli(backend, ['user', 'add', 'eve', '--password-stdin'], '')).stderr).toContain(
    'The password is empty',
  );
});

test('an invite is printed once and accepted with a password from standard input', async () => {
  const { backend, store } = await realData();
  const added = await cli(backend, ['user', 'add', 'carol']);
  const token = /bastion user accept-invite (\S+)/.exec(added.stdout)?.[1];
  expect(token).toBeDefined();
  const accepted = await cli(backend, ['user', 'accept-invite', token!, '--password-stdin'], 'a long pass phrase 9\n');
  expect(accepted).toMatchObject({ code: 0, stdout: 'carol can log in now, with the password.\n' });
  expect((await store.users.byName('carol'))?.hasPassword).toBe(true);
  expect(
    (await cli(backend, ['user', 'accept-invite', token!, '--password-stdin'], 'another pass phrase 9\n')).code,
  ).toBe(1);
  const unasked = await cli(backend, ['user', 'accept-invite', 'x']);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--password-stdin or --key-file') });
});

test('a private key is refused where a public one is wanted', async () => {
  const { backend, data } = await realData();
  const file = join(data, 'id');
  writeFileSync(file, '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n');
  const result = await cli(backend, ['user', 'add', 'dave', '--key-file', file]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('this is a private key');
  expect(result.stderr).not.toContain('c2VjcmV0');
});

test('control characters of names do not reach the terminal', async () => {
  const { backend, store } = await realData();
  await addSession(store, { command: 'echo \u001b]52;c;aGk=\u0007\u009b31m x', use: 'exec' });
  const listed = await cli(backend, ['session', 'list']);
  expect(listed.stdout).toContain('echo ]52;c;aGk=31m x');
  expect(listed.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('sessions are listed by use, door and text; a list has every row, however many pages it takes', async () => {
  const { backend, store } = await realData();
  await addSession(store, { use: 'files', command: null });
  await addSession(store, { via: 'web', account: 'deploy' });
  const listed = async (...options: string[]) =>
    (JSON.parse((await cli(backend, ['session', 'list', '--json', ...options])).stdout) as object[]).length;
  expect(await listed()).toBe(2);
  expect(await listed('--use', 'files')).toBe(1);
  expect(await listed('--via', 'web', '--text', 'DEPLOY')).toBe(1);
  expect(await listed('--until', '2001-01-01')).toBe(0);
  expect((await cli(backend, ['session', 'list', '--use', 'nothing'])).code).toBe(2);

  const many = Array.from({ length: 1050 }, (_, i) => newAsset(`n${i}`));
  await store.assets.createMany(many, draft('asset.create'));
  const assets = JSON.parse((await cli(backend, ['asset', 'list', '--json'])).stdout) as { name: string }[];
  expect(assets.map(({ name }) => name)).toEqual([...many.map(({ name }) => name), 'web1']);
});

test('a session is found by the end of its id; several are told; what needs the daemon says so', async () => {
  const { backend, store } = await realData();
  const one = await addSession(store, { id: '01k0000000000000000000aaaa' as SessionId });
  await addSession(store, { id: '01k0000000000000000000baaa' as SessionId });
  expect(JSON.parse((await cli(backend, ['session', 'show', 'AAAA', '--json'])).stdout)).toMatchObject({
    id: one.id,
    user: 'alice',
  });
  expect((await cli(backend, ['session', 'show', 'baaa'])).stdout).toMatch(/^commands +0$/m);
  await store.commands.add([commandRow({ sessionId: one.id })]);
  expect((await cli(backend, ['session', 'show', 'aaaa'])).stdout).toMatch(
    /^commands +1: .*bastion command list --session 0000aaaa$/m,
  );
  expect((await cli(backend, ['session', 'show', 'aaaa'])).stdout).not.toMatch(/^transfers/m);
  await store.transfers.add([transferRow({ sessionId: one.id })], draft('transfer.end'));
  expect((await cli(backend, ['session', 'show', 'aaaa'])).stdout).toMatch(
    /^transfers +1: .*bastion transfer list --session 0000aaaa$/m,
  );
  const several = await cli(backend, ['session', 'show', 'aaa']);
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('is the id of 2 sessions') });
  expect((await cli(backend, ['session', 'show', 'zzz'])).code).toBe(3);
  const lock = await cli(backend, ['session', 'lock', 'aaaa']);
  expect(lock).toMatchObject({ code: 1, stderr: expect.stringContaining('Start it with "bastion serve"') });
  expect((await cli(backend, ['session', 'list', '--limit', '1', '--json'])).stdout.match(/"id"/g)).toHaveLength(1);
});

const CAST = '{"version":2,"width":80,"height":24}\n[0.5,"o","héllo "]\n[9.5,"o","world\\r\\n"]\n[9.6,"m","x"]\n';

test('export writes the recording whole, for its owner only', async () => {
  const id = newId<SessionId>();
  const { backend, store } = await realData({ [id]: CAST });
  await addSession(store, { id });
  const dir = tempDir();
  const file = join(dir, 'out.cast');
  expect((await cli(backend, ['session', 'export', id, '--to', file])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(CAST);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await cli(backend, ['session', 'export', id, '--to', '-'])).stdout).toBe(CAST);
  mkdirSync(join(dir, 'sub'));
  const nowhere = await cli(backend, ['session', 'export', id, '--to', join(dir, 'none', 'x.cast')]);
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no such directory') });
  const onto = await cli(backend, ['session', 'export', id, '--to', join(dir, 'sub')]);
  expect(onto.code).toBe(2);
  // a pipe or a device is written to, never replaced by a file
  const pipe = join(dir, 'pipe');
  expect((await run('mkfifo', [pipe])).code).toBe(0);
  const reader = run('cat', [pipe]);
  expect((await cli(backend, ['session', 'export', id, '--to', pipe])).code).toBe(0);
  expect((await reader).stdout).toBe(CAST);
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test('replay into a pipe writes the output as it was', async () => {
  const id = newId<SessionId>();
  const { backend, store } = await realData({ [id]: CAST });
  await addSession(store, { id });
  for (const speed of ['0', 'max']) {
    expect(await cli(backend, ['session', 'replay', id, '--speed', speed])).toEqual({
      code: 0,
      stdout: 'héllo world\r\n',
      stderr: '',
    });
  }
  expect((await cli(backend, ['session', 'replay', id, '--idle-limit', '0.01'])).stdout).toBe('héllo world\r\n');
  expect((await cli(backend, ['session', 'replay', id, '--at', '10'])).stdout).toBe('héllo world\r\n');
  expect((await cli(backend, ['session', 'replay', id, '--speed', 'fast'])).code).toBe(2);
});

test('TOTP without a terminal: the first code comes by standard input, the result is one JSON object', async () => {
  const { backend } = await realData();
  await cli(backend, ['user', 'add', 'tom']);
  const wrong = await cli(backend, ['user', 'totp', 'enable', 'tom', '--json'], '000000\n');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^otpauth:\/\/totp\//);
});

test('the socket a killed daemon left behind stands for a stopped daemon', async () => {
  const { backend, data } = await realData();
  const program = `require('node:net').createServer().listen(${JSON.stringify(join(data, 'admin.sock'))}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await cli(backend, ['user', 'list', '--json'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

test('CSV import: all or none, problems with their lines, a dry run that changes nothing', async () => {
  const { backend, store, data } = await realData();
  const file = join(data, 'assets.csv');
  writeFileSync(
    file,
    'name,address,protocol,folder,labels,via,login\ngate,192.0.2.1,ssh:2022,,,,\nweb1,192.0.2.2,,/prod,env=prod,gate,root\n',
  );
  const dry = await cli(backend, ['asset', 'import', file, '--dry-run']);
  expect(dry).toMatchObject({
    code: 0,
    stdout: `${file}: 2 assets and 1 account would be added; nothing was changed.\n`,
  });
  expect(await store.assets.list()).toEqual([]);
  expect(await cli(backend, ['asset', 'import', file])).toMatchObject({
    code: 0,
    stdout: '2 assets and 1 account added.\n',
  });
  const web1 = (await store.assets.byName('web1'))!;
  expect(web1).toMatchObject({
    folder: '/prod',
    labels: { env: 'prod' },
    viaId: (await store.assets.byName('gate'))!.id,
  });
  expect(await store.accounts.list(web1.id)).toHaveLength(1);

  writeFileSync(file, 'name,address,platform\nnew1,192.0.2.3,\nweb1,192.0.2.4,\nnew2,192.0.2.5,toaster\n');
  for (const args of [
    ['asset', 'import', file, '--dry-run'],
    ['asset', 'import', file],
  ]) {
    const refused = await cli(backend, args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/nothing was added.*\n {2}line 3: .*\n {2}line 4: .*toaster/);
  }
  expect(await store.assets.byName('new1')).toBeUndefined();
});

test('--json shows what somebody ran without doing it to the terminal', async () => {
  const { backend, store } = await realData();
  const command = 'echo \x1b[2J\x7f\u009b2J\u202e';
  await addSession(store, { use: 'exec', command });
  const { stdout } = await cli(backend, ['session', 'list', '--json']);
  expect(stdout).toContain('\\u001b[2J\\u007f\\u009b2J\\u202e');
  expect(JSON.parse(stdout)).toMatchObject([{ command }]);
});
