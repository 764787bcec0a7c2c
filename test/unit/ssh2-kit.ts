import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as netConnect } from 'node:net';
import ssh2, { type Client, type ClientChannel, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { ClientChannel as House, TargetChannel } from '../../src/kernel/channel.ts';
import { serverAlgorithms, targetAlgorithms } from '../../src/kernel/ssh2/algorithms.ts';
import { type SshClientChannel, serverChannel } from '../../src/kernel/ssh2/channel.ts';
import { tuneSocket } from '../../src/kernel/ssh2/socket.ts';

export interface Accepted {
  readonly channel: SshClientChannel;
  readonly raw: ServerChannel;
  readonly connection: Connection;
  readonly session: Session;
  readonly command: string;
}

export interface TestServer {
  readonly port: number;
  readonly connections: Connection[];
  readonly errors: Error[];
  close(): Promise<void>;
}

/** An ssh2 server set up as the gateway sets it up; anybody may log in, and each exec or shell is handed out. */
export async function startServer(hostKey: Buffer, onChannel: (accepted: Accepted) => void): Promise<TestServer> {
  const connections: Connection[] = [];
  const errors: Error[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey], algorithms: serverAlgorithms }, (connection) => {
    connections.push(connection);
    connection.on('error', (error) => errors.push(error));
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      const session = accept();
      let terminal = false;
      session.on('pty', (yes) => {
        terminal = true;
        yes?.();
      });
      session.on('env', (yes) => yes?.());
      const hand = (raw: ServerChannel, command: string) =>
        onChannel({ channel: serverChannel(raw, { terminal }), raw, connection, session, command });
      session.on('exec', (yes, _no, info) => hand(yes(), info.command));
      session.on('shell', (yes) => hand(yes(), ''));
    });
  });
  const listener = createServer({ noDelay: true }, (socket) => {
    tuneSocket(socket);
    server.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    connections,
    errors,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const connection of connections) connection.end();
      }),
  };
}

/** An ssh2 client as the targets room sets it up. */
export async function connectClient(port: number, auth: { privateKey?: Buffer } = {}): Promise<Client> {
  const client = new ssh2.Client();
  const socket = netConnect({ host: '127.0.0.1', port, noDelay: true });
  tuneSocket(socket);
  client.on('error', () => {});
  client.connect({
    sock: socket as never,
    username: 'root',
    algorithms: targetAlgorithms,
    ...(auth.privateKey ? { privateKey: auth.privateKey } : { password: 'x' }),
  });
  await once(client, 'ready');
  return client;
}

/** Runs a command and adapts the channel in ssh2's own callback, as the adapters want it. */
export function exec<T>(client: Client, command: string, adapt: (channel: ClientChannel) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(adapt(channel))));
  });
}

/** The pump of a session in its simplest form: what the adapters are for. */
export function pump(person: House, target: TargetChannel): void {
  target.attach({
    data: (chunk) => void (person.write(chunk) || target.pause()),
    stderr: (chunk) => void (person.writeError(chunk) || target.pause()),
    drain: () => person.resume(),
    eof: () => {},
    exit: (status) => person.exit(status),
    closed: () => {
      person.eof();
      person.close();
    },
  });
  person.attach({
    data: (chunk) => void (target.write(chunk) || person.pause()),
    drain: () => target.resume(),
    eof: () => target.eof(),
    resize: (size) => target.resize(size),
    signal: (name) => target.signal(name),
    closed: () => target.close(),
  });
}

/** Random-looking bytes whose hash is known, in chunks. */
export function payload(megabytes: number): { chunks: Buffer[]; sha256: string } {
  const block = randomBytes(1024 * 1024);
  const hash = createHash('sha256');
  const chunks = Array.from({ length: megabytes }, (_, index) => {
    const chunk = Buffer.from(block);
    chunk.writeUInt32BE(index);
    hash.update(chunk);
    return chunk;
  });
  return { chunks, sha256: hash.digest('hex') };
}
