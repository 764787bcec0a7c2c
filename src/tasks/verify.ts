import type { Recordings } from '../storage/local.ts';
import type { Evidence } from '../store/audit/evidence.ts';
import type { AuditHead } from '../store/audit/keys.ts';
import type { AuditedRecording } from '../store/audit/pages.ts';
import type { Finding } from '../store/audit/walk.ts';
import type { Store } from '../store/store.ts';

/** Findings told one by one; of the others only how many there are. */
const FINDINGS_TOLD = 1000;
const RECORDINGS_PAGE = 100;
/** Files hashed between two words about it. */
const PROGRESS_FILES = 20;

export interface VerifyDeps {
  readonly store: Pick<Store, 'audit'>;
  readonly evidence: Evidence;
  readonly recordings: Pick<Recordings, 'digest'>;
}

export interface VerifyOptions {
  /** Kept elsewhere before. */
  readonly head?: AuditHead | undefined;
  /** Whether the files of recordings are hashed. */
  readonly recordings: boolean;
}

export type Told =
  | { readonly kind: 'progress'; readonly what: 'rows' | 'recordings'; readonly done: number; readonly of: number }
  | ({ readonly kind: 'finding' } & Finding)
  | ({ readonly kind: 'done' } & Summary);

export interface Summary {
  readonly chain: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly older: number;
  readonly recordings: number | null;
  readonly findings: number;
  readonly head: string | null;
}

/** Walks the audit chain and the recordings it tells of; the last thing told is the summary. */
export async function* verifyAudit(deps: VerifyDeps, options: VerifyOptions): AsyncGenerator<Told> {
  const { store, evidence } = deps;
  let findings = 0;
  const told = function* (some: readonly Finding[]): Generator<Told> {
    for (const finding of some) if (findings++ < FINDINGS_TOLD) yield { kind: 'finding', ...finding };
  };

  const head = options.head && (await evidence.compare(options.head));
  if (head?.finding)
    yield* told([{ finding: 'head', seq: options.head!.seq, id: null, at: options.head!.at, text: head.finding }]);

  const { first, last } = await store.audit.end();
  let state: Awaited<ReturnType<Store['audit']['walk']>>['state'] | undefined;
  for await (const page of evidence.walk()) {
    state = page.state;
    yield* told(page.findings);
    yield { kind: 'progress', what: 'rows', done: state.rows, of: Math.max(last.seq - first + 1, state.rows) };
  }

  let recordings: number | null = null;
  if (options.recordings) {
    recordings = 0;
    for await (const found of checkRecordings(deps)) {
      if (found !== null) yield* told([found]);
      else if (++recordings % PROGRESS_FILES === 0)
        yield { kind: 'progress', what: 'recordings', done: recordings, of: recordings };
    }
  }
  yield {
    kind: 'done',
    chain: evidence.chain,
    rows: state?.rows ?? 0,
    firstSeq: state?.firstSeq ?? 0,
    lastSeq: state?.last.seq ?? 0,
    from: state?.from ?? null,
    until: state?.until ?? null,
    older: await olderRows(store, state?.firstSeq ?? 0),
    recordings,
    findings,
    head: head?.note ?? null,
  };
}

/** How many of the rows that are still there were written before the chain began. */
async function olderRows(store: Pick<Store, 'audit'>, firstSeq: number): Promise<number> {
  const [begin] = await store.audit.list({ action: 'audit.begin', limit: 1 });
  return Math.max(0, Number(begin?.details?.olderRows ?? 0) - Math.max(0, firstSeq - 1));
}

/** A finding, or null for each recording that was hashed and is right. */
async function* checkRecordings({ store, recordings }: VerifyDeps): AsyncGenerator<Finding | null> {
  for (let after = 0; ; ) {
    const page = await store.audit.recordings(after, RECORDINGS_PAGE);
    for (const row of page) {
      const text = wrongRow(row) ?? wrongFile(row, await recordings.digest(row.sessionId));
      yield text === null ? null : { finding: 'recording', seq: row.seq, id: row.id, at: row.at, text };
    }
    if (page.length < RECORDINGS_PAGE) break;
    after = page.at(-1)!.seq;
  }
  for (let after = ''; ; ) {
    const page = await store.audit.unauditedRecordings(after, RECORDINGS_PAGE);
    for (const id of page) {
      const there = (await recordings.digest(id)) !== undefined;
      const text = `Session ${id} has a recording of which the audit does not tell.`;
      if (there) yield { finding: 'recording', seq: null, id: null, at: null, text };
    }
    if (page.length < RECORDINGS_PAGE) break;
    after = page.at(-1)!;
  }
}

function wrongRow({ sessionId, session, sha256 }: AuditedRecording): string | null {
  if (sha256 === null) return `The row about the recording of session ${sessionId} names no hash.`;
  if (!session) return `Session ${sessionId}, which has a recording, is no longer in the database.`;
  if (session.state !== 'ready' || session.sha256 !== sha256)
    return `The row of session ${sessionId} tells another thing about its recording than the audit.`;
  return null;
}

function wrongFile({ sessionId, sha256 }: AuditedRecording, digest: string | undefined): string | null {
  if (digest === undefined) return `The recording of session ${sessionId} is missing.`;
  if (digest === sha256) return null;
  return `The recording of session ${sessionId} is not the one that was stored: its SHA-256 is ${digest}, it was ${sha256}.`;
}
