import { createHash, createHmac } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { chainHash, columnValues } from '../../src/store/audit/chain.ts';
import { isHeadGenuine } from '../../src/store/audit/keys.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { behindItsBack, newDataDir, openChained, verified } from './audit-kit.ts';
import { draft, newUser, T0, testStore } from './store-kit.ts';

/** Rows 2 to 11 beside `audit.begin`, which is row 1. The store is closed. */
async function filled(rows = 10) {
  const chained = await openChained();
  for (let i = 1; i <= rows; i++) await chained.store.audit.append({ ...draft(`thing.n${i}`), details: { i } });
  const head = await chained.evidence.head();
  await chained.close();
  return { dataDir: chained.dataDir, head };
}

/** What `audit verify` finds after somebody was at the database of a stopped bastion. */
async function findingsAfter(
  dataDir: string,
  work: (sqlite: Database) => void,
  head?: Awaited<ReturnType<typeof filled>>['head'],
) {
  behindItsBack(dataDir, work);
  const chained = await openChained(dataDir);
  const result = await verified(chained, head ? { head } : {});
  await chained.close();
  return result;
}

type Row = Parameters<typeof columnValues>[0] & { hash: Buffer };
const rowAt = (sqlite: Database, seq: number) => sqlite.prepare('select * from audit where seq = ?').get(seq) as Row;

/** Computes all hashes anew from a row on, as somebody who knows how it works would. */
function rehash(sqlite: Database, from: number): void {
  let hash = from === 1 ? Buffer.alloc(32) : rowAt(sqlite, from - 1).hash;
  for (const row of sqlite.prepare('select * from audit where seq >= ? order by seq').all(from) as Row[]) {
    hash = chainHash(hash, columnValues(row));
    sqlite.prepare('update audit set hash = ? where seq = ?').run(hash, row.seq);
  }
}

