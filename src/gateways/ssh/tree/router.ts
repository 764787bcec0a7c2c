import type { ReachableLogins } from '../../../access/access.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import { packet, STATUS, statusPacket, string, TYPE, uint64 } from '../../../kernel/sftp/wire.ts';
import type { Wanted } from './answers.ts';
import { attributesPacket, ENTRIES_A_TIME, linesPacket, pathPacket } from './attrs.ts';
import { copyBetween } from './copy.ts';
import { answeredHere, answerHere, isInside, notToBeMade, notWithinOne } from './folders.ts';
import { type AccountEntry, type FolderEntry, locate, type Spot, treeOf } from './names.ts';
import { MOST_OPEN, type OpenFile, OpenFiles } from './open-files.ts';
import type { CopyRequest, Request } from './requests.ts';
import { Upstream } from './upstream.ts';
import { Upstreams } from './upstreams.ts';

/** What was read of assets and accounts is believed for so long. */
const FRESH_MS = 2000;
const MOST_COPIES = 8;
/** What OpenSSH's server says of itself (PROTOCOL 4.8): the longest packet, read and write. */
const LIMITS = [256 * 1024, 256 * 1024 - 1024, 256 * 1024 - 1024, MOST_OPEN];
const OWNERS = 'users-groups-by-id@openssh.com';

export interface RouterDeps {
  readonly userName: string;
  /** What the person may reach now. */
  logins(): Promise<readonly ReachableLogins[]>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RouterHost {
  create(account: AccountEntry, now: number): Upstream;
  /** The request is under way. */
  begin(id: number): void;
  /** It is not any more. */
  answer(id: number, answer: Buffer | undefined): void;
  /** The client is to wait until the tree has been read. */
  reading(on: boolean): void;
}

type OnPath = Extract<Request, { on: 'path' | 'two-paths' | 'link' }>;
type OnHandle = Extract<Request, { on: 'handle' }>;
type Listing = Extract<OpenFile, { kind: 'listing' }>;
type TargetFile = Extract<OpenFile, { kind: 'target' }>;
/** What can be answered at once; undefined: it is under way. */
type Now = Buffer | undefined;

/** Finds who answers each request. */
export class Router {
  readonly files = new OpenFiles();
  readonly upstreams: Upstreams;
  readonly #deps: RouterDeps;
  readonly #host: RouterHost;
  #root: FolderEntry | undefined;
  #readAt = 0;
  /** Requests that wait for the tree to be read. */
  #waiting: { readonly id: number; readonly request: OnPath }[] | undefined;
  #lastListed: Upstream | undefined;
  #copies = 0;

  constructor(deps: RouterDeps, host: RouterHost) {
    this.#deps = deps;
    this.#host = host;
    this.upstreams = new Upstreams(deps.clock, host.create);
  }

