import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import type { AuditEntry } from '../kit/logins.ts';
import { type RunResult, run } from '../kit/process.ts';
import { Keys } from '../unit/auth-support.ts';

// One list of commands, run on a running daemon and on the data of a stopped one: every answer must be the same.

const SECRETS = ['seven quiet lanterns', 'target pass 0815!', 'another target pass', 'key passphrase 99'] as const;
const CSV = [
  'name,address,protocols,folder,labels,login',
  'db1,10.0.0.20,ssh:2200,/prod/db,"env=prod,tier=db",postgres',
  'db2,10.0.0.21,"ssh telnet",/prod/db,env=prod,',
  '',
].join('\n');
const BAD_CSV =
  'name,address,protocols\nok1,10.0.0.30,ssh\nbad two,10.0.0.31,ssh\nok3,10.0.0.32,gopher\nok1,10.0.0.33,ssh\nshort\n';

const dir = mkdtempSync(join(tmpdir(), 'bastion-same-'));
const keys = new Keys();
const file = (name: string) => join(dir, name);

/** The words of each command, then what it reads on standard input. */
type Command = readonly [words: string, stdin?: string];
const COMMANDS: readonly Command[] = [
  ['user list'],
  ['user add alice --display-name Alice --email alice@example.org --password-stdin', SECRETS[0]],
  [`user add bob --role auditor --until 2099-12-31 --key-file ${file('bob.pub')}`],
  ['user add carol'],
  ['user add alice --password-stdin', SECRETS[0]],
  ['user add "b a d"'],
  ['user set bob --rename robert --comment moved'],
  ['user show bob'],
  ['user show robert'],
  ['user list'],
  [`user key add alice --key-file ${file('alice.pub')}`],
  ['user key list alice'],
  ['user disable carol'],
  ['user enable carol'],
  ['group add ops --comment operators'],
  ['group add ops'],
  ['group join ops alice robert'],
  ['group join ops nobody'],
  ['group join nothing alice'],
  ['group leave ops robert'],
  ['group show ops'],
  ['group list'],
  ['folder add /prod/web --comment shop'],
  ['folder list'],
  ['asset add web1 --address 10.0.0.11 --folder /prod/web --label env=prod --comment first'],
  ['asset add inner --address 192.168.1.5 --protocol ssh:2222 --via web1 --folder /prod/web'],
  ['asset add web1 --address 10.0.0.12'],
  ['asset add x --address 10.0.0.12 --via nowhere'],
  [`asset import ${file('assets.csv')} --dry-run`],
  [`asset import ${file('assets.csv')}`],
  [`asset import ${file('bad.csv')}`],
  [`asset import ${file('missing.csv')}`],
  ['asset list'],
  ['asset list --folder /prod/db'],
  ['asset show db1'],
  ['account add web1 root --password-stdin', SECRETS[1]],
  [`account add web1 deploy --key-file ${file('locked')} --passphrase-stdin`, SECRETS[3]],
  [`account add inner admin --key-file ${file('locked')} --passphrase-stdin`, 'wrong'],
  ['account add inner root --generate-key'],
  ['account add inner root --generate-key'],
  ['account set web1 root --password-stdin', SECRETS[2]],
  ['account set web1 root --rename admin'],
  ['account list'],
  ['permission add ops --group ops --folder /prod/web --account @all --until 2099-01-01'],
  ['permission add label --user robert --label tier=db --account postgres --protocol ssh'],
  ['permission add none --user alice --asset nothing --account root'],
  ['permission add half --user alice'],
  ['permission list'],
  ['permission set label --action connect,forward --forward-to localhost:5432'],
  ['permission show label'],
  ['access explain alice web1'],
  ['access explain alice web1 --account admin'],
  ['access explain alice db1'],
  ['access explain robert db1'],
  ['access explain nobody db1'],
  ['folder move /prod/web /live/shop'],
  ['permission show ops'],
  ['access explain alice web1 --account admin'],
  ['asset set web1 --rename www1 --label env=live'],
  ['access explain alice www1'],
  ['asset remove www1'],
  ['folder remove /live/shop'],
  ['asset remove inner'],
  ['asset remove www1'],
  ['folder remove /live/shop'],
  ['permission show ops'],
  ['group remove ops'],
  ['permission list'],
  ['user remove alice'],
  ['token add robert --name ci'],
  ['token list'],
  ['token remove ci'],
  [`ca add company --key-file ${file('alice.pub')}`],
  ['ca list'],
  ['ca remove company'],
  ['lockout list'],
  ['lockout clear robert'],
  ['host-key list'],
  ['host-key accept db1'],
  ['host-key forget db1'],
  ['platform list'],
  ['platform show linux'],
  ['session list'],
  ['session show 7k2m'],
  ['vault rotate-key'],
  ['account list db1'],
  ['frobnicate'],
  ['user frobnicate'],
  ['user add x --role king'],
];

