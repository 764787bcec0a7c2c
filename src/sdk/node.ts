import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { SdkRequest, SdkResponse, Transport } from './transport.ts';

/**
 * Speaks to the daemon over its `admin.sock`. Rejects with node's own error (`ENOENT`, `ECONNREFUSED`, `EACCES`)
 * when nobody listens there.
 */
export function socketTransport(socketPath: string): Transport {
  return (request: SdkRequest) =>
    new Promise<SdkResponse>((resolve, reject) => {
      const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
      const headers: Record<string, string | number> = { accept: 'application/json', host: 'bastion' };
      if (payload) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = payload.length;
      }
      if (request.content !== undefined) headers['content-type'] = 'application/octet-stream';
      const outgoing = httpRequest({
        socketPath,
        method: request.method,
        path: request.path,
        headers,
        agent: false,
        ...(request.signal ? { signal: request.signal } : {}),
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming: IncomingMessage) =>
        resolve({ status: incoming.statusCode ?? 0, body: incoming }),
      );
      const { content } = request;
      if (content === undefined) outgoing.end(payload);
      else pipeline(content instanceof Blob ? content.stream() : content, outgoing).catch(reject);
    });
}
