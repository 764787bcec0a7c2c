import { AppError } from '../../kernel/errors.ts';
import type { UserId } from '../../kernel/id.ts';
import type { PreferencesRepository } from '../store.ts';
import { Repository } from '../work.ts';

export class Preferences extends Repository implements PreferencesRepository {
  async get(userId: UserId): Promise<string | undefined> {
    const row = await this.db.selectFrom('preferences').select('json').where('user_id', '=', userId).executeTakeFirst();
    return row?.json;
  }

  async merge(userId: UserId, json: string, maxBytes: number): Promise<string> {
    const before = Object.entries(JSON.parse((await this.get(userId)) ?? '{}') as Record<string, unknown>);
    const changes = Object.entries(JSON.parse(json) as Record<string, unknown>);
    const after = new Map([...before, ...changes].filter(([name]) => name !== '__proto__'));
    for (const [name, value] of changes) if (value === null) after.delete(name);
    const text = JSON.stringify(Object.fromEntries(after));
    if (Buffer.byteLength(text) > maxBytes)
      throw new AppError(
        'too_large',
        `This is more than the ${maxBytes / 1024} KiB that are kept for a person: remove something first.`,
      );
    await this.db
      .insertInto('preferences')
      .values({ user_id: userId, json: text })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ json: text }))
      .execute();
    return text;
  }
}
