import { type Kysely, sql } from 'kysely';
import { AppError } from '../kernel/errors.ts';
import { stripped } from '../kernel/printable.ts';
import type { AuditWriter } from './audit/writer.ts';
import type { AuditDraft, Millis } from './model.ts';
import { nameKey } from './name-key.ts';
import type { Database } from './schema.ts';
import type { Audit } from './store.ts';
import { mustBeVersion } from './version.ts';

export { mustBeVersion, nameKey };

/** What a repository works with. `now` is the caller's clock at the time of the call, set anew for each job. */
export interface Work {
  readonly db: Kysely<Database>;
  now: Millis;
  readonly auditWriter: AuditWriter;
}

/** The base of all repositories. A method runs inside the transaction of its job; throwing undoes the whole job. */
export abstract class Repository {
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  protected get work(): Work {
    return this.#work;
  }

  protected get db(): Kysely<Database> {
    return this.#work.db;
  }

  protected get now(): Millis {
    return this.#work.now;
  }

  protected async writeAudit(audit: Audit): Promise<void> {
    const drafts = Array.isArray(audit) ? (audit as readonly AuditDraft[]) : [audit as AuditDraft];
    await this.#work.auditWriter.write(this.db, drafts, this.now);
  }
}

/** A text of unknown origin for use in a message: no control or direction characters, of bearable length. */
export function quoted(text: string): string {
  return `"${stripped(text, 80)}"`;
}

/** `see`: the command that lists what there is. */
export function notFound(kind: string, name: string, see = `bastion ${kind} list`): AppError {
  return new AppError('not_found', `There is no ${kind} ${quoted(name)}. See: ${see}`);
}

export function taken(kind: string, name: string): AppError {
  const article = kind === 'asset' ? 'an' : 'a';
  return new AppError('conflict', `There is already ${article} ${kind} ${quoted(name)}; choose another name.`);
}

export const flag = (value: boolean): number => (value ? 1 : 0);

/** Only the keys that were given: in a patch, `undefined` means "as it was". */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** A list as one bound parameter, so that the statement's text does not depend on its length. */
export function listOf<T extends string>(values: readonly T[]) {
  return sql<T>`(select value from json_each(${JSON.stringify(values)}))`;
}

const NAMED = { users: 'user', groups: 'group', assets: 'asset' } as const;

/** The ids behind names; AppError `not_found` naming the first that does not exist. */
export async function idsOf<T extends string>(
  work: Work,
  table: keyof typeof NAMED,
  names: readonly string[],
): Promise<T[]> {
  if (names.length === 0) return [];
  const keys = names.map(nameKey);
  const rows = await work.db
    .selectFrom(table as 'users')
    .select(['id', 'name_key'])
    .where('name_key', 'in', listOf(keys))
    .execute();
  const found = new Map<string, string>(rows.map((row) => [row.name_key, row.id]));
  for (const [i, key] of keys.entries()) if (!found.has(key)) throw notFound(NAMED[table], names[i]!);
  return [...new Set(keys)].map((key) => found.get(key) as T);
}

/** The next version of a row. */
export const nextVersion = sql<number>`version + 1`;

/** AppError `conflict` when another row of the table has this name already. */
export async function mustBeFree(work: Work, table: keyof typeof UNIQUE, name: string, butId?: string): Promise<void> {
  const row = await work.db
    .selectFrom(table as 'users')
    .select('id')
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst();
  if (row && row.id !== butId) throw taken(UNIQUE[table], name);
}
const UNIQUE = {
  ...NAMED,
  permissions: 'permission',
  filters: 'filter',
  authorities: 'certificate authority',
} as const;
