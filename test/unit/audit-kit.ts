import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite, { type Database } from 'better-sqlite3';
import type { Clock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { type Evidence, openEvidence } from '../../src/store/audit/evidence.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { Vault } from '../../src/store/vault.ts';
import { type Told, verifyAudit } from '../../src/tasks/verify.ts';
import { tempDir } from './store-kit.ts';

/** A store with its chain, as the daemon opens it; `close` it before changing its file. */
export interface ChainedStore {
  readonly dataDir: string;
  readonly store: Store;
  readonly vault: Vault;
  readonly evidence: Evidence;
  close(): Promise<void>;
}

/** A directory with a new master key: of the running test, or in one that is there. */
export function newDataDir(parent?: string): string {
  const dataDir = parent === undefined ? tempDir() : mkdtempSync(join(parent, 'data-'));
  createMasterKey(join(dataDir, 'master.key'));
  return dataDir;
}

export async function openChained(dataDir = newDataDir(), clock?: Clock): Promise<ChainedStore> {
  const store = await openStore({ dataDir, log: silentLog(), clock });
  const vault = await openVault({ keyFile: join(dataDir, 'master.key'), store });
  const evidence = await openEvidence({ store, vault });
  return { dataDir, store, vault, evidence, close: () => store.close() };
}

/** Works on the database as somebody does who is not the bastion. */
export function behindItsBack(dataDir: string, work: (sqlite: Database) => void): void {
  const sqlite = new BetterSqlite(join(dataDir, 'bastion.db'));
  try {
    work(sqlite);
  } finally {
    sqlite.close();
  }
}

export interface Verified {
  /** `kind@seq`, in the order they were told. */
  readonly found: readonly string[];
  readonly texts: readonly string[];
  readonly summary: Extract<Told, { kind: 'done' }>;
}

export async function verified(
  { store, evidence }: Pick<ChainedStore, 'store' | 'evidence'>,
  options: { head?: Awaited<ReturnType<Evidence['head']>>; digest?: (id: string) => Promise<string | undefined> } = {},
): Promise<Verified> {
  const { head, digest } = options;
  const told: Told[] = [];
  const recordings = { digest: digest ?? (async () => undefined) };
  for await (const one of verifyAudit({ store, evidence, recordings }, { head, recordings: digest !== undefined }))
    told.push(one);
  const findings = told.filter((one) => one.kind === 'finding');
  return {
    found: findings.map(({ finding, seq }) => (seq === null ? finding : `${finding}@${seq}`)),
    texts: findings.map(({ text }) => text),
    summary: told.at(-1) as Verified['summary'],
  };
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
