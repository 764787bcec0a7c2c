import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepAddons } from '../../kernel/addons.ts';
import { AppError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { TestDaemon } from './daemon.ts';

/** One thing that was tried, in the order of trying. */
export interface SelfCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, or what is wrong. */
  readonly detail: string;
  readonly milliseconds: number;
}

/** A check tells what it found, or throws. */
type Check = readonly [name: string, run: () => Promise<string>];

/**
 * Tries on this machine what the bastion stands on, in a data directory of its own that is removed afterwards: below
 * `place`, else in the system's temporary directory. A daemon that does not start is the last check.
 */
export async function* selfTest(place: string | undefined): AsyncGenerator<SelfCheck> {
  const dataDir = temporaryDirectory(place ?? tmpdir());
  try {
    keepAddons(dataDir);
    for (const check of basics(dataDir)) yield await tried(check);
    let daemon: TestDaemon | undefined;
    yield await tried([
      'a daemon with its threads',
      async () => {
        const { TestDaemon } = await import('./daemon.ts');
        daemon = await TestDaemon.start(dataDir);
        return 'SSH and HTTP on loopback';
      },
    ]);
    if (daemon) yield* ofDaemon(daemon);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** What needs no daemon. The rooms are imported within, because they load addons. */
function* basics(dataDir: string): Iterable<Check> {
  yield [
    'ssh2: native ciphers, patches',
    async () => {
      (await import('../../kernel/ssh2/native.ts')).assertSsh2();
      return 'all in effect';
    },
  ];
  yield [
    'SQLite: WAL, full text search',
    async () => {
      const { checkSqlite } = await import('../../store/self-check.ts');
      return checkSqlite(join(dataDir, 'rows.db'), join(dataDir, 'texts.db'));
    },
  ];
  yield [
    'password hashing in its thread',
    async () => {
      const { Passwords } = await import('../../auth/password.ts');
      const passwords = new Passwords();
      try {
        const hash = await passwords.hash(Secret.of('right'), 'self-test');
        const [right, wrong] = await Promise.all(
          ['right', 'wrong'].map((text) => passwords.verify(Secret.of(text), hash, 'self-test')),
        );
        if (!right || wrong) throw new Error('a password is not told from another one');
        return hash.split('$').slice(1, 3).join(' ');
      } finally {
        await passwords.close();
      }
    },
  ];
}

async function* ofDaemon(daemon: TestDaemon): AsyncGenerator<SelfCheck> {
  try {
    yield await tried(['the pages over HTTP', () => daemon.pages()]);
    const login = await tried(['an SSH login, a terminal', () => daemon.login()]);
    yield login;
    if (login.ok) {
      yield await tried(['its recording, read back', () => daemon.recording()]);
      yield await tried(['its output, searched', () => daemon.search()]);
      yield await tried(['the audit log, verified', () => daemon.audit()]);
    }
  } finally {
    await daemon.stop();
  }
}

async function tried([name, run]: Check): Promise<SelfCheck> {
  const from = performance.now();
  const [ok, detail] = await run().then(
    (found) => [true, found] as const,
    (error: unknown) => [false, error instanceof Error ? error.message : String(error)] as const,
  );
  return { name, ok, detail, milliseconds: Math.round(performance.now() - from) };
}

function temporaryDirectory(place: string): string {
  try {
    return mkdtempSync(join(place, 'bastion-self-test-'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'config',
      `No temporary directory can be made in ${place} (${code}). Name a directory for it with --data.`,
      { cause },
    );
  }
}
