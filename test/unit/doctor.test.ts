import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { selfSigned, VALID_DAYS } from '../../src/api/self-signed.ts';
import { examine } from '../../src/app/doctor/doctor.ts';
import type { Finding } from '../../src/app/doctor/finding.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { makeOldData, type OldData } from '../kit/old-data.ts';
import { makeKey } from '../kit/sshd.ts';
import { behindItsBack, openChained } from './audit-kit.ts';
import { tempDir } from './store-kit.ts';

let dir: string;
let data: string;
beforeEach(() => {
  dir = tempDir();
  data = join(dir, 'data');
});

/** What the doctor says about one thing; ports are free unless the configuration names some. */
async function said(name: string, config: Record<string, unknown> = {}, deep = false): Promise<Finding[]> {
  const { checks } = await whole(config, deep);
  return checks.filter((one) => one.name === name);
}

function whole(config: Record<string, unknown> = {}, deep = false) {
  const configFile = join(dir, 'config.yml');
  const free = { listen: '127.0.0.1:0' };
  writeFileSync(configFile, JSON.stringify({ data, ssh: free, http: free, ...config }), { mode: 0o600 });
  return examine({ configFile, deep });
}

const about = (state: Finding['state'], text: RegExp, todo?: RegExp) => ({
  state,
  text: expect.stringMatching(text),
  todo: todo ? expect.stringMatching(todo) : null,
});

/** Data of this version, as after a clean end: one recording, two people, one asset with a secret. */
async function someData(version = MIGRATIONS.length): Promise<OldData> {
  const key = await makeKey(dir, 'alice');
  const old = await makeOldData(data, version, { key, target: { port: 22, login: 'root', key } });
  return old;
}

const recordingOf = (id: string) => {
  const names = readdirSync(join(data, 'recordings'), { recursive: true, encoding: 'utf8' });
  return join(data, 'recordings', names.find((name) => name.endsWith(`${id}.cast.zst`))!);
};

test('sound data have nothing to be done, and nothing about them is changed', async () => {
  await someData();
  rmSync(join(data, 'spool'), { recursive: true });
  const state = () => readdirSync(data).map((name) => [name, statSync(join(data, name)).mtimeMs]);
  const before = state();
  const bytes = readFileSync(join(data, 'bastion.db'));
  const { checks, daemon } = await whole({}, true);
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(daemon).toBe('stopped');
  expect(checks.find(({ name }) => name === 'master key')!.text).toMatch(/every secret \(3\)/);
  expect(checks.find(({ name }) => name === 'audit log')!.text).toMatch(/All \d rows are as they were written/);
  expect(readFileSync(join(data, 'bastion.db')).equals(bytes)).toBe(true);
  // the lock's own file stays, as after every command
  expect(state().filter(([name]) => name !== 'bastion.lock')).toEqual(before);
});

describe('the database', () => {
  test.each(MIGRATIONS.slice(0, -1).map((_, i) => i + 1))(
    'of version %i is to be upgraded, and is not',
    async (version) => {
      await someData(version);
      expect(await said('database')).toMatchObject([
        about(
          'warn',
          new RegExp(`version ${version}, and this release makes version ${MIGRATIONS.length}`),
          /needs \d+ MiB/,
        ),
      ]);
      behindItsBack(data, (sqlite) => expect(sqlite.pragma('user_version', { simple: true })).toBe(version));
      for (const name of ['master key', 'recordings', 'audit log'])
        expect((await said(name)).filter(({ state }) => state === 'fail')).toEqual([]);
    },
  );

  test('of a newer release is told with who wrote it', async () => {
    await someData();
    behindItsBack(data, (sqlite) => {
      sqlite.pragma('user_version = 99');
      sqlite.prepare("insert or replace into meta values ('program', ?)").run(Buffer.from('9.8.7'));
    });
    expect(await said('database')).toMatchObject([about('fail', /newer bastion, 9\.8\.7/, /Run the release/)]);
  });

  test('that is damaged, is none, or is of another program is told', async () => {
    await someData();
    const file = join(data, 'bastion.db');
    const good = readFileSync(file);
    const page = Number(new BetterSqlite(file, { readonly: true }).pragma('page_size', { simple: true }));
    const fd = openSync(file, 'r+');
    for (let at = 4 * page; at < 20 * page; at += page) writeSync(fd, randomBytes(200), 0, 200, at);
    closeSync(fd);
    expect(await said('database')).toMatchObject([about('fail', /damaged|cannot be read/, /restore .* from a backup/)]);
    writeFileSync(file, 'no database, whatever its name says'.repeat(100));
    expect(await said('database')).toMatchObject([about('fail', /cannot be read/, /restore/)]);
    rmSync(file);
    const foreign = new BetterSqlite(file);
    foreign.exec('create table songs (title text)');
    foreign.close();
    chmodSync(file, 0o600);
    expect(await said('database')).toMatchObject([about('fail', /of another program/, /Move it away/)]);
    writeFileSync(file, good);
    expect(await said('database')).toMatchObject([about('ok', /sound/)]);
  });

  test('with rows that refer to nothing is told', async () => {
    await someData();
    behindItsBack(data, (sqlite) => {
      sqlite.pragma('foreign_keys = off');
      sqlite.exec("insert into group_members values ('nobody', 'nobody')");
    });
    expect(await said('database')).toMatchObject([
      about('fail', /a row of group_members refers to one that is gone/, /./),
    ]);
  });
});

