import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newId } from '../../src/kernel/id.ts';
import type { Client } from '../../src/sdk/client.ts';
import { Seeded } from '../kit/seeded.ts';

const DAY = 86_400_000;
const FIRST =
  'Ada Alan Barbara Dennis Donald Edsger Frances Grace Hedy Jean Joan Ken Leslie Linus Lynn Margaret Radia Rosa'.split(
    ' ',
  );
const LAST =
  'Allen Clarke Dijkstra Hamilton Hopper Kernighan Lamarr Lamport Liskov Lovelace Perlman Sammet Thompson Turing 王小明 李雷'.split(
    ' ',
  );
const PLACES = [
  '/prod/web',
  '/prod/db',
  '/prod/cache',
  '/stage/web',
  '/stage/db',
  '/office/network',
  '/lab/国际化测试',
  '/prod/edge/eu-central-1/availability-zone-a',
];
const KINDS = ['web', 'db', 'cache', 'build', 'edge', 'mail', 'queue', 'search'];
const LINES = [
  'systemctl restart nginx',
  'tail -f /var/log/syslog',
  'df -h',
  'ps aux | grep java',
  'git pull --rebase',
  'vim /etc/nginx/nginx.conf',
  'rm -rf /var/cache/app',
  'kubectl get pods -A',
  'psql -c "select count(*) from orders"',
  'reboot',
  'echo <img src=x onerror=alert(1)>',
  'top',
  '查看日志 | less',
];

/** A house with history: some sixty people and five hundred assets, over the API. */
export async function settle(api: Client): Promise<void> {
  const chance = new Seeded(7);
  for (const name of ['ops', 'developers', 'database-administrators-on-call', '外包团队'])
    await api.groups.add({ name });
  for (let i = 0; i < 60; i++) {
    const [first, last] = [chance.one(FIRST), chance.one(LAST)];
    await api.users.add({
      name: `${first.toLowerCase()}${i}`,
      displayName: `${first} ${last}`,
      email: `${first.toLowerCase()}${i}@example.com`,
      role: i % 20 === 0 ? 'auditor' : 'user',
      groups: [chance.one(['ops', 'developers', 'database-administrators-on-call', '外包团队'])],
      keys: [],
    });
  }
  const rows = Array.from({ length: 500 }, (_, i) => ({
    line: i + 2,
    asset: {
      name:
        i === 3
          ? 'a-machine-with-a-name-that-somebody-thought-should-tell-everything-about-it-01'
          : `${KINDS[i % 8]}${String(i).padStart(3, '0')}`,
      address: `10.${i % 5}.${i % 250}.${(i * 7) % 250}`,
      protocols: i % 9 === 4 ? [{ name: 'ssh' }, { name: 'rdp' }] : [{ name: 'ssh' }],
      platform: i % 9 === 4 ? 'windows' : i % 11 === 5 ? 'network' : 'linux',
      folder: PLACES[i % PLACES.length],
      labels: { env: i % 3 === 0 ? 'prod' : 'stage', team: chance.one(['core', 'data', 'edge']) },
      comment: i % 10 === 0 ? 'kept for the migration, to be switched off next year' : '',
    },
  }));
  await api.assets.import({ rows });
  for (let i = 0; i < 500; i += 4) {
    const name = String(rows[i]!.asset.name);
    await api.accounts.add({ asset: name, login: 'root', password: 'correct horse' });
    if (i % 8 === 0) await api.accounts.add({ asset: name, login: 'deploy', generateKey: true });
  }
  await api.permissions.add({ name: 'operators everywhere', groups: ['ops'], folders: ['/'], accounts: ['@all'] });
  await api.permissions.add({
    name: 'developers on stage',
    groups: ['developers'],
    folders: ['/stage'],
    accounts: ['deploy'],
    actions: ['connect', 'download'],
  });
  await api.permissions.add({
    name: 'contractors until the end of the quarter, with a long name',
    groups: ['外包团队'],
    labels: ['team=edge'],
    accounts: ['@input'],
    until: new Date(Date.now() + 5 * DAY).toISOString(),
  });
  await api.filters.add({
    name: 'nothing that ends machines',
    action: 'deny',
    words: ['reboot', 'shutdown', 'poweroff'],
    priority: 10,
  });
  await api.filters.add({ name: 'look twice before removing', action: 'review', words: ['rm -rf'], priority: 20 });
  await api.filters.add({ name: 'say what you do', action: 'warn', regex: '\\bsystemctl\\b', priority: 50 });
}

