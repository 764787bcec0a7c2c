// A million commands of half a year, and the questions people ask of them, through the store as the daemon calls it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssetId, newId, type SessionId, type UserId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { CommandRow } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { CommandQuery, Store } from '../../src/store/store.ts';
import { commandRow } from '../kit/rows.ts';
import { Seeded } from '../kit/seeded.ts';
import { median, percentile, type Row } from './measure.ts';

const COMMANDS = 1_000_000;
const DAY_MS = 86_400_000;
const END = Date.UTC(2026, 0, 1);
const SPAN_MS = 180 * DAY_MS;
const A_SESSION = 40;
const A_BATCH = 200;
/** Written in bigger batches than a session's, but for the last, which are the measured ones. */
const A_LOAD = 5000;
const MEASURED = 100 * A_BATCH;
const ROUNDS = 5;

const QUESTIONS: readonly (readonly [name: string, query: CommandQuery])[] = [
  ['common', { text: 'systemctl restart' }],
  ['many trigrams but few rows', { text: 'systemctl restart kubelet --no-block' }],
  ['an address', { text: '@10.1.2.3' }],
  ['nowhere', { text: 'rm -rf /opt/app/zzqz' }],
  ['Chinese', { text: '数据库备份' }],
  ['two letters', { text: 'ls' }],
  ['two Chinese characters', { text: '日志' }],
  ['one letter', { text: 'e' }],
  ['one Chinese character', { text: '的' }],
  ['common of a user', { text: 'systemctl', user: 'user42' }],
  ['common of a user who never did it', { text: 'systemctl', user: 'idle' }],
  ['common of a user on an asset', { text: 'SELECT * FROM', user: 'user7', asset: 'asset11' }],
  ['common of the last day', { text: 'docker exec', since: END - DAY_MS }],
  ['one letter of a user', { text: 'q', user: 'user3' }],
  ['no text of a user and an asset', { user: 'user3', asset: 'asset5' }],
  ['no text but denied', { verdict: 'deny' }],
];

export async function commandSearch(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bastion-bench-commands-'));
  const store = await openStore({ dataDir, log: silentLog() });
  try {
    const added = await fill(store);
    // the first search starts the reader's thread
    await store.commands.list({});
    const times: [string, number][] = [];
    for (const [name, query] of QUESTIONS) times.push([name, await timed(() => store.commands.list(query))]);
    const [slowest, most] = times.reduce((worst, one) => (one[1] > worst[1] ? one : worst));
    const counting = await timed(() => store.statistics.between(END - 30 * DAY_MS, END, 10));
    const countingAll = await timed(() => store.statistics.between(END - SPAN_MS, END, 10));
    return [
      {
        measure: 'search in 1 million commands, the slowest of 16 questions',
        goal: '≤ 200 ms',
        reached: ms(most),
        met: most <= 200,
        detail: `${slowest}; ${times.map(([name, time]) => `${name} ${ms(time)}`).join(', ')}`,
      },
      {
        measure: 'statistics of 30 days',
        goal: '≤ 1 s',
        reached: ms(counting),
        met: counting <= 1000,
        detail: `of all 180 days ${ms(countingAll)}`,
      },
      {
        measure: `${A_BATCH} commands written, with index and commit`,
        goal: '≤ 10 ms',
        reached: ms(median(added)),
        met: median(added) <= 10,
        detail: `p99 ${ms(percentile(added, 0.99))}`,
      },
    ];
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true });
  }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return median(times);
}

/** The times of the last batches. */
async function fill(store: Store): Promise<number[]> {
  const times: number[] = [];
  const lines = new Lines();
  for (let done = 0; done < COMMANDS; ) {
    const measured = done >= COMMANDS - MEASURED;
    const size = measured ? A_BATCH : A_LOAD;
    const rows = Array.from({ length: size }, (_, i) => lines.row(done + i));
    const began = performance.now();
    await store.commands.add(rows);
    if (measured) times.push(performance.now() - began);
    done += size;
  }
  return times;
}

const ms = (time: number) => `${time.toFixed(1)} ms`;

const DIRECTORIES = ['/var/log', '/etc', '/opt/app', '/srv/www', '/home/deploy', '/usr/local/bin', '/data/backup'];
const FILES = [
  'config.yml',
  'access.log',
  'error.log',
  'app.jar',
  'backup.sql',
  'main.go',
  '日志文件.txt',
  '数据库备份.sql',
];
const SERVICES = ['nginx', 'mysqld', 'redis', 'sshd', 'docker', 'kubelet', 'postgresql', 'haproxy', 'cron', 'rsyslog'];
const CHARACTERS = [
  ...'的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条',
];

/** The same lines in each run. */
class Lines {
  readonly #chance = new Seeded(1);
  #session: Pick<CommandRow, 'sessionId' | 'userId' | 'userName' | 'assetId' | 'assetName'> | undefined;

  row(i: number): CommandRow {
    const at = Math.floor(END - SPAN_MS + (i * SPAN_MS) / COMMANDS);
    if (i % A_SESSION === 0 || !this.#session) {
      // a few people do most of the work
      const user = Math.min(this.#chance.below(200), this.#chance.below(200));
      const asset = this.#chance.below(300);
      this.#session = {
        sessionId: newId<SessionId>(at),
        userId: `${user}`.padStart(26, '0') as UserId,
        userName: `user${user}`,
        assetId: `${asset}`.padStart(26, '0') as AssetId,
        assetName: `asset${asset}`,
      };
    }
    const verdict = this.#chance.below(100) === 0 ? this.#chance.one(['deny', 'warn', 'approved'] as const) : 'pass';
    return commandRow({
      ...this.#session,
      id: newId(at),
      at,
      line: this.#line(),
      verdict,
      filter: verdict === 'pass' ? null : 'careful',
    });
  }

  #line(): string {
    const word = () => this.#word();
    const dir = this.#chance.one(DIRECTORIES);
    switch (this.#chance.below(16)) {
      case 0:
        return 'ls';
      case 1:
        return `ls -la ${dir}`;
      case 2:
        return `cd ${dir}/${word()}`;
      case 3:
        return `sudo systemctl ${this.#chance.one(['restart', 'status', 'stop', 'reload'])} ${this.#chance.one(SERVICES)}`;
      case 4:
        return `tail -n ${this.#chance.below(500)} -f ${dir}/${this.#chance.one(FILES)}`;
      case 5:
        return `grep -rn "${word()}" ${dir} | head -${this.#chance.below(50)}`;
      case 6:
        return `docker exec -it ${word()} bash`;
      case 7:
        return `vim ${dir}/${this.#chance.one(FILES)}`;
      case 8:
        return `git commit -m "${word()} ${word()} ${word()}"`;
      case 9:
        return `kubectl get pods -n ${word()} -o wide`;
      case 10:
        return `scp ${word()}.tar.gz deploy@10.${this.#chance.below(256)}.${this.#chance.below(256)}.${this.#chance.below(256)}:${dir}`;
      case 11:
        return `echo ${Array.from({ length: 2 + this.#chance.below(8) }, () => this.#chance.one(CHARACTERS)).join('')}`;
      case 12:
        return `ps aux | grep ${word()}`;
      case 13:
        return 'df -h';
      case 14:
        return `rm -rf ${dir}/${word()}`;
      default:
        return `SELECT * FROM ${word()} WHERE ${word()} = '${word()}' LIMIT ${this.#chance.below(1000)};`;
    }
  }

  #word(): string {
    return Array.from({ length: 3 + this.#chance.below(8) }, () =>
      String.fromCharCode(97 + this.#chance.below(26)),
    ).join('');
  }
}
