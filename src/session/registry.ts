import type { Access } from '../access/access.ts';
import { Grant } from '../access/grant.ts';
import type { Config } from '../config/schema.ts';
import type { ClientChannel } from '../kernel/channel.ts';
import { type Clock, within } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { newId, type SessionId } from '../kernel/id.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Log } from '../kernel/log.ts';
import type { Recordings } from '../storage/local.ts';
import type { Actor } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Connector } from '../targets/connector.ts';
import { Finishing } from './finishing.ts';
import { Indexing } from './indexing.ts';
import { LateRows } from './late-rows.ts';
import { LiveCounts } from './live-counts.ts';
import { useOf } from './program-use.ts';
import { Recheck } from './recheck.ts';
import { recover } from './recover.ts';
import { Reviews } from './reviews.ts';
import { auditTarget } from './rows.ts';
import { Session } from './session.ts';
import { type Share, Shares } from './shares.ts';
import type { LiveSession, OpenOptions, Registry, Visit, Watcher } from './types.ts';
import { beginVisit } from './visit.ts';

/** At a shutdown so long recordings may still be rendered; the rest is done at the next start. */
const RENDER_AT_END_MS = 20_000;

export interface RegistryDeps {
  readonly store: Store;
  readonly access: Access;
  readonly connector: Connector;
  readonly recordings: Recordings;
  readonly config: Pick<Config, 'session'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a session needs from its registry. */
export interface SessionDeps extends RegistryDeps {
  readonly reviews: Reviews;
  readonly shares: Shares;
  /** Its recording lies complete in the spool. */
  readonly finished: (id: SessionId) => void;
  /** Its last row could not be written: to be tried again. */
  readonly writeLater: (write: () => Promise<void>) => void;
}

export interface SessionRegistry extends Registry {
  /** Resolves when the recording of an ended session is stored, or has failed. */
  rendered(id: SessionId): Promise<void>;
}

/** The heart: every use of every asset is a session in here. */
export function createRegistry(deps: RegistryDeps): SessionRegistry {
  return new LiveRegistry(deps);
}

class LiveRegistry implements SessionRegistry {
  readonly #deps: SessionDeps;
  readonly #indexing: Indexing;
  readonly #finishing: Finishing;
  readonly #lateRows: LateRows;
  readonly #counts: LiveCounts;
  readonly #recheck: Recheck;
  readonly reviews: Reviews;
  readonly shares: Shares;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #stopListening: Disposer;
  #closing = false;

  constructor(deps: RegistryDeps) {
    this.#indexing = new Indexing(deps);
    this.#finishing = new Finishing(deps.store, deps.recordings, deps.log, (id) => this.#indexing.add(id));
    this.#lateRows = new LateRows(deps.clock);
    this.reviews = new Reviews(deps);
    this.shares = new Shares(deps.clock);
    this.#deps = {
      ...deps,
      reviews: this.reviews,
      shares: this.shares,
      finished: (id) => this.#finishing.add(id),
      writeLater: (write) => this.#lateRows.add(write),
    };
    const live = () => this.#sessions.values();
    this.#counts = new LiveCounts(deps.store.sessions, deps.clock, deps.log, live);
    this.#recheck = new Recheck(deps.access, deps.clock, deps.log, live);
    this.#stopListening = deps.store.onAccessChanged(() => this.#recheck.changed());
  }