/** Ten thousand sessions of three months with their commands and transfers, put into the data of a stopped daemon. */
export function remember(data: string, sessions = 10_000): void {
  const db = new Database(join(data, 'bastion.db'));
  const chance = new Seeded(11);
  const users = db.prepare('select id, name from users').all() as { id: string; name: string }[];
  const assets = db.prepare('select id, name from assets').all() as { id: string; name: string }[];
  const insert = (table: string, columns: string) =>
    db.prepare(
      `insert into ${table} (${columns}) values (${columns
        .split(',')
        .map((name) => `@${name.trim()}`)
        .join(',')})`,
    );
  const session = insert(
    'sessions',
    'id, grant_id, user_id, user_name, asset_id, asset_name, account, protocol, use, command, client_ip, via, permission, started_at, ended_at, state, end_cause, exit_code, bytes_in, bytes_out, recording, recording_bytes',
  );
  const command = insert(
    'commands',
    'id, session_id, at, user_id, user_name, asset_id, asset_name, account, line, word, confidence, context, verdict, filter, exit_code, offset_ms',
  );
  const transfer = insert(
    'transfers',
    'id, session_id, user_id, user_name, asset_id, asset_name, account, method, direction, path, started_at, ended_at, bytes, sha256, result',
  );
  const now = Date.now();
  db.transaction(() => {
    for (let i = 0; i < sessions; i++) {
      const startedAt = now - Math.floor((1 - i / sessions) * 90 * DAY) - 60_000;
      const [user, asset] = [chance.one(users), chance.one(assets)];
      const who = {
        user_id: user.id,
        user_name: user.name,
        asset_id: asset.id,
        asset_name: asset.name,
        account: chance.one(['root', 'root', 'deploy']),
      };
      const use = chance.one(['shell', 'shell', 'shell', 'exec', 'files']);
      const length = 5_000 + chance.below(3_600_000);
      const id = newId(startedAt);
      session.run({
        ...who,
        id,
        grant_id: newId(startedAt),
        protocol: 'ssh',
        use,
        command: use === 'exec' ? chance.one(LINES) : null,
        client_ip: `192.0.2.${chance.below(250)}`,
        via: chance.one(['ssh', 'web']),
        permission: 'operators everywhere',
        started_at: startedAt,
        ended_at: Math.min(startedAt + length, now - 1000),
        state: 'ended',
        end_cause: chance.one(['client-closed', 'target-closed', 'target-closed', 'idle', 'terminated', 'revoked']),
        exit_code: chance.one([0, 0, 0, 1, 130, null]),
        bytes_in: chance.below(20_000),
        bytes_out: chance.below(4_000_000),
        recording: 'removed',
        recording_bytes: null,
      });
      for (let c = 0; use === 'shell' && c < 3; c++) {
        const line = chance.one(LINES);
        const verdict =
          line === 'reboot'
            ? 'deny'
            : line.startsWith('rm -rf')
              ? chance.one(['approved', 'refused'])
              : line.startsWith('systemctl')
                ? 'warn'
                : 'pass';
        command.run({
          ...who,
          id: newId(startedAt + c),
          session_id: id,
          at: startedAt + c * 1000,
          line,
          word: line.split(' ')[0]!.toLowerCase(),
          confidence: chance.one(['screen', 'screen', 'screen', 'typed', 'exact']),
          context: 'shell',
          verdict,
          filter: verdict === 'pass' ? null : 'nothing that ends machines',
          exit_code: null,
          offset_ms: c * 1000,
        });
      }
      if (use === 'files') {
        transfer.run({
          ...who,
          id: newId(startedAt),
          session_id: id,
          method: chance.one(['sftp', 'scp', 'web', 'rsync']),
          direction: chance.one(['upload', 'download']),
          path: chance.one([
            '/etc/nginx/nginx.conf',
            '/var/backups/db-2026-11-01.sql.gz',
            '/home/deploy/<b>报告</b>.pdf',
          ]),
          started_at: startedAt,
          ended_at: startedAt + 2000,
          bytes: chance.below(900_000_000),
          sha256: 'a'.repeat(64),
          result: chance.one(['ok', 'ok', 'ok', 'failed', 'denied']),
        });
      }
    }
  })();
  db.close();
}
