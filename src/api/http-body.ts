import type { IncomingMessage } from 'node:http';
import { AppError } from '../kernel/errors.ts';

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
