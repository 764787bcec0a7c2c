import type { Database as Sqlite } from 'better-sqlite3';
import { AppError } from '../../kernel/errors.ts';
import type { AssetId, SessionId, UserId } from '../../kernel/id.ts';
import { allOf, anyOf, foldedPattern, termRange, trigramsOf } from '../text-query.ts';
import { PARTS, unpack } from './block.ts';
import { linesWith } from './lines.ts';
import type { OutputHit, OutputPage, OutputQuery, OutputSession } from './outputs-model.ts';

/** After so long a page is given out as it stands. */
const PAGE_MS = 100;
/** More trigrams of a long text cost more than the few places they rule out. */
const TRIGRAMS = 12;
/** One or two characters that begin more trigrams than this, or stand in every tenth part, are soon found by looking everywhere. */
const MANY_TERMS = 2000;
const COMMON = 10;

const LAST_BLOCK = 2 ** 48;
/** Blocks that are asked for together, so that a page ends in time although no part holds all trigrams. */
const STRETCH = 4096;

/** A place in the index: hits before it come next. */
interface Place {
  readonly block: number;
  readonly line: number;
}

interface BlockRow {
  readonly session: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly packed: Buffer;
}

/** Looks for a text, newest first: the index names parts that may hold it, and each of these is looked through. */
export function searchTexts(sqlite: Sqlite, query: OutputQuery): OutputPage {
  const deadline = performance.now() + PAGE_MS;
  const text = query.text.replaceAll(/\s+/g, ' ');
  const pattern = foldedPattern(text, 'g');
  const after = query.after === undefined ? undefined : placeOf(query.after);
  const sessions = new Sessions(sqlite, query);
  const blockRow = sqlite.prepare('select session, from_ms, to_ms, packed from blocks where number = ?');
  const hits: OutputHit[] = [];

  for (const { block, parts } of candidates(sqlite, text, after, sessions.bounds())) {
    if (performance.now() > deadline)
      return { hits, next: placeText({ block, line: parts.length > 0 ? Number.MAX_SAFE_INTEGER : 0 }) };
    const row = parts.length > 0 ? (blockRow.get(block) as BlockRow | undefined) : undefined;
    const session = row && sessions.get(row.session);
    if (!session || !sessions.inTime(session, row.from_ms, row.to_ms)) continue;
    const stored = unpack(row.packed);
    for (const part of parts) {
      if (part >= stored.parts) continue;
      for (const found of linesWith(stored.text(part), pattern)) {
        const line = stored.firstLine(part) + found.line;
        const offset = stored.time(line);
        if (after?.block === block && line >= after.line) continue;
        if (!sessions.inTime(session, offset, offset)) continue;
        if (hits.length === query.limit) return { hits, next: placeText({ block, line: line + 1 }) };
        const { before, match } = found;
        hits.push({ session, offset, before, match, after: found.after });
      }
    }
  }
  return { hits, next: null };
}

interface Candidate {
  readonly block: number;
  /** Descending. */
  readonly parts: readonly number[];
}

function* candidates(
  sqlite: Sqlite,
  text: string,
  after: Place | undefined,
  bounds: { readonly first: number; readonly last: number },
): Generator<Candidate> {
  const last = Math.min(bounds.last, after?.block ?? bounds.last);
  const match = matchOf(sqlite, text);
  if (match === 'nothing') return;
  if (match === 'everywhere') {
    const all = sqlite.prepare('select number from blocks where number between ? and ? order by number desc').pluck();
    const parts = Array.from({ length: PARTS }, (_, i) => PARTS - 1 - i);
    for (const block of all.iterate(bounds.first, last) as Iterable<number>) yield { block, parts };
    return;
  }
  // ascending: FTS5 finds its way to the beginning of a stretch, but walks from the end of all to the end of one
  const found = sqlite
    .prepare('select rowid from texts where texts match ? and rowid between ? and ? order by rowid')
    .pluck();
  const newest = sqlite.prepare('select coalesce(max(number), -1) from blocks').pluck().get() as number;
  for (let to = Math.min(last, newest); to >= bounds.first; to -= STRETCH) {
    const from = Math.max(bounds.first, to - STRETCH + 1);
    // FTS5 only heeds bounds that are integers to SQLite, which a number of JavaScript is not
    const rows = found.all(match.expression, BigInt(from * PARTS), BigInt((to + 1) * PARTS - 1)) as number[];
    let parts: number[] = [];
    for (let i = rows.length - 1; i >= 0; i--) {
      const block = Math.floor(rows[i]! / PARTS);
      parts.push(rows[i]! % PARTS);
      if (i > 0 && Math.floor(rows[i - 1]! / PARTS) === block) continue;
      yield { block, parts };
      parts = [];
    }
    // nothing more in this stretch: whoever looks at the time may stop here
    yield { block: from, parts };
  }
}