  request(id: number, request: Request): Now {
    switch (request.on) {
      case 'path':
      case 'two-paths':
      case 'link':
        return this.#onPath(id, request);
      case 'handle':
        return this.#onHandle(id, request);
      case 'copy':
        return this.#copy(id, request);
      case 'limits':
        return packet(TYPE.extendedReply, id, ...LIMITS.map(uint64));
      case 'home':
        if (request.user === '' || request.user === this.#deps.userName) return pathPacket(id, '/');
        return statusPacket(id, STATUS.noSuchFile, 'each account has its home directory at ~ in its own directory');
      case 'owners':
        return this.#owners(id, request);
      case 'unknown':
        return statusPacket(id, STATUS.unsupported, 'this request is not known here');
    }
  }

  /** The open file of this handle on a target whose session stands, or the answer that there is none. */
  target(id: number, handle: Buffer): TargetFile | Buffer {
    const file = this.files.get(handle);
    if (!file) return statusPacket(id, STATUS.failure, 'there is no open file with this handle');
    if (file.kind === 'listing') return statusPacket(id, STATUS.failure, 'this is a folder of the bastion');
    const { upstream } = file;
    if (upstream.over) return statusPacket(id, upstream.failure.code, upstream.failure.text);
    return upstream.has(id) ? idTaken(id) : file;
  }

  #onPath(id: number, request: OnPath): Now {
    const root = this.#root;
    if (root && !this.#waiting) {
      const spots = spotsOf(root, request);
      const fresh = this.#deps.clock.monotonic() - this.#readAt < FRESH_MS;
      // where a session stands already, that one judges
      if (fresh || spots.every((spot) => isInside(spot) && this.upstreams.live(spot.account)))
        return this.#route(id, request, spots);
    }
    this.#host.begin(id);
    if (this.#waiting) this.#waiting.push({ id, request });
    else {
      this.#waiting = [{ id, request }];
      void this.#read();
    }
    return undefined;
  }

  async #read(): Promise<void> {
    this.#host.reading(true);
    let root: FolderEntry | undefined;
    try {
      root = treeOf(await this.#deps.logins());
      this.#readAt = this.#deps.clock.monotonic();
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the assets of the SFTP tree cannot be read');
    }
    this.#root = root;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { id, request } of waiting) {
      this.#host.answer(id, undefined);
      const answer = root
        ? this.#route(id, request, spotsOf(root, request))
        : statusPacket(id, STATUS.failure, 'the list of assets cannot be read just now: try again');
      if (answer) this.#host.answer(id, answer);
    }
    this.#host.reading(false);
  }

