import { type Selectable, sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/id.ts';
import type { RecordingState, SessionRow } from '../model.ts';
import type { SessionsTable } from '../schema.ts';
import type { Audit, SessionEnd, SessionProgress, SessionQuery, SessionsRepository } from '../store.ts';
import { nameKey, Repository } from '../work.ts';

const PAGE = 100;

export class Sessions extends Repository implements SessionsRepository {
  async create(session: SessionRow, audit: Audit): Promise<void> {
    await this.db.insertInto('sessions').values(toColumns(session)).execute();
    await this.writeAudit(audit);
  }

  async end(id: SessionId, end: SessionEnd, audit: Audit): Promise<void> {
    const changed = await this.db
      .updateTable('sessions')
      .set({
        ended_at: end.endedAt,
        state: end.state,
        end_cause: end.cause,
        end_detail: end.detail,
        exit_code: end.exitCode,
        exit_signal: end.exitSignal,
        label: end.label,
        bytes_in: end.bytesIn,
        bytes_out: end.bytesOut,
      })
      .where('id', '=', id)
      .where('state', '=', 'live')
      .executeTakeFirst();
    // the first cause stands: a session ends once
    if (changed.numUpdatedRows === 0n)
      throw (await this.byId(id)) ? new AppError('conflict', 'This session has ended already.') : missingSession();
    await this.writeAudit(audit);
  }

  async progress(progress: readonly SessionProgress[]): Promise<void> {
    for (const { id, bytesIn, bytesOut, label } of progress) {
      await this.db
        .updateTable('sessions')
        .set({ bytes_in: bytesIn, bytes_out: bytesOut, label })
        .where('id', '=', id)
        .where('state', '=', 'live')
        .execute();
    }
  }

  async setRecording(
    id: SessionId,
    recording: { state: RecordingState; bytes: number | null; sha256: string | null },
    audit: Audit,
  ): Promise<void> {
    const changed = await this.db
      .updateTable('sessions')
      .set({ recording: recording.state, recording_bytes: recording.bytes, recording_sha256: recording.sha256 })
      .where('id', '=', id)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw missingSession();
    await this.writeAudit(audit);
  }

  async byId(id: SessionId): Promise<SessionRow | undefined> {
    const row = await this.#select().where('id', '=', id).executeTakeFirst();
    return row && toSession(row);
  }

  async list(query: SessionQuery): Promise<SessionRow[]> {
    let rows = this.#select();
    if (query.after !== undefined) rows = rows.where('id', '<', query.after as SessionId);
    if (query.live !== undefined) rows = rows.where('state', query.live ? '=' : '!=', 'live');
    const { userId, user, asset, use, via, text, since, until } = query;
    if (userId !== undefined) rows = rows.where('user_id', '=', userId);
    // by the name it had then or has now, so that a rename does not hide what came before
    if (user !== undefined)
      rows = rows.where((eb) =>
        eb.or([
          eb('user_name', '=', user),
          eb('user_id', 'in', eb.selectFrom('users').select('users.id').where('name_key', '=', nameKey(user))),
        ]),
      );
    if (asset !== undefined)
      rows = rows.where((eb) =>
        eb.or([
          eb('asset_name', '=', asset),
          eb('asset_id', 'in', eb.selectFrom('assets').select('assets.id').where('name_key', '=', nameKey(asset))),
        ]),
      );
    if (use !== undefined) rows = rows.where('use', '=', use);
    if (via !== undefined) rows = rows.where('via', '=', via);
    if (text !== undefined && text.trim() !== '') rows = rows.where(holding(text.trim()));
    // by their ids too, so that rows come in their order and those beyond are not looked at one by one
    if (since !== undefined)
      rows = rows.where(
        sql<boolean>`+started_at >= ${since} and id >= (select min(+id) from sessions where started_at >= ${since})`,
      );
    if (until !== undefined)
      rows = rows.where(
        sql<boolean>`+started_at < ${until} and id <= (select max(+id) from sessions where started_at < ${until})`,
      );
    return (
      await rows
        .orderBy('id', 'desc')
        .limit(query.limit ?? PAGE)
        .execute()
    ).map(toSession);
  }

  async open(): Promise<SessionRow[]> {
    return (await this.#select().where('state', '=', 'live').orderBy('id').execute()).map(toSession);
  }

  async unrendered(): Promise<SessionRow[]> {
    return (await this.#select().where('recording', '=', 'spool').orderBy('id').execute()).map(toSession);
  }

  async recorded(after: string, limit: number): Promise<SessionRow[]> {
    const rows = this.#select()
      .where('recording', '=', 'ready')
      .where('id', '>', after as SessionId);
    return (await rows.orderBy('id').limit(limit).execute()).map(toSession);
  }

  #select() {
    return this.db.selectFrom('sessions').selectAll();
  }
}

/** A text found in what a list of sessions shows of them. */
function holding(text: string) {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const columns = ['user_name', 'asset_name', 'account', 'client_ip', 'command', 'destination'].map((name) =>
    sql.ref(name),
  );
  return sql<boolean>`(${sql.join(
    columns.map((column) => sql`${column} like ${pattern} escape '\\'`),
    sql` or `,
  )})`;
}

function missingSession(): AppError {
  return new AppError('not_found', 'There is no such session.');
}

function toColumns(session: SessionRow): SessionsTable {
  return {
    id: session.id,
    grant_id: session.grantId,
    user_id: session.userId,
    user_name: session.userName,
    asset_id: session.assetId,
    asset_name: session.assetName,
    account: session.account,
    protocol: session.protocol,
    use: session.use,
    command: session.command,
    destination: session.destination,
    label: session.label,
    client_ip: session.clientIp,
    via: session.via,
    permission: session.permission,
    started_at: session.startedAt,
    ended_at: session.endedAt,
    state: session.state,
    end_cause: session.endCause,
    end_detail: session.endDetail,
    exit_code: session.exitCode,
    exit_signal: session.exitSignal,
    bytes_in: session.bytesIn,
    bytes_out: session.bytesOut,
    recording: session.recording,
    recording_bytes: session.recordingBytes,
    recording_sha256: session.recordingSha256,
  };
}

function toSession(row: Selectable<SessionsTable>): SessionRow {
  return {
    id: row.id,
    grantId: row.grant_id,
    userId: row.user_id,
    userName: row.user_name,
    assetId: row.asset_id,
    assetName: row.asset_name,
    account: row.account,
    protocol: row.protocol,
    use: row.use,
    command: row.command,
    destination: row.destination,
    label: row.label,
    clientIp: row.client_ip,
    via: row.via,
    permission: row.permission,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    state: row.state,
    endCause: row.end_cause,
    endDetail: row.end_detail,
    exitCode: row.exit_code,
    exitSignal: row.exit_signal,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    recording: row.recording,
    recordingBytes: row.recording_bytes,
    recordingSha256: row.recording_sha256,
  };
}
