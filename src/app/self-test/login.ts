import { createHash } from 'node:crypto';
import ssh2, { type NegotiatedAlgorithms } from 'ssh2';
import type { App } from '../app.ts';

export interface Terminal {
  readonly output: string;
  readonly exitCode: number | null;
  readonly algorithms: NegotiatedAlgorithms;
}

/** Logs in over loopback as an SSH client does, gives a terminal there one line, and waits for its end. */
export function typeIntoTerminal(app: App, login: { user: string; password: string }, line: string): Promise<Terminal> {
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<Terminal>();
  let algorithms: NegotiatedAlgorithms | undefined;
  client.once('handshake', (negotiated) => {
    algorithms = negotiated;
  });
  client.on('error', reject);
  client.on('close', () => reject(new Error('the connection was closed before the terminal ended')));
  client.on('ready', () => {
    client.shell({ term: 'xterm', cols: 80, rows: 24 }, (error, terminal) => {
      if (error) return reject(error);
      let output = '';
      let exitCode: number | null = null;
      terminal.on('data', (data: Buffer) => {
        output += data.toString();
      });
      terminal.stderr.on('data', (data: Buffer) => {
        output += data.toString();
      });
      terminal.on('exit', (code: number | null) => {
        exitCode = code;
      });
      terminal.on('close', () => resolve({ output, exitCode, algorithms: algorithms! }));
      terminal.write(`${line}\n`);
    });
  });
  const own = new Set(app.hostKeys.map(({ fingerprint }) => fingerprint));
  client.connect({
    host: '127.0.0.1',
    port: app.ssh[0]!.port,
    username: login.user,
    password: login.password,
    hostVerifier: (key: Buffer) =>
      own.has(`SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`),
  });
  return promise.finally(() => client.end());
}
