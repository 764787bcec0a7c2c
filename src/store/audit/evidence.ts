import { randomBytes } from 'node:crypto';
import { AppError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Millis } from '../model.ts';
import type { Store } from '../store.ts';
import type { Vault } from '../vault.ts';
import { timeText } from './chain.ts';
import { type AuditHead, type AuditKeys, chainName, deriveAuditKeys, isHeadGenuine, signHead } from './keys.ts';
import type { WalkPage } from './pages.ts';
import type { WalkState } from './walk.ts';
import { CHAIN_SECRET } from './writer.ts';

/** Where the chain's secret lies, as the vault names places. */
export const SECRET_PLACE = { table: 'meta', column: 'value', id: CHAIN_SECRET };
const SECRET_BYTES = 32;
/** Rows of one call to the reader's thread: searches of people wait behind it for some milliseconds. */
const PAGE = 250;

export const EXPORT_FORMAT = 'bastion-audit-1';

/** What proves the audit log: its signed end, the walk along its chain, its export. */
export interface Evidence {
  /** `SHA256:…`, the name of the chain and the fingerprint of its public key. */
  readonly chain: string;
  head(): Promise<AuditHead>;
  /** Checks the rows page by page, to the end. */
  walk(): AsyncGenerator<WalkPage>;
  /** What a head that was kept elsewhere says about the log as it is; null when it agrees. */
  compare(head: AuditHead): Promise<{ readonly finding: string | null; readonly note: string }>;
  /** The log as lines of JSON in pieces: a header, the rows that are not older than `since`, the signed head. */
  export(since: Millis | null): AsyncGenerator<string>;
  /** Removes rows older than this, at most `limit`; how many. Undefined while somebody reads the chain: try later. */
  prune(before: Millis, limit: number): Promise<number | undefined>;
}

/**
 * Opens the chain, or begins it in a log that has none: from now on every row is sealed. To be called before anything
 * is written. AppError `internal` when the chain's secret does not open: it belongs to another master key.
 */
export async function openEvidence(options: { store: Pick<Store, 'audit'>; vault: Vault }): Promise<Evidence> {
  const { store, vault } = options;
  const stands = await store.audit.chainSecret();
  const secret = stands ? vault.open(stands, SECRET_PLACE) : Secret.of(randomBytes(SECRET_BYTES));
  const keys = deriveAuditKeys(secret);
  const begins = stands ? null : vault.seal(secret, SECRET_PLACE);
  secret.wipe();
  await store.audit.arm({ key: keys.mac, chain: chainName(keys.publicKey), begins });
  return new ChainEvidence(store, keys);
}

class ChainEvidence implements Evidence {
  readonly chain: string;
  readonly #store: Pick<Store, 'audit'>;
  readonly #keys: AuditKeys;
  #readers = 0;

  constructor(store: Pick<Store, 'audit'>, keys: AuditKeys) {
    this.#store = store;
    this.#keys = keys;
    this.chain = chainName(keys.publicKey);
  }

  async head(): Promise<AuditHead> {
    const { first, last, at } = await this.#store.audit.end();
    const time = at === null ? null : timeText(at);
    return signHead(this.#keys, { first, seq: last.seq, at: time, hash: last.hash.toString('hex') });
  }

  async *walk(): AsyncGenerator<WalkPage> {
    this.#readers++;
    try {
      let state: WalkState | undefined;
      for (;;) {
        const page = await this.#store.audit.walk(state, this.#keys.mac, PAGE);
        yield page;
        if (page.done) return;
        state = page.state;
      }
    } finally {
      this.#readers--;
    }
  }

  async compare(head: AuditHead): Promise<{ finding: string | null; note: string }> {
    if (!isHeadGenuine(head))
      throw new AppError('invalid', 'The saved head is damaged: its signature does not fit it.');
    const of = `The saved head of row ${head.seq}`;
    if (head.chain !== this.chain) {
      const finding = `${of} is of another chain (${head.chain}); the log is of ${this.chain}. Either the head is of another bastion, or the log was begun anew.`;
      return { finding, note: 'of another chain' };
    }
    const { first, last } = await this.#store.audit.end();
    if (head.seq > last.seq) {
      const finding = `${of}, written ${head.at}, is ahead of the log, which ends at row ${last.seq}: the newest rows were cut off.`;
      return { finding, note: 'ahead of the log' };
    }
    if (head.seq < first)
      return { finding: null, note: `older than the log, which retention lets begin at row ${first}` };
    const row = await this.#store.audit.at(head.seq);
    if (row?.hash?.toString('hex') === head.hash) return { finding: null, note: `agrees with row ${head.seq}` };
    return {
      finding: `${of} does not fit the row that stands there: the log up to it was rewritten.`,
      note: 'differs',
    };
  }

  async *export(since: Millis | null): AsyncGenerator<string> {
    this.#readers++;
    try {
      const before = await this.#store.audit.placeBefore(since);
      const head = await this.head();
      const behind = { seq: before.seq, hash: before.hash.toString('hex') };
      yield `${JSON.stringify({ format: EXPORT_FORMAT, chain: this.chain, publicKey: head.publicKey, behind })}\n`;
      for (let after = before.seq; after < head.seq; ) {
        const page = await this.#store.audit.lines(after, head.seq, PAGE);
        if (page.text !== '') yield page.text;
        after = page.last;
      }
      yield `${JSON.stringify(head)}\n`;
    } finally {
      this.#readers--;
    }
  }

  async prune(before: Millis, limit: number): Promise<number | undefined> {
    return this.#readers > 0 ? undefined : this.#store.audit.prune(before, limit);
  }
}