function matchOf(sqlite: Sqlite, text: string): { readonly expression: string } | 'everywhere' | 'nothing' {
  const trigrams = trigramsOf(text);
  if (trigrams.length > 0) return { expression: allOf(spread(trigrams)) };
  // every character begins a trigram, the last one of a part too: they are those that begin with the text
  const [from, to] = termRange(text);
  const terms = sqlite.prepare('select term, doc from trigrams where term >= ? and term < ?');
  const parts = sqlite.prepare('select coalesce(max(number), 0) * ? from blocks').pluck().get(PARTS) as number;
  const found: string[] = [];
  let rows = 0;
  for (const { term, doc } of terms.iterate(from, to) as Iterable<{ term: string; doc: number }>) {
    found.push(term);
    rows += doc;
    if (found.length > MANY_TERMS || rows > parts / COMMON) return 'everywhere';
  }
  return found.length === 0 ? 'nothing' : { expression: anyOf(found) };
}

/** At most so many, evenly taken from the whole text. */
function spread(trigrams: readonly string[]): readonly string[] {
  if (trigrams.length <= TRIGRAMS) return trigrams;
  return Array.from(
    { length: TRIGRAMS },
    (_, i) => trigrams[Math.round((i * (trigrams.length - 1)) / (TRIGRAMS - 1))]!,
  );
}

/** The sessions that a query asks about. */
class Sessions {
  readonly #sqlite: Sqlite;
  readonly #query: OutputQuery;
  readonly #known = new Map<number, OutputSession | undefined>();

  constructor(sqlite: Sqlite, query: OutputQuery) {
    this.#sqlite = sqlite;
    this.#query = query;
  }

  /** Between which blocks their texts lie. */
  bounds(): { first: number; last: number } {
    const { user, asset, since, session } = this.#query;
    const all = { first: 0, last: LAST_BLOCK };
    if (!user && !asset && since === undefined && session === undefined) return all;
    const bounds = this.#sqlite
      .prepare(
        `select min(number) as first, max(number) as last from blocks where session in (
           select number from sessions
           where (@userName is null or user_name = @userName or user_id = @userId)
             and (@assetName is null or asset_name = @assetName or asset_id = @assetId)
             and (@since is null or last_at >= @since)
             and (@session is null or id = @session))`,
      )
      .get({
        userName: user?.name ?? null,
        userId: user?.id ?? null,
        assetName: asset?.name ?? null,
        assetId: asset?.id ?? null,
        since: since ?? null,
        session: session ?? null,
      }) as { first: number | null; last: number | null };
    return { first: bounds.first ?? 0, last: bounds.last ?? -1 };
  }

  /** undefined when the query does not ask about it. */
  get(number: number): OutputSession | undefined {
    if (!this.#known.has(number)) this.#known.set(number, this.#read(number));
    return this.#known.get(number);
  }

  inTime(session: OutputSession, from: number, to: number): boolean {
    const { since, until } = this.#query;
    return (
      (since === undefined || session.startedAt + to >= since) &&
      (until === undefined || session.startedAt + from <= until)
    );
  }

  #read(number: number): OutputSession | undefined {
    const row = this.#sqlite
      .prepare(
        `select id, user_id as userId, user_name as userName, asset_id as assetId, asset_name as assetName, account,
           started_at as startedAt from sessions where number = ? and state = 1`,
      )
      .get(number) as (OutputSession & { id: SessionId; userId: UserId; assetId: AssetId }) | undefined;
    const { user, asset, session } = this.#query;
    if (!row || (session !== undefined && row.id !== session)) return undefined;
    if (user && row.userName !== user.name && row.userId !== user.id) return undefined;
    if (asset && row.assetName !== asset.name && row.assetId !== asset.id) return undefined;
    return row;
  }
}

function placeText({ block, line }: Place): string {
  return `${block}.${line}`;
}

function placeOf(text: string): Place {
  const parts = /^(\d{1,12})\.(\d{1,16})$/.exec(text);
  if (!parts)
    throw new AppError('invalid', 'This is not where a search can go on: pass "next" of the page before as "after".');
  return { block: Number(parts[1]), line: Number(parts[2]) };
}
