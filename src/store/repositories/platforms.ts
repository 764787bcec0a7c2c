import type { Selectable } from 'kysely';
import type { Platform } from '../model.ts';
import type { PlatformsTable } from '../schema.ts';
import type { PlatformsRepository } from '../store.ts';
import { Repository } from '../work.ts';

export class Platforms extends Repository implements PlatformsRepository {
  async list(): Promise<Platform[]> {
    return (await this.db.selectFrom('platforms').selectAll().orderBy('name').execute()).map(toPlatform);
  }

  async byName(name: string): Promise<Platform | undefined> {
    const row = await this.db
      .selectFrom('platforms')
      .selectAll()
      .where('name', '=', name.toLowerCase())
      .executeTakeFirst();
    return row && toPlatform(row);
  }
}

function toPlatform(row: Selectable<PlatformsTable>): Platform {
  return {
    name: row.name,
    kind: row.kind,
    legacyAlgorithms: row.legacy_algorithms === 1,
    charset: row.charset,
    builtIn: row.built_in === 1,
    comment: row.comment,
  };
}