describe('the master key', () => {
  test('of another database, a missing and an open one are told', async () => {
    await someData();
    const file = join(data, 'master.key');
    const right = readFileSync(file);
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`);
    expect(await said('master key')).toMatchObject([about('fail', /does not belong to this database/, /Put back/)]);
    rmSync(file);
    expect(await said('master key')).toMatchObject([about('fail', /is missing/, /./)]);
    writeFileSync(file, right, { mode: 0o644 });
    expect(await said('master key')).toMatchObject([about('fail', /open to others .*chmod 600/, /./)]);
    expect(await said('files')).toMatchObject([
      about('fail', /master\.key may be read by others/, /chmod -R u=rwX,go= /),
    ]);
  });

  test('that no longer opens a secret is told, and which one', async () => {
    await someData();
    behindItsBack(data, (sqlite) => sqlite.exec('update accounts set secret = zeroblob(100) where secret is not null'));
    expect(await said('master key')).toMatchObject([
      about('fail', /does not open 1 of \d.*accounts\.secret of/, /anew/),
    ]);
  });

  test('in the middle of its replacement is one of the two files, and both stay', async () => {
    await someData();
    renameSync(join(data, 'master.key'), join(data, 'master.key.new'));
    writeFileSync(join(data, 'master.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    expect(await said('master key')).toMatchObject([about('ok', /every secret/)]);
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['master.key', 'master.key.new']));
  });
});

test('an audit log that was changed or cut is told, near its end always, elsewhere by a deep look', async () => {
  await someData();
  const chained = await openChained(data);
  const draft = { actor: { kind: 'system', userId: null, name: 'x', ip: null, via: 'system' }, outcome: 'ok' } as const;
  for (let i = 0; i < 2200; i++)
    void chained.store.audit.append({ ...draft, action: 'thing', target: null, reason: null, details: null });
  await chained.close();
  expect(await said('audit log')).toMatchObject([about('ok', /last 2000 rows are/)]);
  behindItsBack(data, (sqlite) => sqlite.exec("update audit set reason = 'x' where seq = 2"));
  expect(await said('audit log')).toMatchObject([about('ok', /last 2000 rows are/)]);
  expect(await said('audit log', {}, true)).toMatchObject([
    about('fail', /Row 2 is not what was written/, /audit verify/),
  ]);
  behindItsBack(data, (sqlite) => sqlite.exec('delete from audit where seq > 2200'));
  expect(await said('audit log')).toMatchObject([about('fail', /missing at the end/, /audit verify/)]);
});

describe('recordings', () => {
  test('whose files are gone or short, that failed, were damaged, cut short or are nobody’s are told', async () => {
    const old = await someData();
    expect(await said('recordings')).toMatchObject([about('ok', /1 were cut short; the next start finishes them/)]);
    rmSync(recordingOf(old.ended));
    expect(await said('recordings')).toMatchObject([
      about('fail', /1 of the newest 1 are missing/, /audit verify/),
      {},
    ]);
    behindItsBack(data, (sqlite) =>
      sqlite
        .prepare("update sessions set recording = 'failed', started_at = ? where id = ?")
        .run(Date.now(), old.ended),
    );
    writeFileSync(join(data, 'spool', 'a.spool.damaged'), '', { mode: 0o600 });
    writeFileSync(join(data, 'spool', 'b.spool'), '', { mode: 0o600 });
    expect(await said('recordings')).toMatchObject([
      about('warn', /1 failed in the last 7 days/, /./),
      about('warn', /1 damaged ones were put aside/, /rm /),
      about('warn', /1 in .*spool belong to no session/, /./),
      about('ok', /1 were cut short/),
    ]);
  });
});

describe('files', () => {
  test('of another user, open ones, and a directory others may write are told', async () => {
    await someData();
    chownSync(join(data, 'spool'), 4711, 4711);
    chmodSync(join(data, 'recordings'), 0o755);
    expect(await said('files')).toMatchObject([about('fail', /spool belong to another user/, /chown -R \d+:\d+ /)]);
    chownSync(join(data, 'spool'), statSync(data).uid, statSync(data).gid);
    expect(await said('files')).toMatchObject([about('ok', /closed to others/)]);
    chmodSync(data, 0o755);
    expect(await said('files')).toMatchObject([about('warn', /is open to other users/, /chmod/)]);
    chmodSync(data, 0o777);
    expect(await said('files')).toMatchObject([about('fail', /Others may write into/, /chmod/), {}]);
  });

  test('of the configuration: others may not write it, and what is wrong in it is said', async () => {
    const configFile = join(dir, 'config.yml');
    writeFileSync(configFile, JSON.stringify({ data }));
    chmodSync(configFile, 0o666);
    expect((await examine({ configFile, deep: false })).checks[0]).toMatchObject(
      about('fail', /Others may write/, /chmod go-w/),
    );
    writeFileSync(configFile, 'ssh:\n  lisn: 2\n');
    const report = await examine({ configFile, deep: false });
    expect(report.data).toBeNull();
    expect(report.checks[0]).toMatchObject(about('fail', /config\.yml:2: unknown key "ssh\.lisn"/, /Correct it first/));
  });
});

test('a disk below the reserve, or close to it, is told', async () => {
  expect(await said('disk', { session: { disk_reserve: '1MiB' } })).toMatchObject([about('ok', /free/)]);
  expect(await said('disk', { session: { disk_reserve: '900TiB' } })).toMatchObject([
    about('fail', /less than session\.disk_reserve/, /Make room/),
  ]);
});

describe('listeners', () => {
  test('whose port is taken, or whose address is another machine’s, are told', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expect(await said('listeners', { ssh: { listen: `127.0.0.1:${port}` } })).toMatchObject([
      about('fail', /in use by another program/, new RegExp(`sport = :${port}.*ssh\\.listen`)),
    ]);
    expect(await said('listeners', { http: { listen: '192.0.2.1:0' } })).toMatchObject([
      about('fail', /no such address/, /http\.listen/),
    ]);
    expect(await said('listeners')).toMatchObject([about('ok', /Free for the daemon/)]);
  });
});

test('a clock that was set back is told, by the audit log and by the files', async () => {
  await someData();
  expect(await said('clock')).toMatchObject([{ state: 'ok' }]);
  const ahead = Date.now() + 86_400_000;
  behindItsBack(data, (sqlite) =>
    sqlite.prepare('update audit set at = ? where seq = (select max(seq) from audit)').run(ahead),
  );
  expect(await said('clock')).toMatchObject([about('fail', /was set back/, /timedatectl/)]);
  behindItsBack(data, (sqlite) => sqlite.exec('update audit set at = 1'));
  utimesSync(join(data, 'master.key'), ahead / 1000, ahead / 1000);
  expect(await said('clock')).toMatchObject([about('fail', /was set back/, /timedatectl/)]);
});

test('names without an address are told, those of assets and the own one', async () => {
  await someData();
  behindItsBack(data, (sqlite) =>
    sqlite.exec(
      "update assets set address = 'localhost' where name = 'web1'; update assets set address = 'gone.invalid' where name = 'behind'",
    ),
  );
  const public_url = 'https://bastion.invalid';
  expect(await said('names', { http: { listen: '127.0.0.1:0', public_url } })).toMatchObject([
    about('warn', /bastion\.invalid, by which people reach the bastion/, /public_url/),
    about('warn', /^gone\.invalid has no address/, /asset set/),
  ]);
});

describe('TLS', () => {
  const DAY = 86_400_000;
  /** Files of a certificate with so many days left. */
  function make(name: string, days: number, host = 'bastion.example') {
    const begun = Date.now() + days * DAY - VALID_DAYS * DAY;
    const made = selfSigned(join(dir, `tls-${name}`), [host], begun);
    writeFileSync(join(dir, `${name}.pem`), made.cert);
    writeFileSync(join(dir, `${name}.key`), made.key);
  }
  const http = (cert: string, key = cert) => ({
    http: {
      listen: '0.0.0.0:0',
      public_url: 'https://bastion.example',
      tls: { cert: join(dir, `${cert}.pem`), key: join(dir, `${key}.key`) },
    },
  });

  test('with a good certificate is ok; expiring, expired, misnamed, mixed and unreadable ones are told', async () => {
    make('good', 100.5);
    make('soon', 10.5);
    make('old', -1);
    make('early', VALID_DAYS + 3);
    make('other', 100, 'elsewhere.example');
    expect(await said('TLS', http('good'))).toMatchObject([about('ok', /good until 20\d\d-/)]);
    expect(await said('TLS', http('soon'))).toMatchObject([about('warn', /ends in 10 days/, /Renew/)]);
    expect(await said('TLS', http('old'))).toMatchObject([about('fail', /has expired/, /Renew/)]);
    expect(await said('TLS', http('early'))).toMatchObject([about('fail', /not valid before/, /clock/)]);
    expect(await said('TLS', http('other'))).toMatchObject([
      about('fail', /is for elsewhere\.example, and not for bastion\.example/, /public_url/),
    ]);
    expect(await said('TLS', http('good', 'other'))).toMatchObject([about('fail', /do not belong together/, /pair/)]);
    expect(await said('TLS', http('none'))).toMatchObject([about('fail', /http\.tls\.cert: .* \(ENOENT\)/, /./)]);
    writeFileSync(join(dir, 'bad.pem'), 'x');
    expect(await said('TLS', http('bad', 'good'))).toMatchObject([about('fail', /is no certificate/, /PEM/)]);
    const key = createPrivateKey(readFileSync(join(dir, 'good.key')));
    const locked = { format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'secret' } as const;
    writeFileSync(join(dir, 'locked.key'), key.export(locked));
    expect(await said('TLS', http('good', 'locked'))).toMatchObject([about('fail', /no private key/, /passphrase/)]);
  });

  test('whose certificate comes without who issued it is told', async () => {
    make('good', 100);
    // only a client would notice that the signature does not fit the other issuer
    const der = Buffer.from(new X509Certificate(readFileSync(join(dir, 'good.pem'))).raw);
    der.write('Another', der.indexOf('Bastion'));
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
    writeFileSync(join(dir, 'leaf.pem'), pem);
    expect(await said('TLS', http('leaf', 'good'))).toMatchObject([
      about('warn', /without who issued it/, /fullchain/),
    ]);
    writeFileSync(join(dir, 'leaf.pem'), pem + readFileSync(join(dir, 'good.pem')));
    expect(await said('TLS', http('leaf', 'good'))).toMatchObject([{ state: 'ok' }]);
  });

  test('that is off in the open is told; on loopback it is not needed', async () => {
    expect(await said('TLS', { http: { listen: '0.0.0.0:0', tls: 'off' } })).toMatchObject([
      about('warn', /off/, /http\.tls/),
    ]);
    expect(await said('TLS', { http: { listen: '127.0.0.1:0', tls: 'off' } })).toMatchObject([about('ok', /Not used/)]);
    expect(await said('TLS', { http: { listen: '0.0.0.0:0' } })).toMatchObject([
      about('ok', /makes itself a certificate/),
    ]);
  });
});
