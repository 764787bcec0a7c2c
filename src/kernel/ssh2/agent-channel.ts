import type { Duplex } from 'node:stream';
import type { Connection, ServerChannel } from 'ssh2';
import library from 'ssh2/lib/Channel.js';
import { rawConnection } from './internals.ts';
import { serverChannelStream } from './stream.ts';

interface Inside {
  readonly _protocol: { openssh_authAgent(channel: number, window: number, packetSize: number): void };
  readonly _chanMgr: { add(opened: (error: Error | undefined, channel?: ServerChannel) => void): number };
}

/**
 * Asks the client for a connection to its SSH agent: a channel of type `auth-agent@openssh.com` (OpenSSH's PROTOCOL),
 * which ssh2's server cannot open by itself. Only for clients that asked for agent forwarding. Rejects when the client
 * says no or goes away; a client that does not answer leaves it open, so whoever waits sets the time.
 */
export function openAgentChannel(connection: Connection): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { _protocol, _chanMgr } = rawConnection(connection) as unknown as Inside;
    if (rawConnection(connection)._sock.destroyed) return reject(new Error('the client is gone'));
    const id = _chanMgr.add((error, channel) => {
      if (channel) resolve(serverChannelStream(channel));
      else reject(error ?? new Error('the client is gone'));
    });
    if (id === -1) return reject(new Error('no free channel'));
    _protocol.openssh_authAgent(id, library.MAX_WINDOW, library.PACKET_SIZE);
  });
}