interface Step {
  readonly words: string;
  readonly result: RunResult;
}
const outcomes: Record<'running' | 'stopped', Step[]> = { running: [], stopped: [] };
const audits: Record<'running' | 'stopped', AuditEntry[]> = { running: [], stopped: [] };
let bastion: Bastion;

beforeAll(async () => {
  await Promise.all(['alice', 'bob'].map((name) => keys.make(name, 'ed25519')));
  for (const name of ['alice', 'bob']) writeFileSync(file(`${name}.pub`), `${keys.publicLine(name)}\n`);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', SECRETS[3], '-C', 'locked', '-f', file('locked')]);
  writeFileSync(file('assets.csv'), CSV);
  writeFileSync(file('bad.csv'), BAD_CSV);
  const other = await startBastion();
  bastion = await startBastion();
  await other.stop();
  try {
    await Promise.all([perform('running', bastion), perform('stopped', other)]);
  } finally {
    await other[Symbol.asyncDispose]();
  }
}, 300_000);
afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  keys.remove();
  rmSync(dir, { recursive: true, force: true });
});

async function perform(how: 'running' | 'stopped', on: Bastion): Promise<void> {
  for (const [words, stdin] of COMMANDS) {
    const args = [...words.matchAll(/"([^"]*)"|\S+/g)].map((match) => match[1] ?? match[0]);
    const result = await on.cli([...args, '--json'], stdin === undefined ? { stdin: '' } : { stdin });
    outcomes[how].push({ words, result });
  }
  audits[how] = await on.json<AuditEntry[]>(['audit', 'list', '--limit', '1000']);
}

/** What differs between any two runs: ids, times, generated keys and tokens. */
const CHANGING = /^(id|token|secret|publicKey|createdAt|updatedAt|expiresAt|lastUsedAt|firstSeenAt|lastSeenAt)$/;
function settled(text: string): unknown {
  if (text === '') return '';
  // only the running daemon knows the address of its pages
  return JSON.parse(text, (key, value) => (key === 'url' || (CHANGING.test(key) && value !== null) ? '*' : value));
}

const exitOf = (words: string, nth = 0) => outcomes.running.filter((step) => step.words === words)[nth]!.result;

it('every answer is the same', () => {
  const plain = (steps: Step[]) =>
    steps.map(({ words, result }) => ({
      words,
      code: result.code,
      stderr: result.stderr,
      stdout: settled(result.stdout),
    }));
  expect(plain(outcomes.stopped)).toEqual(plain(outcomes.running));
});

it('an error is one clear line with nothing on standard output; a success says nothing on standard error', () => {
  for (const { words, result } of outcomes.running) {
    if (result.code === 0) expect(result.stderr, words).toBe('');
    else {
      expect(result.stdout, words).toBe('');
      expect(result.stderr, words).toMatch(
        /^bastion: [^\n]+\n((See ".*" for help|See "bastion.*--help"\.)\n|( {2}line \d+: [^\n]+\n)+)?$/,
      );
    }
  }
});

it('--json is an array for lists and an object otherwise, with ids in id', () => {
  for (const { words, result } of outcomes.running.filter(({ result }) => result.code === 0)) {
    const value = JSON.parse(result.stdout) as unknown;
    const list = /\blist\b/.test(words) || words.startsWith('user key add');
    expect(Array.isArray(value), words).toBe(list);
    for (const row of list ? (value as Record<string, unknown>[]) : []) {
      if (!/^(folder|platform|lockout)/.test(words)) expect(row, words).toHaveProperty('id', expect.any(String));
    }
  }
});