describe('an untouched log', () => {
  test('verifies, across restarts, with every text and with jobs that failed in between', async () => {
    const first = await openChained();
    const odd = 'a\ud800 \u0000\u001f\u007f\u2028 "\\ 中文 😀';
    await first.store.audit.append({
      ...draft('login', odd),
      actor: { kind: 'user', userId: null, name: odd, ip: '::1', via: 'ssh' },
      reason: odd,
      details: { [odd]: [odd, 1e21, -0, null], 10: 1, b: { a: 1.5 } },
    });
    await first.store.users.create(newUser('alice'), draft('user.create'));
    const clash = () => first.store.users.create(newUser('alice'), [draft('user.create'), draft('x')]);
    // in one batch with what succeeds: its rows are rolled back out of the middle
    const results = await Promise.allSettled([
      first.store.audit.append(draft('a')),
      clash(),
      first.store.audit.append([draft('b'), draft('c')]),
      clash(),
      first.store.audit.append(draft('d')),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await first.close();
    const second = await openChained(first.dataDir);
    await second.store.audit.append(draft('e'));
    const { found, summary } = await verified(second);
    expect(found).toEqual([]);
    expect(summary).toMatchObject({
      rows: 8,
      firstSeq: 1,
      lastSeq: 8,
      older: 0,
      findings: 0,
      chain: first.evidence.chain,
    });
    expect((await second.store.audit.list({})).map((row) => row.action)).toEqual([
      'e',
      'd',
      'c',
      'b',
      'a',
      'user.create',
      'login',
      'audit.begin',
    ]);
    await second.close();
  });

  test('of several pages verifies', async () => {
    const chained = await openChained();
    await chained.store.audit.append(Array.from({ length: 4500 }, (_, i) => draft(`n${i}`)));
    const { found, summary } = await verified(chained);
    expect([found, summary.rows]).toEqual([[], 4501]);
    await chained.close();
  });

  test('agrees with a head that was kept, also after the master key was replaced', async () => {
    const chained = await openChained();
    const head = await chained.evidence.head();
    await chained.vault.rotateKey(draft('vault.rotate-key'));
    await chained.store.audit.append(draft('x'));
    await chained.close();
    const again = await openChained(chained.dataDir);
    expect(again.evidence.chain).toBe(head.chain);
    const { found, summary } = await verified(again, { head });
    expect(found).toEqual([]);
    expect(summary.head).toBe('agrees with row 1');
    await again.close();
  });

  test('says how many rows were there before the chain began', async () => {
    const dataDir = newDataDir();
    const bare = await testStore({ dataDir });
    await bare.audit.append([draft('a'), draft('b')]);
    await bare.close();
    const chained = await openChained(dataDir);
    const { found, summary } = await verified(chained);
    expect(found).toEqual([]);
    expect(summary).toMatchObject({ rows: 3, older: 2 });
    await chained.close();
  });

  test('of a database from before there was a chain gets one', async () => {
    const dataDir = newDataDir();
    const file = `${dataDir}/bastion.db`;
    const sqlite = openSqlite(file, 'write');
    migrate(sqlite, file, { now: T0, migrations: MIGRATIONS.slice(0, 2) });
    const insert = sqlite.prepare(
      `insert into audit (id, at, actor_kind, actor_name, actor_via, action, outcome) values (?, ?, 'system', 'x', 'system', 'y', 'ok')`,
    );
    for (let i = 0; i < 2500; i++) insert.run(`id${i}`, T0 + i);
    sqlite.close();
    const chained = await openChained(dataDir);
    const { found, summary } = await verified(chained);
    expect(found).toEqual([]);
    expect(summary).toMatchObject({ rows: 2501, older: 2500 });
    await chained.close();
  });
});

describe('what is found', () => {
  test('a row of which any column was changed', async () => {
    const changes = [
      ['action', "'login'"],
      ['outcome', "'failed'"],
      ['actor_name', "'mallory'"],
      ['actor_name', "'ROOT'"],
      ['actor_ip', "'192.0.2.1'"],
      ['actor_user_id', "'u'"],
      ['actor_via', "'ssh'"],
      ['actor_kind', "'user'"],
      ['target_kind', "'user'"],
      ['target_id', "'t'"],
      ['target_name', "''"],
      ['reason', "''"],
      ['details_json', `'{"i":4 }'`],
      ['details_json', "'{'"],
      ['details_json', 'null'],
      ['at', 'at + 1'],
      ['at', '9000000000000000'],
      ['id', "'x' || substr(id, 2)"],
    ] as const;
    const { dataDir } = await filled(changes.length + 1);
    const { found, texts } = await findingsAfter(dataDir, (sqlite) => {
      for (const [i, [column, value]] of changes.entries())
        sqlite.exec(`update audit set ${column} = ${value} where seq = ${i + 2}`);
    });
    expect(found).toEqual(changes.map((_, i) => `changed@${i + 2}`));
    expect(texts[3]).toContain('Row 5');
  });

  test('a changed row with all hashes computed anew', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      sqlite.exec("update audit set actor_name = 'mallory' where seq = 5");
      rehash(sqlite, 5);
    });
    expect(found).toEqual(expect.arrayContaining(['forged@5', 'forged@6', 'forged@11']));
    // the bastion noticed by itself, too, when it started
    expect(found).toContain('tampered@12');
  });

  test('a removed row, and removed rows', async () => {
    const { dataDir } = await filled();
    const { found, texts } = await findingsAfter(dataDir, (sqlite) =>
      sqlite.exec('delete from audit where seq in (4, 7, 8)'),
    );
    expect(found).toEqual(['missing@5', 'missing@9']);
    expect(texts).toEqual(['Row 4 is missing before this one.', 'Rows 7 to 8 are missing before this one.']);
  });

  test('a removed row whose gap was closed by counting anew', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      sqlite.exec('delete from audit where seq = 4');
      for (let seq = 5; seq <= 11; seq++) sqlite.prepare('update audit set seq = ? where seq = ?').run(seq - 1, seq);
      sqlite.exec("update sqlite_sequence set seq = 10 where name = 'audit'");
    });
    expect(found[0]).toBe('changed@4');
    expect(found.at(-1)).toBe('tampered@12');
  });

  test('removed first rows', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => sqlite.exec('delete from audit where seq <= 3'));
    expect(found).toEqual(['missing@4']);
  });

  test('a row put in', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      for (let seq = 11; seq >= 6; seq--) sqlite.prepare('update audit set seq = ? where seq = ?').run(seq + 1, seq);
      sqlite.exec(
        "insert into audit select 6, 'new', at, actor_kind, actor_user_id, 'innocent', actor_ip, actor_via, action, outcome, target_kind, target_id, target_name, reason, details_json, hash, mac from audit where seq = 5",
      );
    });
    expect(found).toEqual(expect.arrayContaining(['changed@6', 'changed@7', 'changed@12']));
  });

  test('a row put at the end, rightly chained but without the key', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      sqlite.exec(
        "insert into audit select 12, 'new', at, actor_kind, actor_user_id, 'innocent', actor_ip, actor_via, action, outcome, target_kind, target_id, target_name, reason, details_json, null, mac from audit where seq = 11",
      );
      rehash(sqlite, 12);
    });
    expect(found).toEqual(expect.arrayContaining(['forged@12', 'tampered@13']));
  });

  test('rows in another order', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      sqlite.exec('update audit set seq = 100 where seq = 5');
      sqlite.exec('update audit set seq = 5 where seq = 6');
      sqlite.exec('update audit set seq = 6 where seq = 100');
    });
    expect(found).toEqual(expect.arrayContaining(['changed@5', 'changed@6', 'changed@7']));
  });

  test('seals that are wrong or taken away', async () => {
    const { dataDir } = await filled();
    const { found } = await findingsAfter(dataDir, (sqlite) => {
      sqlite.exec('update audit set mac = zeroblob(32) where seq = 4');
      sqlite.exec('update audit set mac = null where seq = 5');
      sqlite.exec('update audit set mac = zeroblob(5) where seq = 6');
      sqlite.exec('update audit set hash = null, mac = null where seq = 8');
    });
    expect(found).toEqual(['forged@4', 'unsealed@5', 'forged@6', 'forged@8', 'changed@9']);
  });

  test('a cut tail, by the bastion itself, however the traces are removed', async () => {
    for (const cover of [
      '',
      "update sqlite_sequence set seq = 8 where name = 'audit'",
      "delete from meta where key = 'audit_tail'",
    ]) {
      const { dataDir } = await filled();
      const { found } = await findingsAfter(dataDir, (sqlite) =>
        sqlite.exec(`delete from audit where seq > 8; ${cover}`),
      );
      expect(found.join()).toMatch(/tampered@(9|12)$/);
    }
  });

  test('a cut tail while the bastion runs', async () => {
    const chained = await openChained();
    for (let i = 0; i < 5; i++) await chained.store.audit.append(draft('x'));
    behindItsBack(chained.dataDir, (sqlite) => {
      sqlite.exec("delete from audit where seq > 3; update sqlite_sequence set seq = 3 where name = 'audit'");
    });
    expect((await verified(chained)).found).toEqual(['cut']);
    await chained.store.audit.append(draft('y'));
    expect((await verified(chained)).found).toEqual(['missing@7']);
    await chained.close();
  });

  test('an older copy of the database, against a head that was kept', async () => {
    const { dataDir } = await filled(3);
    const chained = await openChained(dataDir);
    const old = `${dataDir}/old.db`;
    behindItsBack(dataDir, (sqlite) => sqlite.prepare('vacuum into ?').run(old));
    await chained.store.audit.append([draft('x'), draft('y')]);
    const head = await chained.evidence.head();
    await chained.close();
    for (const end of ['-wal', '-shm']) rmSync(`${dataDir}/bastion.db${end}`, { force: true });
    copyFileSync(old, `${dataDir}/bastion.db`);
    const back = await openChained(dataDir);
    expect((await verified(back)).found).toEqual([]);
    expect((await verified(back, { head })).found).toEqual(['head@6']);
    // rows written since take the places of those that are gone
    await back.store.audit.append([draft('a'), draft('b'), draft('c')]);
    const { found, texts } = await verified(back, { head });
    expect(found).toEqual(['head@6']);
    expect(texts[0]).toContain('rewritten');
    await back.close();
  });

  test('a chain begun anew over a log somebody had changed, against a head that was kept', async () => {
    const { dataDir, head } = await filled();
    const { found, summary } = await findingsAfter(
      dataDir,
      (sqlite) => {
        sqlite.exec("update audit set actor_name = 'mallory' where seq = 5; update audit set hash = null, mac = null");
        sqlite.exec("delete from meta where key in ('audit_chain', 'audit_tail')");
      },
      head,
    );
    expect(found).toEqual(['head@11', 'tampered@13']);
    expect(summary.older).toBe(11);
  });

  test('a chain begun anew, also over a log that somebody emptied', async () => {
    for (const also of ['', 'update audit set hash = null, mac = null', 'delete from audit']) {
      const { dataDir } = await filled();
      const { found } = await findingsAfter(dataDir, (sqlite) =>
        sqlite.exec(`delete from meta where key in ('audit_chain', 'audit_tail'); ${also}`),
      );
      expect(found.join()).toMatch(/tampered@(2|12|13)$/);
    }
  });

  test('a head that was changed is no head', async () => {
    const { head } = await filled(2);
    expect(isHeadGenuine(head)).toBe(true);
    for (const [field, value] of Object.entries({
      first: 2,
      seq: 9,
      at: null,
      hash: '00',
      chain: 'SHA256:x',
      signature: '',
    }))
      expect(isHeadGenuine({ ...head, [field]: value })).toBe(false);
    const { dataDir } = await filled(2);
    const chained = await openChained(dataDir);
    await expect(verified(chained, { head: { ...head, seq: 1 } })).rejects.toMatchObject({ code: 'invalid' });
    await chained.close();
  });
});

test('hash and seal are what the description says', async () => {
  const { dataDir } = await filled(1);
  behindItsBack(dataDir, (sqlite) => {
    const [one, two] = [rowAt(sqlite, 1), rowAt(sqlite, 2)];
    const text = JSON.stringify([
      2,
      two.id,
      new Date(two.at).toISOString(),
      'machine',
      null,
      'root',
      null,
      'socket',
      'thing.n1',
      'ok',
      'thing',
      null,
      'thing',
      null,
      '{"i":1}',
    ]);
    expect(two.hash).toEqual(createHash('sha256').update(one.hash).update(text, 'utf8').digest());
    // no key that anybody could guess
    const { mac } = two as unknown as { mac: Buffer };
    expect(mac).not.toEqual(createHmac('sha256', '').update(two.hash).digest());
  });
});
