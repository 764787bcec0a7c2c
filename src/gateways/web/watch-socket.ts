import type { z } from 'zod';
import type { Access } from '../../access/access.ts';
import { type WatchOutput, watchInput } from '../../api/contract/ws.ts';
import { OUTPUT_WINDOW } from '../../api/contract/ws-limits.ts';
import { actorOf } from '../../auth/actor.ts';
import type { Identity } from '../../auth/identity.ts';
import type { Size } from '../../kernel/channel.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, toAppError } from '../../kernel/errors.ts';
import type { SessionId } from '../../kernel/id.ts';
import { DisposableStore, type Disposer } from '../../kernel/lifecycle.ts';
import type { Log } from '../../kernel/log.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Share } from '../../session/shares.ts';
import type { EndReason, LiveSession, Registry, Visit, Watcher } from '../../session/types.ts';
import { PageSocket } from './page-socket.ts';
import type { Arrival, Served } from './sockets.ts';

type Message = z.output<typeof watchInput>;

export interface WatchSocketDeps {
  readonly registry: Pick<Registry, 'get' | 'watch' | 'shares'>;
  readonly access: Pick<Access, 'may' | 'recheckIdentity'>;
  /** Told after every change of rights: the look is judged again then. */
  readonly onAccessChanged: (listener: () => void) => Disposer;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often a look is judged again without any change: logins end by date, too. */
const RECHECK_MS = 15_000;
/** More than this waits for a slow watcher: from here on they get no more output, and a new picture later. */
const SLOW_BYTES = 1024 * 1024;
/** So much less waits when they get the picture. */
const READY_BYTES = 64 * 1024;
/** Whoever lets more pile up than a picture and its messages is not there any more. */
const LOST_BYTES = 16 * 1024 * 1024;
/** Each join is announced and audited: nobody flickers. */
const JOIN_PACE_MS = 1000;

/** What one may do by a link, or by a right of one's own. */
interface Rights {
  readonly mayJoin: boolean;
  readonly mayControl: boolean;
  /** Sees everybody who looks on, and not only whom the person at the terminal is told of. */
  readonly seesAll: boolean;
}

/**
 * One browser at one live session, by contract/ws.ts. The right to look is judged again on every change, and the look
 * ends with it.
 */
export class WatchSocket implements Watcher, Served {
  readonly #page: PageSocket<Message, WatchOutput>;
  readonly #deps: WatchSocketDeps;
  readonly #who: Identity;
  readonly #id: SessionId;
  readonly #cleanUp = new DisposableStore();
  #share: Share | undefined;
  #rights: Rights | undefined;
  #session: LiveSession | undefined;
  #visit: Visit | undefined;
  #greeted = false;
  #slow = false;
  #given = 0;
  /** As the page tells it; one that never does takes what its socket takes. */
  #drawn: number | undefined;
  #caughtUp: () => void = () => {};
  #lastJoin = Number.NEGATIVE_INFINITY;
  #joining = false;

  constructor({ ws, who, greeted }: Pick<Arrival, 'ws' | 'who' | 'greeted'>, id: string, deps: WatchSocketDeps) {
    this.#deps = deps;
    this.#who = who;
    this.#id = id as SessionId;
    const events = {
      message: (message: Message) => this.#message(message, greeted),
      bytes: (chunk: Buffer) => this.#visit?.input(chunk),
      broken: (error: AppError) => this.#fail(error),
      closed: () => this.#gone(),
    };
    this.#page = new PageSocket<Message, WatchOutput>(ws, watchInput, deps.log, events, LOST_BYTES);
  }

  /** The right to look is judged again here, on the same occasions and more. */
  revoked(): void {}

  // ---- what the session shows ----

  snapshot(screen: Buffer, size: Size): void {
    if (!this.#greeted) this.#greet();
    this.#slow = false;
    this.#tell({ type: 'snapshot', cols: size.cols, rows: size.rows });
    this.#give(screen);
  }

  output(chunk: Buffer): boolean {
    if (this.#page.unread > SLOW_BYTES || this.#undrawn > OUTPUT_WINDOW) this.#slow = true;
    else this.#give(chunk);
    return !this.#slow;
  }

  resize(size: Size): void {
    this.#tell({ type: 'resize', cols: size.cols, rows: size.rows });
  }

  notice(text: string): void {
    this.#tell({ type: 'notice', text });
  }

  typing(on: boolean): void {
    this.#tell({ type: 'joined', typing: on });
  }

  onReady(callback: () => void): void {
    this.#caughtUp = callback;
  }

  ended(reason: EndReason): void {
    const session = this.#session;
    const tell = () => {
      const { exitCode = null, exitSignal = null } = session?.row() ?? {};
      const { cause, detail = null } = reason;
      this.#tell({ type: 'ended', cause, detail, text: null, exitCode, exitSignal });
      this.#page.finish();
    };
    // how the program ended stands in the row once it is written
    if (session) void session.ended.then(tell);
    else tell();
  }

  // ---- what the page says ----

  #message(message: Message, greeted: () => void): void {
    switch (message.type) {
      case 'hello':
        greeted();
        if (this.#rights) this.#fail(new AppError('invalid', 'hello is said once.'));
        else this.#run(this.#begin(message.share));
        break;
      case 'join':
        this.#run(this.#join());
        break;
      case 'leave':
        this.#visit?.part();
        break;
      case 'ack':
        this.#drawn = message.received;
        this.#sent();
        break;
      case 'ping':
        this.#tell({ type: 'pong', id: message.id });
        break;
    }
  }

  async #begin(token: string | undefined): Promise<void> {
    const { registry, clock, onAccessChanged } = this.#deps;
    // claimed at once: a second hello finds it
    this.#rights = NOTHING;
    const rights = await this.#judge(token);
    if (!rights) throw token === undefined ? forbidden() : leadsNowhere();
    this.#rights = rights;
    this.#session = registry.get(this.#id);
    if (!this.#session) {
      throw new AppError('not_found', 'No live session has this id; it may have ended, and have a recording.');
    }
    const visit = await registry.watch(this.#id, this, actorOf(this.#who), this.#share);
    this.#visit = visit;
    this.#cleanUp.add(() => visit.leave());
    this.#cleanUp.add(this.#session.participants.onChange(() => this.#tellPeople()));
    this.#cleanUp.add(
      this.#session.onEvent((event) => {
        if (event.kind === 'locked' && this.#greeted) this.#tell({ type: 'locked', by: event.by });
      }),
    );
    const again = () => this.#run(this.#judgeAgain());
    this.#cleanUp.add(onAccessChanged(again));
    this.#cleanUp.add(registry.shares.onGone((share) => share.id === this.#share?.id && again()));
    this.#cleanUp.add(clock.every(RECHECK_MS, again));
    this.#tellPeople();
    // a change between the decision and these lines was told to nobody
    again();
  }

