import { Readable } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/id.ts';
import type { LiveSession, Registry } from '../../session/types.ts';
import type { Recordings } from '../../storage/local.ts';
import type { SessionRow } from '../../store/model.ts';
import type { SessionQuery, Store } from '../../store/store.ts';
import type { ParsedQuery } from '../contract/route.ts';
import type { SessionView, sessions } from '../contract/sessions.ts';
import { done } from './audit-draft.ts';
import { quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { jsonLines } from './json-lines.ts';
import { pageOf } from './paging.ts';
import { personOf } from './person.ts';
import { RecordingLooks } from './recording-looks.ts';
import { iso, isoOrNull, millisOrUndefined } from './time.ts';
import { WatchStream } from './watch-stream.ts';

export interface SessionDeps {
  readonly store: Pick<Store, 'sessions' | 'audit'>;
  /** Absent where no daemon runs: then nothing is live. */
  readonly registry: Registry | undefined;
  readonly recordings: Pick<Recordings, 'open' | 'parts' | 'part'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** One's own sessions, and nobody else's of the same name: whose they are stands in the query. */
export function ownSessionHandlers({
  store,
  registry,
}: Pick<SessionDeps, 'store' | 'registry'>): Pick<Handlers<'me'>, 'sessions'> {
  return {
    async sessions({ query, caller }) {
      const { after, limit, live } = query;
      const userId = personOf(caller).user.id;
      const rows = await store.sessions.list({ userId, live, after, limit: limit + 1 });
      const page = pageOf(rows, limit);
      return { items: page.items.map((row) => liveView(row, registry)), next: page.next };
    },
  };
}

export function sessionHandlers({ store, registry, recordings, clock }: SessionDeps): Handlers<'sessions'> {
  const looks = new RecordingLooks(store, clock);
  const view = (row: SessionRow) => liveView(row, registry);
  const find = async (id: string): Promise<SessionRow> => {
    const row = await store.sessions.byId(id as SessionId);
    if (!row) throw new AppError('not_found', `There is no session ${quoted(id)}. See: bastion session list`);
    return row;
  };
  const recorded = async (id: string): Promise<SessionRow> => {
    const row = await find(id);
    if (row.recording === 'none') throw new AppError('not_found', `Session ${row.id} has no recording.`);
    if (row.recording === 'removed')
      throw new AppError('not_found', `The recording of session ${row.id} was removed by its age, as configured.`);
    return row;
  };
  /** The registry, for a session that is there and live. */
  const running = async (id: string): Promise<{ registry: Registry; row: SessionRow }> => {
    const row = await find(id);
    if (!registry) {
      throw new AppError(
        'needs_daemon',
        'No session is live: the daemon is not running. Start it with "bastion serve".',
      );
    }
    if (!registry.get(row.id)) throw new AppError('conflict', `Session ${row.id} is over already.`);
    return { registry, row };
  };

  return {
    async list({ query }) {
      const { after, limit, ...filter } = query;
      const page = pageOf(await store.sessions.list({ ...storeQuery(filter), after, limit: limit + 1 }), limit);
      return { items: page.items.map(view), next: page.next };
    },

    async export({ query, actor }) {
      await store.audit.append(done(actor, 'session.export', null, query));
      return jsonLines((page) => store.sessions.list({ ...storeQuery(query), ...page }), view);
    },

    async show({ params }) {
      return view(await find(params.id));
    },

    async end({ params, actor }) {
      const { registry, row } = await running(params.id);
      await registry.terminate(row.id, actor);
      return {};
    },

    async lock({ params, actor }) {
      const { registry, row } = await running(params.id);
      await registry.setLocked(row.id, true, actor);
      return {};
    },

    async unlock({ params, actor }) {
      const { registry, row } = await running(params.id);
      await registry.setLocked(row.id, false, actor);
      return {};
    },

    async recording({ params, actor }) {
      const row = await recorded(params.id);
      const stream = await recordings.open(row.id);
      try {
        await looks.begin(row, actor);
      } catch (error) {
        stream.destroy();
        throw error;
      }
      return stream;
    },

    async recordingIndex({ params, actor }) {
      const row = await recorded(params.id);
      if (row.recording !== 'ready') throw notReady(row);
      const parts = await recordings.parts(row.id);
      await looks.begin(row, actor);
      return parts;
    },

    async recordingPart({ params, query, actor }) {
      const row = await recorded(params.id);
      if (row.recording !== 'ready') throw notReady(row);
      if (!/^\d{1,6}$/.test(params.part)) throw new AppError('not_found', 'A part is a number; 0 is the first.');
      const events = await recordings.part(row.id, Number(params.part), query.screen ?? false);
      await looks.goOn(row, actor);
      return Readable.from([events], { objectMode: false });
    },

    async watch({ params, actor }) {
      const { registry, row } = await running(params.id);
      const watcher = new WatchStream();
      const visit = await registry.watch(row.id, watcher, actor);
      watcher.attached(() => visit.leave());
      return watcher;
    },
  };
}

function storeQuery({ since, until, ...rest }: ParsedQuery<typeof sessions.export>): SessionQuery {
  return { ...rest, since: millisOrUndefined(since), until: millisOrUndefined(until) };
}

function notReady(row: SessionRow): AppError {
  return row.recording === 'failed'
    ? new AppError(
        'not_found',
        `The recording of session ${row.id} could not be finished; the log of the bastion says why.`,
      )
    : new AppError('conflict', `The recording of session ${row.id} is still being written. Try again in a moment.`);
}

/** A live session as it is now, any other as it was written. */
function liveView(row: SessionRow, registry: Registry | undefined): SessionView {
  const live = registry?.get(row.id);
  return sessionView(live?.row() ?? row, live);
}

function sessionView(row: SessionRow, live: LiveSession | undefined): SessionView {
  return {
    id: row.id,
    user: row.userName,
    userId: row.userId,
    asset: row.assetName,
    assetId: row.assetId,
    account: row.account,
    protocol: row.protocol,
    use: row.use,
    command: row.command,
    destination: row.destination,
    label: row.label,
    clientIp: row.clientIp,
    via: row.via,
    permission: row.permission,
    startedAt: iso(row.startedAt),
    endedAt: isoOrNull(row.endedAt),
    state: row.state,
    terminal: live?.isTerminal ?? false,
    locked: live?.locked ?? false,
    people: live?.participants.all ?? [],
    endCause: row.endCause,
    endDetail: row.endDetail,
    exitCode: row.exitCode,
    exitSignal: row.exitSignal,
    bytesIn: row.bytesIn,
    bytesOut: row.bytesOut,
    recording: row.recording,
    recordingBytes: row.recordingBytes,
    recordingSha256: row.recordingSha256,
  };
}
