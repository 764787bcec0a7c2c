import { createHash, type Hash } from 'node:crypto';
import type { Millis, TransferRow } from '../../store/model.ts';

/** A line of control or a message: a path of 4096 bytes and some. */
const LONGEST_LINE = 8 * 1024;
/** Directories within each other. */
const DEEPEST = 512;
/** Lines that wait for their answers: the scps there are wait for each. */
const MOST_UNANSWERED = 64;
const LINE_FEED = 0x0a;
const WARNING = 1;
const FATAL = 2;

export type ScpFile = Pick<TransferRow, 'path' | 'startedAt' | 'bytes' | 'sha256' | 'result' | 'detail'>;

export interface ScpEvents {
  now(): Millis;
  /** The path of a file by the directories it lies in and its name; without a name that of the whole copy. */
  path(names: readonly string[]): string;
  began(path: string, size: number): void;
  ended(file: ScpFile): void;
}

interface OpenFile {
  readonly path: string;
  readonly startedAt: Millis;
  readonly size: number;
  readonly hash: Hash;
  bytes: number;
  /** What either side said went wrong with it. */
  problem: string | undefined;
}

/** What an answer is about. */
type Question =
  | { readonly kind: 'other' }
  | { readonly kind: 'directory'; readonly depth: number; readonly path: string }
  | { readonly kind: 'file'; readonly file: OpenFile }
  | { readonly kind: 'end'; readonly file: OpenFile };

/** What the next bytes of the sender are. */
type Expected = 'line' | 'announced' | 'content' | 'status';

/**
 * Reads what two scps say to each other as it passes: `T` (times), `C` (a file, then its bytes and a status), `D` and
 * `E` (into and out of a directory), each answered with 0, or with 1 or 2 and a message. It only looks on: what is no
 * such talk makes it stop looking, which `lost` tells.
 */
export class ScpWatch {
  readonly #events: ScpEvents;
  readonly #sender = new Line();
  readonly #answer = new Line();
  readonly #names: string[] = [];
  /** The receiver speaks first: it is ready. */
  readonly #questions: Question[] = [{ kind: 'other' }];
  #expected: Expected = 'line';
  #file: OpenFile | undefined;
  #lost = false;

  constructor(events: ScpEvents) {
    this.#events = events;
  }

  /** It is no scp, or one that says more than is followed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** A piece of what the sender of the files says. */
  sender(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#lost; ) {
      if (this.#expected === 'announced') this.#expected = this.#afterAnnouncement();
      else if (this.#expected === 'content') at += this.#content(chunk, at);
      else if (this.#expected === 'status') at = this.#status(chunk, at);
      else at = this.#line(chunk, at);
    }
  }

  /** A piece of what the receiver of the files says. */
  receiver(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#lost; ) {
      if (this.#answer.length === 0 && chunk[at] === 0) {
        at++;
        this.#answered(undefined);
        continue;
      }
      const end = this.#answer.take(chunk, at);
      if (end === undefined) break;
      at = end;
      const line = this.#answer.end();
      if (line === undefined || (line[0] !== WARNING && line[0] !== FATAL)) this.#lost = true;
      else this.#answered(messageOf(line));
    }
    if (this.#answer.tooLong) this.#lost = true;
  }

  /** The session is over: what is under way failed. */
  end(why: string): void {
    const open = this.#questions.flatMap((question) => (question.kind === 'end' ? [question.file] : []));
    if (this.#file) open.push(this.#file);
    this.#file = undefined;
    this.#questions.length = 0;
    for (const file of open) this.#close(file, file.problem ?? why);
  }

  #line(chunk: Buffer, at: number): number {
    const end = this.#sender.take(chunk, at);
    if (this.#sender.tooLong) this.#lost = true;
    if (end === undefined) return chunk.length;
    const line = this.#sender.end();
    if (line !== undefined) this.#said(line);
    return end;
  }

  #said(line: Buffer): void {
    const text = line.toString('utf8');
    const [, kind, size, name] = /^([CD])[0-7]{4} (\d{1,16}) ([^\n]+)$/.exec(text) ?? [];
    if (kind === 'C') this.#announced(Number(size), name!);
    else if (kind === 'D') this.#enters(name!);
    else if (text === 'E') {
      this.#names.pop();
      this.#ask({ kind: 'other' });
    } else if (/^T\d+ \d+ \d+ \d+$/.test(text)) this.#ask({ kind: 'other' });
    // it could not read something: that needs no answer
    else if (line[0] === WARNING || line[0] === FATAL) this.#failed(this.#events.path(this.#names), messageOf(line));
    else this.#lost = true;
  }

  #announced(size: number, name: string): void {
    if (!Number.isSafeInteger(size)) {
      this.#lost = true;
      return;
    }
    const path = this.#events.path([...this.#names, name]);
    this.#file = {
      path,
      startedAt: this.#events.now(),
      size,
      hash: createHash('sha256'),
      bytes: 0,
      problem: undefined,
    };
    this.#expected = 'announced';
    this.#ask({ kind: 'file', file: this.#file });
    this.#events.began(path, size);
  }