  async open(grant: Grant, client: ClientChannel, options: OpenOptions): Promise<LiveSession> {
    if (!Grant.isGrant(grant)) throw new AppError('forbidden', 'A session needs a grant; connect through a login.');
    // what it was minted for, and nothing else
    if (useOf(options.program) !== grant.use)
      throw new AppError('forbidden', `This grant is for ${grant.use}, and ${options.program.kind} was asked for.`);
    if (this.#closing) {
      throw new AppError(
        'shutting_down',
        'The bastion is going down and takes no new sessions. Try again when it is back.',
      );
    }
    this.#checkBound(grant);
    const session = new Session(this.#deps, newId<SessionId>(this.#deps.clock.now()), grant, options);
    this.#sessions.set(session.id, session);
    void session.ended.then(() => {
      this.#sessions.delete(session.id);
      this.reviews.sessionEnded(session.id);
      this.shares.removeOf(session.id);
    });
    this.#counts.begin();
    // a change between the decision and this line was told to nobody
    void this.#recheck.one(session);
    await session.start(client);
    return session;
  }

  get(id: SessionId): LiveSession | undefined {
    return this.#sessions.get(id);
  }

  live(): LiveSession[] {
    return [...this.#sessions.values()];
  }

  async terminate(id: SessionId, by: Actor): Promise<void> {
    await this.#need(id).end({ cause: 'terminated', detail: by.name }, by);
  }

  async setLocked(id: SessionId, locked: boolean, by: Actor): Promise<void> {
    const session = this.#need(id);
    await this.#audit(session, locked ? 'session.lock' : 'session.unlock', by);
    if (locked) session.lock(by.name);
    else session.unlock(by.name);
  }

  async watch(id: SessionId, watcher: Watcher, by: Actor, share?: Share): Promise<Visit> {
    const session = this.#need(id);
    const link = share && { share: share.id, write: share.write, sharedBy: share.createdBy };
    if (session.isTerminal) {
      await this.#audit(session, 'session.watch', by, link);
      if (share) await this.#audit(session, 'share.use', by, link);
    }
    return beginVisit(session, watcher, {
      name: by.name,
      shared: share !== undefined,
      audit: (action) => this.#audit(session, action, by, link),
      failed: (err) => this.#deps.log.error({ session: id, err }, 'an audit row cannot be written'),
    });
  }

  async shutdown(graceMs: number): Promise<void> {
    this.#closing = true;
    const { clock, recordings } = this.#deps;
    const sessions = [...this.#sessions.values()];
    if (graceMs > 0) {
      for (const session of sessions) session.goingDown(graceMs);
      await within(clock, graceMs, Promise.all(sessions.map((session) => session.ended)));
    }
    await Promise.all([...this.#sessions.values()].map((session) => session.end({ cause: 'shutdown' })));
    this.#stopListening();
    this.#counts.stop();
    await within(clock, RENDER_AT_END_MS, this.#finishing.idle());
    this.#finishing.stop();
    this.#indexing.stop();
    this.#lateRows.stop();
    await recordings.close();
  }

  async recover(): Promise<void> {
    await this.#deps.recordings.prepare();
    await recover({ ...this.#deps, finishing: this.#finishing, isLive: (id) => this.#sessions.has(id) });
    this.#indexing.begin();
  }

  rendered(id: SessionId): Promise<void> {
    return this.#finishing.rendered(id);
  }

  #need(id: SessionId): Session {
    const session = this.#sessions.get(id);
    if (session) return session;
    throw new AppError(
      'not_found',
      'No live session has this id. `bastion session list --live` shows those there are.',
    );
  }

  /** A browser makes forwarded connections by the dozen: they are counted by themselves. */
  #checkBound({ who, use }: Grant): void {
    const { max_per_user, max_forwards_per_user } = this.#deps.config.session;
    const forward = use === 'forward';
    let count = 0;
    for (const { grant } of this.#sessions.values()) {
      if (grant.who.user.id === who.user.id && (grant.use === 'forward') === forward) count++;
    }
    if (count < (forward ? max_forwards_per_user : max_per_user)) return;
    throw new AppError(
      'rate_limited',
      forward
        ? `You have ${count} forwarded connections open, which is the limit. Close some and connect again.`
        : `You have ${count} sessions open, which is the limit. Close one and connect again.`,
    );
  }

  #audit(session: Session, action: string, by: Actor, details: Record<string, unknown> = {}): Promise<void> {
    const row = session.row();
    return this.#deps.store.audit.append({
      actor: by,
      action,
      outcome: 'ok',
      target: auditTarget(row),
      reason: null,
      details: { user: row.userName, ...details },
    });
  }
}