  async #join(): Promise<void> {
    const visit = this.#visit;
    if (!visit || visit.typing || this.#joining) return;
    if (!this.#rights?.mayJoin) {
      this.notice('You may look on here, and not type.');
      return;
    }
    const now = this.#deps.clock.monotonic();
    if (now - this.#lastJoin < JOIN_PACE_MS) {
      this.notice('Not so fast: wait a second, and try again.');
      return;
    }
    this.#lastJoin = now;
    this.#joining = true;
    try {
      await visit.join();
    } finally {
      this.#joining = false;
    }
    // the right may have gone while the join was written down
    if (!this.#rights.mayJoin) visit.part();
  }

  // ---- rights ----

  /** What this person may do here now; undefined when they may not even look. */
  async #judge(token?: string): Promise<Rights | undefined> {
    const { access, registry } = this.#deps;
    const who = this.#who;
    const may = (capability: 'sessions.watch' | 'sessions.join' | 'sessions.control') => access.may(who, capability);
    if (token !== undefined) {
      const share = registry.shares.find(Secret.of(token), who.user.id);
      if (share?.session !== this.#id) return undefined;
      this.#share = share;
    }
    const share = this.#share;
    if (share) {
      const stands = registry.shares.stands(share, who.user.id) && registry.get(this.#id)?.may('share') === true;
      if (!stands || !(await access.recheckIdentity(who))) return undefined;
      return { mayJoin: share.write, mayControl: false, seesAll: false };
    }
    if (!(await may('sessions.watch'))) return undefined;
    const [mayJoin, mayControl] = await Promise.all([may('sessions.join'), may('sessions.control')]);
    return { mayJoin, mayControl, seesAll: true };
  }

  async #judgeAgain(): Promise<void> {
    // after the end there is nothing to be seen any more
    if (this.#deps.registry.get(this.#id) === undefined) return;
    const rights = await this.#judge();
    if (!rights) {
      this.#fail(new AppError('forbidden', 'Your right to watch this session was withdrawn.'));
      return;
    }
    this.#rights = rights;
    if (!rights.mayJoin) this.#visit?.part();
  }

  // ---- to the page ----

  #greet(): void {
    const session = this.#session;
    const rights = this.#rights;
    if (!session || !rights) return;
    this.#greeted = true;
    const row = session.row();
    this.#tell({
      type: 'ready',
      session: session.id,
      user: row.userName,
      asset: row.assetName,
      account: row.account,
      startedAt: new Date(row.startedAt).toISOString(),
      mayJoin: rights.mayJoin,
      mayControl: rights.mayControl,
      locked: session.locked,
    });
    this.#tellPeople();
  }

  #tellPeople(): void {
    const { participants } = this.#session ?? {};
    if (!participants || !this.#greeted || !this.#visit) return;
    this.#tell({ type: 'people', people: this.#rights?.seesAll ? participants.all : participants.announced });
  }

  #tell(message: WatchOutput): void {
    this.#page.send(message);
  }

  #give(bytes: Buffer): void {
    if (!this.#page.open) return;
    this.#given += bytes.length;
    this.#page.sendBytes(bytes, this.#sent);
  }

  readonly #sent = (): void => {
    if (!this.#slow || this.#page.unread > READY_BYTES || this.#undrawn > READY_BYTES) return;
    this.#slow = false;
    this.#caughtUp();
  };

  get #undrawn(): number {
    return this.#drawn === undefined ? 0 : this.#given - this.#drawn;
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(toAppError(error)));
  }

  #fail(error: AppError): void {
    if (error.code === 'internal')
      this.#deps.log.error({ session: this.#id, err: error.cause ?? error }, 'a watcher cannot be served');
    this.#gone();
    this.#page.refuse(error);
  }

  #gone(): void {
    this.#cleanUp.dispose();
    this.#visit = undefined;
  }
}

const NOTHING: Rights = { mayJoin: false, mayControl: false, seesAll: false };

/** The same whether there is such a session or not. */
function forbidden(): AppError {
  return new AppError('forbidden', 'Your role does not allow watching sessions. Ask an administrator.');
}

/** The same for what never was, was taken back, has expired, is for others, or leads elsewhere. */
function leadsNowhere(): AppError {
  return new AppError(
    'not_found',
    'This link leads nowhere: it has expired, was taken back, is meant for others, or its session is over. Ask who gave it to you.',
  );
}
