import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SessionView, WatchEvent } from '../../src/api/contract/sessions.ts';
import { Terminal, type TerminalSize } from '../kit/terminal.ts';
import { tempDir } from './store-kit.ts';

const MAIN = join(import.meta.dirname, 'cli-terminal-main.ts');

/** A program on a terminal until the test is over. */
function onTestsTerminal(file: string, args: readonly string[], size?: TerminalSize): Terminal {
  const terminal = new Terminal(file, args, size);
  onTestFinished(() => terminal.kill());
  return terminal;
}

/** `bastion ARGS` on a terminal, against the daemon that has this data. */
export function onTerminal(data: string, args: readonly string[], size?: TerminalSize): Terminal {
  return onTestsTerminal(process.execPath, [MAIN, data, ...args], size);
}

/** The same in a shell that then prints the state the terminal was left in. */
export function onTerminalThenStty(data: string, args: readonly string[], size?: TerminalSize): Terminal {
  return onTestsTerminal(
    '/bin/sh',
    [
      '-c',
      '"$@"; echo "exit=$?"; stty -a | tr " ;" "\\n\\n" | grep -xE -e "-?(icanon|echo)"',
      'sh',
      process.execPath,
      MAIN,
      data,
      ...args,
    ],
    size,
  );
}

export interface FakeDaemon {
  readonly data: string;
  /** Resolves when somebody watches. */
  readonly watching: Promise<{ send(event: WatchEvent): void; response: ServerResponse; left: Promise<void> }>;
  readonly bodies: unknown[];
}

/** Answers on an admin.sock as the contract says; `routes` maps `METHOD /path` to an answer, or a text to stream. */
export async function fakeDaemon(routes: Readonly<Record<string, unknown>>): Promise<FakeDaemon> {
  const data = tempDir();
  const watching = Promise.withResolvers<Awaited<FakeDaemon['watching']>>();
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://x').pathname.replace('/api/v1', '');
    if (path.endsWith('/watch')) {
      const send = (event: WatchEvent) => response.write(`${JSON.stringify(event)}\n`);
      const left = new Promise<void>((resolve) => response.on('close', resolve));
      watching.resolve({ send, response, left });
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    if (body !== '') bodies.push(JSON.parse(body));
    const route = routes[`${request.method} ${path}`];
    const answer = typeof route === 'function' ? (route as (body: unknown) => unknown)(bodies.at(-1)) : route;
    if (answer === undefined)
      response.writeHead(404).end('{"error":{"code":"not_found","message":"There is no such thing.","details":null}}');
    else if (answer instanceof Error)
      response
        .writeHead(400)
        .end(JSON.stringify({ error: { code: 'invalid', message: answer.message, details: null } }));
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(join(data, 'admin.sock'), resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { data, watching: watching.promise, bodies };
}

export const SESSION: SessionView = {
  id: '01k8h4qj5n9w7c2v6x0y3zabcd',
  user: 'alice',
  userId: 'u',
  asset: 'web1',
  assetId: 'a',
  account: 'root',
  protocol: 'ssh',
  use: 'shell',
  command: null,
  destination: null,
  label: null,
  clientIp: '192.0.2.7',
  via: 'ssh',
  permission: 'ops',
  startedAt: '2026-06-01T12:00:00.000Z',
  endedAt: null,
  state: 'live',
  terminal: true,
  locked: false,
  people: [],
  endCause: null,
  endDetail: null,
  exitCode: null,
  exitSignal: null,
  bytesIn: 0,
  bytesOut: 0,
  recording: 'spool',
  recordingBytes: null,
  recordingSha256: null,
};
