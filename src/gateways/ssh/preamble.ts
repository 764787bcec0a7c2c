import type { Duplex } from 'node:stream';
import { type ProxiedAddress, parseProxyHeader } from './proxy-protocol.ts';

/** RFC 4253 §4.2: the identification line is at most 255 bytes, CR and LF included. */
const MAX_IDENTIFICATION = 255;

export interface PreambleHandlers {
  /** The proxy's header was read (`null`: the proxy speaks for itself). Return false to stop. */
  address(address: ProxiedAddress | null): boolean;
  /** The client has introduced itself; its bytes are back in the socket. */
  done(): void;
  bad(why: string): void;
}

/**
 * Reads what comes before SSH packets: the PROXY header where one is due, and the client's identification line. Until
 * then a connection costs a socket and a few hundred bytes, and nothing of the SSH library; the library itself cannot
 * put together an identification that arrives in more than two pieces.
 */
export function readPreamble(socket: Duplex, proxied: boolean, greet: () => void, handlers: PreambleHandlers): void {
  let bytes: Buffer = Buffer.alloc(0);
  let awaitsHeader = proxied;

  const stop = () => {
    socket.off('data', onData);
    socket.pause();
  };
  const onData = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (awaitsHeader) {
      const header = parseProxyHeader(bytes);
      if (header.kind === 'more') return;
      stop();
      if (header.kind === 'bad') return handlers.bad(header.why);
      awaitsHeader = false;
      bytes = bytes.subarray(header.length);
      if (!handlers.address(header.address)) return;
      socket.on('data', onData);
      socket.resume();
      greet();
    }
    const problem = judgeIdentification(bytes);
    if (problem === undefined) return;
    stop();
    if (problem !== null) return handlers.bad(problem);
    socket.unshift(bytes);
    handlers.done();
  };
  if (!proxied) greet();
  socket.on('data', onData);
}

/** undefined: not whole yet. null: fine. */
function judgeIdentification(bytes: Buffer): string | null | undefined {
  const start = bytes.toString('latin1', 0, 4);
  if (!'SSH-'.startsWith(start)) return 'no SSH identification';
  const end = bytes.subarray(0, MAX_IDENTIFICATION).indexOf(10);
  if (end < 0) return bytes.length < MAX_IDENTIFICATION ? undefined : 'identification too long';
  return /^SSH-(?:2\.0|1\.99)-[\x21-\x7e]+(?: [\x20-\x7e\x80-\xff]*)?\r?\n$/.test(bytes.toString('latin1', 0, end + 1))
    ? null
    : 'malformed identification';
}
