import { packet, SftpReader, STATUS, string, TYPE, uint32, uint64 } from '../../../kernel/sftp/wire.ts';
import type { Answer, Failure } from './answer-stream.ts';
import { UNFIT } from './answers.ts';
import type { Upstream } from './upstream.ts';

/** Every server gives so much at once. */
const BLOCK = 32 * 1024;
/** Blocks under way. */
const MOST_BLOCKS = 16;

/** One side of a copy. */
export interface CopyEnd {
  readonly upstream: Upstream;
  readonly handle: Buffer;
  readonly at: number;
}

/**
 * Copies between two files that no server has both of: reads here, writes there, several blocks at a time. `length` 0
 * means up to the end. `done` is called once, when nothing is under way any more.
 */
export function copyBetween(from: CopyEnd, to: CopyEnd, length: number, done: (outcome: Failure) => void): void {
  const wanted = length === 0 ? Number.POSITIVE_INFINITY : length;
  let asked = 0;
  let under = 0;
  /** Where the file ends, and how far there was something in it. */
  let end = Number.POSITIVE_INFINITY;
  let seen = 0;
  let failure: Failure | undefined;
  let over = false;

  const fail = (why: Failure) => {
    failure ??= why;
  };
  const read = (at: number, size: number) => {
    under++;
    from.upstream.askOwn(
      (id) => [packet(TYPE.read, id, string(from.handle), uint64(from.at + at), uint32(size))],
      (answer) => {
        under--;
        if (answer.kind === 'data') got(at, size, answer);
        else if (answer.kind === 'failed') fail(answer.failure);
        else {
          const status = statusOf(answer);
          if (status.code === STATUS.eof) end = Math.min(end, at);
          else fail(status);
        }
        go();
      },
    );
  };
  const got = (at: number, size: number, { pieces, length: bytes }: Extract<Answer, { kind: 'data' }>) => {
    if (bytes === 0 || bytes > size)
      return fail({ code: STATUS.failure, text: 'the file that is copied is not given as it was asked for' });
    seen = Math.max(seen, at + bytes);
    if (failure) return;
    under++;
    to.upstream.askOwn(
      (id) => {
        const head = [string(to.handle), uint64(to.at + at), uint32(bytes)];
        const bodyLength = 5 + head.reduce((sum, part) => sum + part.length, 0) + bytes;
        return [Buffer.concat([uint32(bodyLength), Buffer.of(TYPE.write), uint32(id), ...head]), ...pieces];
      },
      (answer) => {
        under--;
        if (answer.kind === 'failed') fail(answer.failure);
        else {
          const status = statusOf(answer);
          if (status.code !== STATUS.ok) fail(status);
        }
        go();
      },
    );
    if (bytes < size) read(at + bytes, size - bytes);
  };
  const go = () => {
    while (!failure && under < MOST_BLOCKS && asked < wanted && asked < end) {
      const size = Math.min(BLOCK, wanted - asked);
      asked += size;
      read(asked - size, size);
    }
    if (under > 0 || over) return;
    over = true;
    if (!failure && seen > end)
      fail({ code: STATUS.failure, text: 'the file that is copied changed while it was copied: copy it again' });
    if (!failure && length > 0 && seen < length) fail({ code: STATUS.eof, text: 'the file is shorter' });
    done(failure ?? { code: STATUS.ok, text: '' });
  };
  go();
}

function statusOf(answer: Answer): Failure {
  if (answer.kind !== 'packet' || answer.type !== TYPE.status) return { code: STATUS.failure, text: UNFIT };
  const reader = new SftpReader(answer.packet, 9);
  const code = reader.uint32();
  return { code, text: reader.left > 0 ? reader.string().toString() : '' };
}