describe('exit codes', () => {
  it.each<[string, number, number?]>([
    ['user add alice --password-stdin', 4],
    ['user add "b a d"', 2],
    ['user show bob', 3],
    ['user show robert', 0],
    ['group add ops', 4],
    ['group join ops nobody', 3],
    ['group join nothing alice', 3],
    ['asset add web1 --address 10.0.0.12', 4],
    ['asset add x --address 10.0.0.12 --via nowhere', 3],
    ['account add inner root --generate-key', 4, 1],
    ['permission add none --user alice --asset nothing --account root', 3],
    ['permission add half --user alice', 2],
    ['access explain nobody db1', 3],
    ['asset remove www1', 4],
    ['folder remove /live/shop', 4],
    ['session show 7k2m', 3],
    ['frobnicate', 2],
    ['user add x --role king', 2],
  ])('%s → %i', (words, code, nth) => {
    const step = exitOf(words, nth);
    expect(step.code, step.stderr).toBe(code);
  });
});

it('an import names every wrong line and adds nothing', () => {
  const result = exitOf(`asset import ${file('bad.csv')}`);
  expect(result.code).toBe(2);
  for (const [line, words] of [
    [3, 'white space'],
    [4, 'gopher'],
    [5, 'ok1'],
    [6, '1 field'],
  ])
    expect(result.stderr).toMatch(new RegExp(`line ${line}: .*${words}`));
  expect(exitOf('asset list').stdout).not.toContain('ok1');
  expect(settled(exitOf('asset show db1').stdout)).toMatchObject({
    folder: '/prod/db',
    labels: { env: 'prod', tier: 'db' },
    protocols: [{ name: 'ssh', port: 2200 }],
    accounts: [{ login: 'postgres' }],
  });
});

it('permissions follow a folder that moves, names that change, and groups that go', () => {
  const shown = (nth: number) => JSON.parse(exitOf('permission show ops', nth).stdout);
  expect(shown(0)).toMatchObject({ folders: ['/live/shop'], groups: ['ops'] });
  const explain = 'access explain alice web1 --account admin';
  for (const nth of [0, 1])
    expect(JSON.parse(exitOf(explain, nth).stdout)).toMatchObject({ allowed: true, permissions: ['ops'] });
  expect(JSON.parse(exitOf('access explain alice www1').stdout)).toMatchObject({ allowed: true });
  expect(JSON.parse(exitOf('access explain alice db1').stdout)).toMatchObject({ allowed: false });
  expect(JSON.parse(exitOf('access explain robert db1').stdout)).toMatchObject({
    allowed: true,
    accounts: ['postgres'],
    permissions: ['label'],
  });
  const last = JSON.parse(exitOf('permission list', 1).stdout) as { name: string; groups: string[] }[];
  expect(last.find(({ name }) => name === 'ops')).toMatchObject({ groups: [] });
});

it('the audit says who did what to what, the same on both', () => {
  const rows = (how: 'running' | 'stopped') =>
    audits[how]
      .filter(({ action }) => action !== 'link.create')
      .map(({ action, outcome, target }) => `${action} ${outcome} ${target?.name ?? '-'}`);
  expect(rows('stopped').reverse()).toEqual(rows('running').reverse());
  for (const row of [...audits.running, ...audits.stopped].filter(({ actor }) => actor.kind !== 'system'))
    expect(row.actor).toMatchObject({ kind: 'machine', name: expect.stringMatching(/./), via: 'socket' });
  const changes = outcomes.running.filter(
    ({ words, result }) => result.code === 0 && !/list|show|explain|--dry-run|lockout clear/.test(words),
  );
  expect(audits.running.filter(({ actor }) => actor.kind === 'machine').length).toBeGreaterThanOrEqual(changes.length);
});

it('no secret stands in the audit, the log, the database or any other file', () => {
  const key = readFileSync(file('locked'), 'utf8').split('\n')[2]!;
  const token = JSON.parse(exitOf('token add robert --name ci').stdout).secret as string;
  const invite = JSON.parse(exitOf('user add carol').stdout).invite.token as string;
  const places: [string, Buffer][] = readdirSync(bastion.data, { recursive: true, encoding: 'utf8' })
    .map((name) => join(bastion.data, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('master.key'))
    .map((path) => [path, readFileSync(path)]);
  expect(places.map(([path]) => path)).toContain(join(bastion.data, 'bastion.db'));
  places.push(['log', Buffer.from(bastion.log())], ['audit', Buffer.from(JSON.stringify(audits))]);
  for (const secret of [...SECRETS, key, token, invite])
    for (const [place, bytes] of places)
      for (const encoding of ['utf8', 'base64', 'hex'] as const)
        expect(bytes.includes(Buffer.from(secret).toString(encoding)), `${encoding} in ${place}`).toBe(false);
});
