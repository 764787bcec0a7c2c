import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2';

/** A server on loopback that a test made up. */
export interface FakeTarget extends AsyncDisposable {
  readonly port: number;
}

async function listening(server: Server, sockets: Set<Socket>): Promise<FakeTarget> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whatever listens there, each connection is the test's. */
export function rawTarget(onSocket: (socket: Socket) => void): Promise<FakeTarget> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  return listening(server, sockets);
}

/** Writes a piece for ever, as fast as the other side reads. */
export function pour(socket: Socket, piece: string | Buffer, first: string | Buffer = ''): void {
  socket.write(first);
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

export interface SshTargetParts {
  readonly connection?: (connection: Connection) => void;
  /** Default: everybody may log in. */
  readonly authentication?: (context: ssh2.AuthContext, connection: Connection) => void;
  /** Default: sessions are opened, terminals and environments taken. */
  readonly session?: (session: Session, connection: Connection) => void;
  /** A shell or command was asked for and has begun. */
  readonly program?: (channel: ServerChannel, command: string, connection: Connection) => void;
}

/** An SSH server that goes as far as the test lets it. */
export async function sshTarget(hostKey: Buffer, parts: SshTargetParts): Promise<FakeTarget> {
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => {});
    parts.connection?.(connection);
    connection.on('authentication', (context) =>
      parts.authentication ? parts.authentication(context, connection) : context.accept(),
    );
    connection.on('session', (accept) => {
      const session = accept();
      if (parts.session) return parts.session(session, connection);
      session.on('pty', (yes) => yes?.());
      session.on('env', (yes) => yes?.());
      session.on('window-change', (yes) => yes?.());
      const begin = (channel: ServerChannel, command: string) => {
        channel.on('error', () => {});
        parts.program?.(channel, command, connection);
      };
      session.on('shell', (yes) => begin(yes(), ''));
      session.on('exec', (yes, _no, info) => begin(yes(), info.command));
    });
  });
  const sockets = new Set<Socket>();
  return listening(
    createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      ssh.injectSocket(socket);
    }),
    sockets,
  );
}