  #enters(name: string): void {
    this.#names.push(name);
    if (this.#names.length > DEEPEST) this.#lost = true;
    else this.#ask({ kind: 'directory', depth: this.#names.length, path: this.#events.path(this.#names) });
  }

  /** What comes behind the line of a file: its bytes, unless the receiver did not want them. */
  #afterAnnouncement(): Expected {
    if (!this.#file) return 'line';
    return this.#file.size > 0 ? 'content' : 'status';
  }

  #content(chunk: Buffer, at: number): number {
    const file = this.#file!;
    const piece = chunk.subarray(at, at + file.size - file.bytes);
    file.hash.update(piece);
    file.bytes += piece.length;
    if (file.bytes === file.size) this.#expected = 'status';
    return piece.length;
  }

  /** Whether the sender could read all of it: what it could not, it filled up. */
  #status(chunk: Buffer, at: number): number {
    if (this.#sender.length > 0 || chunk[at] !== 0) {
      const end = this.#sender.take(chunk, at);
      if (this.#sender.tooLong) this.#lost = true;
      if (end === undefined) return chunk.length;
      const line = this.#sender.end();
      if (line === undefined || (line[0] !== WARNING && line[0] !== FATAL)) {
        this.#lost = true;
        return end;
      }
      this.#file!.problem ??= messageOf(line);
      this.#sent();
      return end;
    }
    this.#sent();
    return at + 1;
  }

  #sent(): void {
    this.#ask({ kind: 'end', file: this.#file! });
    this.#file = undefined;
    this.#expected = 'line';
  }

  #ask(question: Question): void {
    this.#questions.push(question);
    if (this.#questions.length > MOST_UNANSWERED) this.#lost = true;
  }

  #answered(problem: string | undefined): void {
    const question = this.#questions.shift();
    if (question?.kind === 'end') this.#close(question.file, question.file.problem ?? problem);
    if (problem === undefined || question?.kind === 'end') return;
    if (question?.kind === 'file') this.#unwanted(question.file, problem);
    else if (question?.kind === 'directory') {
      if (this.#names.length === question.depth) this.#names.pop();
      this.#failed(question.path, problem);
    } else this.#failed(this.#events.path(this.#names), problem);
  }

  #unwanted(file: OpenFile, problem: string): void {
    // bytes that were sent without waiting are read as lines now, which nobody can follow
    if (this.#file !== file || file.bytes > 0) this.#lost = true;
    else {
      this.#file = undefined;
      this.#expected = 'line';
    }
    if (!this.#lost) this.#close(file, problem);
  }

  #close(file: OpenFile, problem: string | undefined): void {
    const { path, startedAt, bytes, hash } = file;
    const isWhole = problem === undefined && bytes === file.size;
    this.#events.ended({
      path,
      startedAt,
      bytes,
      sha256: isWhole ? hash.digest('hex') : null,
      result: isWhole ? 'ok' : 'failed',
      detail: problem ?? null,
    });
  }

  #failed(path: string, detail: string): void {
    const startedAt = this.#events.now();
    this.#events.ended({ path, startedAt, bytes: 0, sha256: null, result: 'failed', detail });
  }
}

function messageOf(line: Buffer): string {
  return line
    .subarray(1)
    .toString('utf8')
    .replace(/^scp: /, '');
}

/** A line that comes in pieces. */
class Line {
  #parts: Buffer[] = [];
  length = 0;

  get tooLong(): boolean {
    return this.length > LONGEST_LINE;
  }

  /** Where it ends in the chunk; undefined when it goes on. */
  take(chunk: Buffer, at: number): number | undefined {
    const feed = chunk.indexOf(LINE_FEED, at);
    const end = feed < 0 ? chunk.length : feed + 1;
    const part = chunk.subarray(at, end);
    this.length += part.length;
    if (!this.tooLong) this.#parts.push(feed < 0 ? Buffer.from(part) : part);
    return feed < 0 ? undefined : end;
  }

  /** Without its line feed, ready for the next one; undefined when it was too long. */
  end(): Buffer | undefined {
    const line = this.tooLong ? undefined : Buffer.concat(this.#parts).subarray(0, -1);
    if (line === undefined) return undefined;
    this.#parts = [];
    this.length = 0;
    return line;
  }
}
