import type { Clock } from '../../../kernel/clock.ts';
import { STATUS } from '../../../kernel/sftp/wire.ts';
import type { EndReason } from '../../../session/types.ts';
import type { Failure } from './answer-stream.ts';
import type { AccountEntry } from './names.ts';
import type { Upstream } from './upstream.ts';

/** Accounts that are entered at once. */
export const MOST_UPSTREAMS = 16;
/** A session nobody uses is ended after this long, and looked for this often. */
const IDLE_MS = 5 * 60_000;
const LOOK_MS = 60_000;
/** So long an account that could not be entered, or was left by force, is not tried again. */
const AGAIN_AFTER_MS = 5000;

const CLOSED: Failure = { code: STATUS.failure, text: 'the connection was closed because it was not used' };

/** The sessions of one client's tree: opened when first needed, one for each account, not too many, not for ever. */
export class Upstreams {
  readonly #clock: Clock;
  readonly #create: (account: AccountEntry, now: number) => Upstream;
  readonly #open = new Map<string, Upstream>();
  readonly #failed = new Map<
    string,
    { readonly upstream: Upstream; readonly failure: Failure; readonly until: number }
  >();
  #stopLooking: (() => void) | undefined;

  constructor(clock: Clock, create: (account: AccountEntry, now: number) => Upstream) {
    this.#clock = clock;
    this.#create = create;
  }

  /** Whether this very entry of the tree is entered already. */
  live(account: AccountEntry): boolean {
    return this.#open.has(account.key);
  }

  get(account: AccountEntry): Upstream | Failure {
    const open = this.#open.get(account.key);
    if (open?.account.path === account.path) return open;
    // it stands elsewhere in the tree now, and its answers name its place
    if (open?.unused) void open.end({ cause: 'client-closed' }, CLOSED);
    else if (open) return { code: STATUS.failure, text: `${open.name} was moved: close what is open there first` };
    const now = this.#clock.monotonic();
    const failed = this.#failed.get(account.key);
    if (failed && now < failed.until) return failed.failure;
    this.#failed.delete(account.key);
    if (this.#open.size >= MOST_UPSTREAMS && !this.#makeRoom()) {
      const text = `${MOST_UPSTREAMS} accounts are in use at once, which is the limit: close what is open in one of them`;
      return { code: STATUS.failure, text };
    }
    this.#stopLooking ??= this.#clock.every(LOOK_MS, () => this.#endIdle());
    const upstream = this.#create(account, now);
    this.#open.set(account.key, upstream);
    return upstream;
  }

  over(upstream: Upstream, failure: Failure): void {
    const { key } = upstream.account;
    if (this.#open.get(key) === upstream) this.#open.delete(key);
    if (!upstream.left) this.#failed.set(key, { upstream, failure, until: this.#clock.monotonic() + AGAIN_AFTER_MS });
  }

  /** A session that stood has ended. One that the target broke off may be had again at once. */
  ended(upstream: Upstream, reason: EndReason): void {
    const { key } = upstream.account;
    if (reason.cause === 'target-closed' && this.#failed.get(key)?.upstream === upstream) this.#failed.delete(key);
  }

  drain(): void {
    for (const upstream of this.#open.values()) upstream.drain();
  }

  async end(reason: EndReason): Promise<void> {
    this.#stopLooking?.();
    await Promise.all([...this.#open.values()].map((upstream) => upstream.end(reason, CLOSED)));
  }

  #makeRoom(): boolean {
    let oldest: Upstream | undefined;
    for (const upstream of this.#open.values())
      if (upstream.unused && (!oldest || upstream.used < oldest.used)) oldest = upstream;
    void oldest?.end({ cause: 'client-closed' }, CLOSED);
    return oldest !== undefined;
  }

  #endIdle(): void {
    const before = this.#clock.monotonic() - IDLE_MS;
    for (const upstream of this.#open.values())
      if (upstream.unused && upstream.used < before) void upstream.end({ cause: 'client-closed' }, CLOSED);
  }
}