  /** `spots`: where the paths of the request lead. */
  #route(id: number, request: OnPath, spots: readonly Spot[]): Now {
    const [spot, to] = spots as [Spot, Spot | undefined];
    if (request.on === 'link') return this.#link(id, request, spot, to);
    if (request.on === 'path') {
      if (spot.kind !== 'account' || answeredHere(request, spot))
        return answerHere(id, request, spot, (listing) => this.#openListing(id, listing));
      if (request.wanted === 'handle' && this.#full) return tooManyOpen(id);
      return this.#on(id, spot.account, request.needs, (upstream) => {
        const path = () => upstream.path(spot.inside, spot.home);
        const wanted: Wanted = request.wanted === 'link' ? { kind: 'link', at: path } : { kind: request.wanted };
        return { wanted, build: () => request.build(path()) };
      });
    }
    if (!to || !isInside(spot) || !isInside(to) || spot.account.key !== to.account.key)
      return notWithinOne(id, spot, to ?? spot);
    return this.#on(id, spot.account, request.needs, (upstream) => ({
      wanted: { kind: 'status' },
      build: () => request.build(upstream.path(spot.inside, spot.home), upstream.path(to.inside, to.home)),
    }));
  }

  /** `points`: where an absolute text leads. */
  #link(id: number, request: Extract<Request, { on: 'link' }>, at: Spot, points: Spot | undefined): Now {
    if (!isInside(at)) return notToBeMade(id, at);
    const within = points?.kind === 'account' ? points : undefined;
    if (within && within.account.key !== at.account.key) return notWithinOne(id, at, within);
    return this.#on(id, at.account, undefined, (upstream) => ({
      wanted: { kind: 'status' },
      // a text that leads nowhere in the tree stays as it is: it is meant for the target
      build: () =>
        request.build(
          within ? upstream.path(within.inside, within.home) : request.text,
          upstream.path(at.inside, at.home),
        ),
    }));
  }

  #onHandle(id: number, request: OnHandle): Now {
    const open = this.files.get(request.handle);
    if (open?.kind === 'listing') return this.#onListing(id, request, open);
    const file = this.target(id, request.handle);
    if (request.deed === 'close') this.files.remove(request.handle);
    if (Buffer.isBuffer(file)) return file;
    const { upstream, handle } = file;
    if (request.deed === 'list') this.#lastListed = upstream;
    const wanted = { kind: request.wanted } as Wanted;
    return this.#ask(upstream, id, wanted, request.needs, () => request.build(handle));
  }

  #onListing(id: number, request: OnHandle, listing: Listing): Now {
    if (request.deed === 'close') {
      this.files.remove(request.handle);
      return statusPacket(id, STATUS.ok, '');
    }
    if (request.deed === 'look') return attributesPacket(id, listing.time);
    if (request.deed !== 'list') return statusPacket(id, STATUS.failure, 'this is a folder of the bastion');
    this.#lastListed = undefined;
    if (listing.lines.length === 0) return statusPacket(id, STATUS.eof, 'that was all');
    const lines = listing.lines.slice(0, ENTRIES_A_TIME);
    listing.lines = listing.lines.slice(ENTRIES_A_TIME);
    return linesPacket(id, lines);
  }

  #copy(id: number, request: CopyRequest): Now {
    const from = this.target(id, request.from);
    if (Buffer.isBuffer(from)) return from;
    const to = this.target(id, request.to);
    if (Buffer.isBuffer(to)) return to;
    const { upstream } = from;
    if (upstream === to.upstream && upstream.offers('copy-data'))
      return this.#ask(upstream, id, { kind: 'status' }, undefined, () => request.build(from.handle, to.handle));
    if (request.from.equals(request.to)) return statusPacket(id, STATUS.failure, 'a file cannot be copied onto itself');
    if (this.#copies >= MOST_COPIES)
      return statusPacket(id, STATUS.failure, `${MOST_COPIES} copies run already: try again when one is done`);
    this.#copies++;
    this.#host.begin(id);
    const source = { ...from, at: request.fromAt };
    copyBetween(source, { ...to, at: request.toAt }, request.length, ({ code, text }) => {
      this.#copies--;
      this.#host.answer(id, statusPacket(id, code, text));
    });
    return undefined;
  }

  /** Names for numbers belong to a target: the one listed last, since clients ask for its entries. */
  #owners(id: number, request: Extract<Request, { on: 'owners' }>): Now {
    const upstream = this.#lastListed;
    if (upstream && !upstream.over && upstream.offers(OWNERS))
      return this.#ask(upstream, id, { kind: 'other' }, undefined, request.build);
    const unknown = (count: number) => string(Buffer.alloc(4 * count));
    return packet(TYPE.extendedReply, id, unknown(request.users), unknown(request.groups));
  }

  #openListing(id: number, listing: Listing): Buffer {
    return this.#full ? tooManyOpen(id) : packet(TYPE.handle, id, string(this.files.add(listing)));
  }

  /** Asks the session on an account, which is opened when there is none. */
  #on(
    id: number,
    account: AccountEntry,
    needs: string | undefined,
    ask: (upstream: Upstream) => { readonly wanted: Wanted; readonly build: () => Buffer },
  ): Now {
    const upstream = this.upstreams.get(account);
    if (!(upstream instanceof Upstream)) return statusPacket(id, upstream.code, upstream.text);
    const { wanted, build } = ask(upstream);
    return this.#ask(upstream, id, wanted, needs, build);
  }

  #ask(upstream: Upstream, id: number, wanted: Wanted, needs: string | undefined, build: () => Buffer): Now {
    if (upstream.has(id)) return idTaken(id);
    this.#host.begin(id);
    upstream.used = this.#deps.clock.monotonic();
    upstream.ask({ id, wanted, needs, build });
    return undefined;
  }

  get #full(): boolean {
    return this.files.size >= MOST_OPEN;
  }
}

const tooManyOpen = (id: number) =>
  statusPacket(id, STATUS.failure, `${MOST_OPEN} files are open already: close some first`);

const idTaken = (id: number) => statusPacket(id, STATUS.badMessage, 'this id is in use: take another one');

/** Where the paths of a request lead; of a link its own and, when its text is absolute, that. */
function spotsOf(root: FolderEntry, request: OnPath): Spot[] {
  const at = locate(root, request.path);
  if (request.on === 'path') return [at];
  if (request.on === 'two-paths') return [at, locate(root, request.to)];
  return request.text.startsWith('/') ? [at, locate(root, request.text)] : [at];
}
