import { createReadStream } from 'node:fs';
import { AppError } from '../kernel/errors.ts';
import { stripped } from '../kernel/printable.ts';
import { COLUMN_NAMES, exportLine } from '../store/audit/chain.ts';
import { EXPORT_FORMAT } from '../store/audit/evidence.ts';
import { type AuditHead, HEAD_FORMAT, isHeadGenuine } from '../store/audit/keys.ts';
import { type Finding, rowsWords, startWalk, step, type WalkState } from '../store/audit/walk.ts';

export interface FileSummary {
  /** Of the key that signed it, as the file says. */
  readonly chain: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  /** What the saved head came to, when one was given. */
  readonly head: string | null;
}

export interface FileOptions {
  /** The public key (base64) or its fingerprint (`SHA256:…`) that must have signed it. */
  readonly key?: string | undefined;
  /** A head that was kept elsewhere before. */
  readonly head?: AuditHead | undefined;
}

const FINDINGS_KEPT = 1000;
/** No row is as long. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Verifies an exported audit file by itself, without a daemon, its data or its keys. AppError `not_found` without the
 * file, `invalid` when it is none.
 */
export async function verifyAuditFile(file: string, options: FileOptions): Promise<FileSummary> {
  const walk = new FileWalk(file, options);
  try {
    for await (const line of linesOf(file)) walk.line(line);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new AppError('not_found', `There is no file ${stripped(file)}.`, { cause });
    if (code === 'EISDIR' || code === 'EACCES')
      throw new AppError('usage', `${stripped(file)} cannot be read (${code}).`, { cause });
    throw cause;
  }
  return walk.end();
}

