import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';

/** How long a body that is no upload may take to arrive. */
const ARRIVAL_MS = 60_000;
/** Bytes of an upload that may wait for the one who reads it. */
const UPLOAD_WATER = 256 * 1024;
/** How long the rest of an upload that was refused is still taken, so that the sender gets to read why. */
const REST_MS = 5_000;

/**
 * The JSON body of a request, undefined when it has none. Reads no more than `limit` bytes.
 * @throws AppError `too_large`, or `invalid` when it is no JSON.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return undefined;
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json')
    throw new AppError('invalid', 'Send the body as JSON with "Content-Type: application/json".');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's message would repeat parts of the body, which may hold a secret
    throw new AppError('invalid', 'The body is not valid JSON.');
  }
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () =>
    new AppError('too_large', `The body is larger than ${limit} bytes, which is as much as this call takes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Not an async iterator: leaving that early would destroy the socket before the answer is out
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', resolve);
    request.on('error', () => reject(new AppError('invalid', 'The request was broken off.')));
    request.on('close', () => reject(new AppError('invalid', 'The request was broken off.')));
  });
  return Buffer.concat(chunks);
}

/** Cuts the connection of a request whose body does not arrive in time; uploads are given theirs by `openUpload`. */
export function limitArrival(request: IncomingMessage, clock: Pick<Clock, 'after'>): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  const cancel = clock.after(ARRIVAL_MS, () => request.destroy());
  arrival.set(request, cancel);
  request.once('end', cancel).once('close', cancel);
}

const arrival = new WeakMap<IncomingMessage, () => void>();

/**
 * The body of an upload, however long it is and takes, as long as bytes move: none for `stallMs`, and it is broken off.
 * Destroying what is returned leaves the connection open for the answer.
 */
export function openUpload(request: IncomingMessage, stallMs: number): Readable {
  arrival.get(request)?.();
  const content = new PassThrough({ highWaterMark: UPLOAD_WATER });
  const breakOff = (message: string) => content.destroy(new AppError('invalid', message));
  // whoever reads hears of it, and there may be nobody any more
  content.on('error', () => {});
  request.on('error', () => breakOff('The upload was broken off.'));
  request.on('close', () => {
    if (!request.complete) breakOff('The upload was broken off.');
  });
  request.setTimeout(stallMs, () =>
    breakOff('The upload was broken off: nothing came, or nothing was taken, for too long.'),
  );
  request.once('end', () => request.setTimeout(0));
  request.pipe(content);
  return content;
}

/** Takes what is still coming of an upload that has been answered, for a while. */
export function discardRest(request: IncomingMessage, content: Readable, clock: Pick<Clock, 'after'>): void {
  content.destroy();
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.resume();
  const cancel = clock.after(REST_MS, () => request.destroy());
  request.once('end', cancel).once('close', cancel);
}
