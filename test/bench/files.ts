// Files through sftp, scp and rsync: one big one, and a tree of small ones.
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { ended, interleaved, launch, type Path, type Row } from './measure.ts';
import type { Bench } from './setup.ts';

/** Size of the one big file. */
const MB = Number(process.env.BENCH_MB ?? 1024);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SMALL_FILES = 2000;
const SMALL_BYTES = 4096;
/** In memory, so that no disk is measured. */
const PLACE = '/dev/shm/bastion-bench-';

/** The directories of both ends: `big` and `tree` to be sent, `sink` to be filled. */
interface Places {
  readonly big: string;
  readonly tree: string;
  /** Where the client writes, and where the target writes. */
  readonly near: string;
  readonly far: string;
}

/** One transfer: the program and arguments of a client that goes `path`, and what it writes. */
interface Transfer {
  readonly measure: string;
  readonly goal: number;
  /** Of so many files; otherwise of the big one. */
  readonly files?: number;
  argv(path: Path, places: Places): { readonly argv: readonly string[]; readonly stdin?: string };
}

const HOST = 'target';
const sftp = ({ program }: Path, batch: string) => ({
  argv: ['sftp', '-q', '-S', program, '-b', '-', HOST],
  stdin: `${batch}\n`,
});
const scp = (path: Path, mode: readonly string[], from: string, to: string) => ({
  argv: ['scp', '-q', ...mode, '-S', path.program, from, to],
});
const rsync = (path: Path, from: string, to: string) => ({
  argv: ['rsync', '-a', '--whole-file', '-e', path.program, from, to],
});

const TRANSFERS: readonly Transfer[] = [
  { measure: 'sftp get', goal: 1.4, argv: (path, { big, near }) => sftp(path, `get ${big} ${near}/big`) },
  { measure: 'sftp put', goal: 1.25, argv: (path, { big, far }) => sftp(path, `put ${big} ${far}/big`) },
  {
    measure: 'sftp get -r',
    goal: 1,
    files: SMALL_FILES,
    argv: (path, { tree, near }) => sftp(path, `get -r ${tree} ${near}/tree`),
  },
  {
    measure: 'sftp put -r',
    goal: 1,
    files: SMALL_FILES,
    argv: (path, { tree, far }) => sftp(path, `put -r ${tree} ${far}/tree`),
  },
  { measure: 'scp down', goal: 1.4, argv: (path, { big, near }) => scp(path, [], `${HOST}:${big}`, `${near}/big`) },
  { measure: 'scp up', goal: 1.25, argv: (path, { big, far }) => scp(path, [], big, `${HOST}:${far}/big`) },
  {
    measure: 'scp -O down',
    goal: 1.4,
    argv: (path, { big, near }) => scp(path, ['-O'], `${HOST}:${big}`, `${near}/big`),
  },
  { measure: 'scp -O up', goal: 1.25, argv: (path, { big, far }) => scp(path, ['-O'], big, `${HOST}:${far}/big`) },
  { measure: 'rsync down', goal: 1, argv: (path, { big, near }) => rsync(path, `${HOST}:${big}`, `${near}/big`) },
  { measure: 'rsync up', goal: 1, argv: (path, { big, far }) => rsync(path, big, `${HOST}:${far}/big`) },
  {
    measure: 'rsync down',
    goal: 1,
    files: SMALL_FILES,
    argv: (path, { tree, near }) => rsync(path, `${HOST}:${tree}`, `${near}/`),
  },
  {
    measure: 'rsync up',
    goal: 1,
    files: SMALL_FILES,
    argv: (path, { tree, far }) => rsync(path, tree, `${HOST}:${far}/`),
  },
];

/** The rows of the transfers whose measure begins so; each against OpenSSH's double hop in the same run. */
export function files(client: string): (bench: Bench) => Promise<Row[]> {
  return async ({ direct, doubleHop, through }) => {
    const root = mkdtempSync(PLACE);
    try {
      const places = await prepare(root);
      const rows: Row[] = [];
      for (const transfer of TRANSFERS.filter(({ measure }) => measure.startsWith(`${client} `))) {
        const unit = transfer.files === undefined ? 'MB/s' : 'files/s';
        const what = transfer.files === undefined ? `${MB} MB` : `${transfer.files} files of ${SMALL_BYTES} bytes`;
        const speed = await interleaved([direct, doubleHop, through], ROUNDS, (path) => once(transfer, path, places));
        const ratio = speed.get('bastion')! / speed.get('double hop')!;
        rows.push({
          measure: `${transfer.measure}, ${what} ÷ double hop`,
          goal: `≥ ${transfer.goal}`,
          reached: `${ratio.toFixed(2)}×`,
          met: ratio >= transfer.goal,
          detail: [...speed].map(([name, value]) => `${name} ${value.toFixed(0)} ${unit}`).join(', '),
        });
      }
      return rows;
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };
}

async function prepare(root: string): Promise<Places> {
  const places = {
    big: join(root, 'big'),
    tree: join(root, 'tree'),
    near: join(root, 'near'),
    far: join(root, 'far'),
  };
  writeFileSync(places.big, '');
  truncateSync(places.big, MB * 1024 * 1024);
  for (let i = 0; i < SMALL_FILES; i++) {
    const dir = join(places.tree, `dir${i % 20}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `file${i}`), Buffer.alloc(SMALL_BYTES, `file ${i} `));
  }
  const owned = await run('chown', ['-R', TEST_USER.name, root]);
  if (owned.code !== 0) throw new Error(owned.stderr);
  return places;
}

/** MB or files per second of one transfer, which must have arrived whole. */
async function once(transfer: Transfer, path: Path, places: Places): Promise<number> {
  const { near, far } = places;
  for (const sink of [near, far]) {
    rmSync(sink, { recursive: true, force: true });
    mkdirSync(sink);
  }
  await run('chown', [TEST_USER.name, far]);
  const { argv, stdin } = transfer.argv(path, places);
  const started = performance.now();
  const child = launch(argv, ['pipe', 'ignore', 'inherit']);
  child.stdin!.end(stdin ?? '');
  await ended(child, `${transfer.measure} ${path.name}`);
  const seconds = (performance.now() - started) / 1e3;
  if (transfer.files === undefined) {
    const arrived = [near, far].map((sink) => statSync(join(sink, 'big'), { throwIfNoEntry: false })?.size ?? 0);
    if (Math.max(...arrived) !== MB * 1024 * 1024) throw new Error(`${transfer.measure} ${path.name}: a short file`);
    return MB / seconds;
  }
  const { stdout } = await run('find', [near, far, '-type', 'f', '-size', `${SMALL_BYTES}c`]);
  const count = stdout.split('\n').length - 1;
  if (count !== transfer.files) throw new Error(`${transfer.measure} ${path.name}: ${count} files arrived`);
  return count / seconds;
}