/** Lines end in LF and nothing else: readline would also break them at U+2028. One that is too long comes as an empty one. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let pieces: string[] = [];
  let length = 0;
  const whole = () => (length <= LONGEST_LINE ? pieces.join('') : '');
  for await (const read of createReadStream(file, { encoding: 'utf8' })) {
    const [first = '', ...others] = (read as string).split('\n');
    for (const [piece, begins] of [[first, false], ...others.map((one) => [one, true] as const)] as const) {
      if (begins) {
        yield whole();
        pieces = [];
        length = 0;
      }
      length += piece.length;
      if (length <= LONGEST_LINE) pieces.push(piece);
    }
  }
  if (length > 0) yield whole();
}

interface Header {
  readonly chain: string;
  readonly publicKey: string;
}

class FileWalk {
  readonly #file: string;
  readonly #options: FileOptions;
  readonly #findings: Finding[] = [];
  #count = 0;
  #header: Header | undefined;
  #state: WalkState = startWalk();
  #behind = 0;
  #head: AuditHead | undefined;
  #savedHash: string | undefined;

  constructor(file: string, options: FileOptions) {
    this.#file = file;
    this.#options = options;
    if (options.head && !isHeadGenuine(options.head))
      throw new AppError('invalid', 'The saved head is damaged: its signature does not fit it.');
  }

  line(line: string): void {
    const value = this.#parse(line);
    if (!this.#header) this.#begin(value);
    else if (this.#head) this.#tell('changed', 'There are lines behind the signed head; it does not vouch for them.');
    else if (value.format === HEAD_FORMAT) this.#head = value as unknown as AuditHead;
    else this.#row(value, line);
  }

  end(): FileSummary {
    const header = this.#header;
    if (!header) throw this.#noExport();
    this.#checkHead(header);
    const { key, head: saved } = this.#options;
    if (key !== undefined && key !== header.publicKey && key !== header.chain)
      this.#tell('head', `The file is signed by ${header.chain}, not by the key that was given.`);
    const { rows, firstSeq, last, from, until } = this.#state;
    return {
      chain: header.chain,
      rows,
      firstSeq,
      lastSeq: last.seq,
      from,
      until,
      head: saved ? this.#compare(saved, header) : null,
      findings: this.#findings,
      findingCount: this.#count,
    };
  }

  #parse(line: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
      // said below
    }
    if (!this.#header) throw this.#noExport();
    this.#tell('changed', `A line behind row ${this.#state.last.seq} is damaged.`);
    return {};
  }

  #begin(value: Record<string, unknown>): void {
    const behind = value.behind as { seq?: unknown; hash?: unknown } | undefined;
    if (value.format !== EXPORT_FORMAT || typeof behind?.seq !== 'number' || typeof behind.hash !== 'string')
      throw this.#noExport();
    this.#header = { chain: stripped(String(value.chain), 100), publicKey: String(value.publicKey) };
    this.#behind = behind.seq;
    this.#state = startWalk({ seq: behind.seq, hash: Buffer.from(behind.hash, 'hex') });
    this.#note(behind.seq, behind.hash);
  }

  #row(value: Record<string, unknown>, line: string): void {
    const { seq } = value;
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) {
      this.#tell('changed', `The line behind row ${this.#state.last.seq} is no row.`);
      return;
    }
    const values = COLUMN_NAMES.map((name) => value[name] as string | number | null);
    const hash = typeof value.hash === 'string' ? Buffer.from(value.hash, 'hex') : null;
    const [id, at, action] = [value.id, value.at, value.action].map((field) => stripped(String(field), 100));
    const row = { seq, id: id!, at: at!, action: action!, values, hash };
    this.#state = step(this.#state, row, undefined, (finding) => this.#add(finding));
    // a field too many, or one given twice, would tell a reader what the hash does not cover
    if (exportLine(values, String(value.hash)) !== line)
      this.#add({
        finding: 'changed',
        seq,
        id: row.id,
        at: row.at,
        text: `The line of row ${seq} is not as the bastion wrote it.`,
      });
    this.#note(seq, String(value.hash));
  }

  /** Remembers the hash the saved head is about. */
  #note(seq: number, hash: string): void {
    if (seq === this.#options.head?.seq) this.#savedHash = hash;
  }

  #checkHead(header: Header): void {
    const head = this.#head;
    if (!head) {
      this.#tell('cut', 'The signed head at the end of the file is missing: its last lines were cut off.');
      return;
    }
    if (!isHeadGenuine(head)) this.#tell('head', 'The signature of the head does not fit it.');
    else if (head.chain !== header.chain || head.publicKey !== header.publicKey)
      this.#tell('head', 'The file names another key than the one its head is signed with.');
    const { last } = this.#state;
    if (head.seq > last.seq) this.#tell('cut', `${rowsWords(last.seq + 1, head.seq)} missing at the end.`);
    else if (head.seq !== last.seq || head.hash !== last.hash.toString('hex'))
      this.#tell('changed', 'The head is signed over another last row than the one that stands there.');
  }

  #compare(saved: AuditHead, header: Header): string {
    const of = `The saved head of row ${saved.seq}`;
    if (saved.chain !== header.chain) {
      this.#tell('head', `${of} is of another chain (${saved.chain}); the file is of ${header.chain}.`);
      return 'of another chain';
    }
    if (saved.seq < this.#behind) return `older than the file, which begins behind row ${this.#behind}`;
    if (saved.seq > this.#state.last.seq) {
      this.#tell('head', `${of} is ahead of the file, which ends at row ${this.#state.last.seq}.`);
      return 'ahead of the file';
    }
    if (this.#savedHash === saved.hash) return `agrees with row ${saved.seq}`;
    this.#tell('head', `${of} does not fit the row in the file: the log up to it was rewritten.`);
    return 'differs';
  }

  #tell(finding: Finding['finding'], text: string): void {
    this.#add({ finding, seq: null, id: null, at: null, text });
  }

  #add(finding: Finding): void {
    if (this.#count++ < FINDINGS_KEPT) this.#findings.push(finding);
  }

  #noExport(): AppError {
    return new AppError(
      'invalid',
      `${stripped(this.#file)} is no audit export. Make one: bastion audit export --to FILE`,
    );
  }
}
