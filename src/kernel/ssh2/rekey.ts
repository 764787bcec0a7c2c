import type { Client, Connection } from 'ssh2';
import { type Clock, systemClock } from '../clock.ts';
import { rawConnection } from './internals.ts';

export interface RekeyLimits {
  /** Bytes in either direction. */
  readonly bytes: number;
  readonly ms: number;
}

/** RFC 4253 §9: new keys after each gigabyte and each hour. */
const LIMITS: RekeyLimits = { bytes: 2 ** 30, ms: 3_600_000 };

/**
 * Asks for new keys in time; ssh2 never does by itself. Call once, when the connection is ready. Counts anew whenever
 * keys changed, whoever asked for it. Stops when the connection closes.
 */
export function autoRekey(
  connection: Client | Connection,
  limits: RekeyLimits = LIMITS,
  clock: Clock = systemClock,
): void {
  const raw = rawConnection(connection);
  const socket = raw._sock;
  let since = clock.monotonic();
  let readBase = socket.bytesRead ?? 0;
  let writtenBase = socket.bytesWritten ?? 0;
  const restart = () => {
    since = clock.monotonic();
    readBase = socket.bytesRead ?? 0;
    writtenBase = socket.bytesWritten ?? 0;
  };
  const check = () => {
    const read = (socket.bytesRead ?? 0) - readBase;
    const written = (socket.bytesWritten ?? 0) - writtenBase;
    if (read < limits.bytes && written < limits.bytes && clock.monotonic() - since < limits.ms) return;
    restart();
    if (socket.writable) raw._protocol.rekey();
  };
  // whoever sends much receives window adjusts for it, so looking when something arrives is enough
  socket.on('data', check);
  raw.on('handshake', restart);
  const stop = clock.every(Math.min(limits.ms, 60_000), check);
  raw.on('close', stop);
}
