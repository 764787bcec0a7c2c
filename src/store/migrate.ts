import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import { AppError } from '../kernel/errors.ts';
import { MIGRATIONS } from './migrations/index.ts';

const KEEP_SNAPSHOTS = 3;
/** "bast": tells our database from any other SQLite file. */
const APPLICATION_ID = 0x62617374;

export type Migrations = typeof MIGRATIONS;

/**
 * Brings the database to the newest version in one transaction. An existing database is copied beside itself first.
 * AppError `config` when the file was written by a newer release or is not ours; then nothing is touched.
 * @returns the snapshot's file, undefined when none was needed.
 */
export function migrate(
  sqlite: Sqlite,
  file: string,
  now: number,
  migrations: Migrations = MIGRATIONS,
): string | undefined {
  const version = checkOurs(sqlite, file, migrations);
  if (version === migrations.length) return undefined;
  const snapshotFile = version > 0 ? snapshot(sqlite, file, version + 1, now) : undefined;

  // a step may rebuild a table that others refer to; the switch only works outside a transaction
  sqlite.pragma('foreign_keys = off');
  try {
    sqlite.transaction(() => {
      for (const migration of migrations.slice(version)) sqlite.exec(migration.sql);
      const broken = sqlite.pragma('foreign_key_check') as { table: string }[];
      if (broken.length > 0) throw new Error(`migration leaves broken references in ${broken[0]!.table}`);
      sqlite.pragma(`application_id = ${APPLICATION_ID}`);
      sqlite.pragma(`user_version = ${migrations.length}`);
    })();
  } finally {
    sqlite.pragma('foreign_keys = on');
  }
  return snapshotFile;
}

function checkOurs(sqlite: Sqlite, file: string, migrations: Migrations): number {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  const application = Number(sqlite.pragma('application_id', { simple: true }));
  const tables = Number(sqlite.prepare('select count(*) from sqlite_schema').pluck().get());
  if (tables > 0 && application !== APPLICATION_ID)
    throw new AppError(
      'config',
      `${file} is an SQLite database of another program; move it away or choose another data directory.`,
    );
  if (version > migrations.length)
    throw new AppError(
      'config',
      `${file} was written by a newer bastion (database version ${version}, this one knows ${migrations.length}). ` +
        'Run that release, or put back a bastion.db.before-… snapshot made before the upgrade.',
    );
  return version;
}

/** Copies the whole database into `bastion.db.before-<version>-<time>` and keeps the newest few of these. */
function snapshot(sqlite: Sqlite, file: string, version: number, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  const target = `${file}.before-${version}-${time}`;
  rmSync(target, { force: true });
  // VACUUM INTO accepts an empty file, and making it ourselves is what gives it its mode
  closeSync(openSync(target, 'wx', 0o600));
  sqlite.prepare('vacuum into ?').run(target);
  syncPath(target);
  syncPath(dirname(target));
  prune(file);
  return target;
}

function prune(file: string): void {
  const prefix = `${basename(file)}.before-`;
  const timeOf = (name: string) => name.slice(name.lastIndexOf('-') + 1);
  const snapshots = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix));
  snapshots.sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
  for (const old of snapshots.slice(KEEP_SNAPSHOTS)) rmSync(join(dirname(file), old));
}

function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
