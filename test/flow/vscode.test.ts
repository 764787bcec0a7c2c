import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dial, forwarder, type RunningSsh, startSsh } from '../kit/forwarding.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { freePort } from '../kit/sshd.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse();
  await house.api.permissions.set({ name: 'alice', actions: ['connect', 'forward'] });
});
afterAll(() => house?.[Symbol.asyncDispose]());

/** What listens on the target: answers each line with the same in capitals. */
const SERVER = `
import socket, sys, threading
if sys.argv[1] == 'port':
    s = socket.socket(); s.bind(('127.0.0.1', 0)); at = s.getsockname()[1]
else:
    s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[2]); at = sys.argv[2]
s.listen()
print('listeningOn==%s==' % at, flush=True)
def each(c):
    for line in c.makefile('rb'): c.sendall(line.upper())
    c.close()
while True: threading.Thread(target=each, args=(s.accept()[0],), daemon=True).start()
`;

/** The shape of the script that the editor's extension writes to the shell: markers, a folder, a server in the background. */
function script(folder: string, listen: 'port' | 'socket', mark: string): string {
  const where = listen === 'socket' ? `"$SERVER_DIR/exec.sock"` : '';
  return `
echo "${mark}: running"
export VSCODE_AGENT_FOLDER="$HOME/${folder}"
SERVER_DIR="$HOME/${folder}/bin/$$"
if [ ! -d "$SERVER_DIR" ]; then
  mkdir -p "$SERVER_DIR"
  if [ $? -gt 0 ]; then echo "${mark}: error"; exit 1; fi
fi
cat >"$SERVER_DIR/server.py" <<'END_OF_SERVER'
${SERVER}
END_OF_SERVER
python3 "$SERVER_DIR/server.py" ${listen} ${where} >"$SERVER_DIR/log" 2>&1 </dev/null &
SERVER_PID=$!
trap 'kill $SERVER_PID; rm -rf "$SERVER_DIR"' EXIT
for i in $(seq 200); do
  LISTENING_ON="$(sed -n 's/^listeningOn==\\(.*\\)==$/\\1/p' "$SERVER_DIR/log")"
  [ -n "$LISTENING_ON" ] && break
  sleep 0.05
done
echo "${mark}: start"
echo "listeningOn==$LISTENING_ON=="
echo "platform==$(uname -s)=="
echo "${mark}: end"
`;
}

interface Remote extends AsyncDisposable {
  readonly ssh: RunningSsh;
  readonly socks: number;
  /** The port or the path that the server listens on. */
  readonly at: string;
}

/** `ssh -T -D port host bash`, as the extension runs it; the shell stays, for as long as its input does. */
async function remote(
  folder: string,
  listen: 'port' | 'socket',
  flags: string[] = [],
  shell = 'bash',
): Promise<Remote> {
  const socks = await freePort();
  const ssh = startSsh(house, 'alice@web1', ['-T', '-D', String(socks), ...flags], { command: [shell] });
  let out = '';
  ssh.process.stdout!.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  const mark = '8f1c2d';
  ssh.process.stdin!.write(script(folder, listen, mark));
  const at = await eventually('the end of the script', () => {
    if (!out.includes(`${mark}: end`)) return undefined;
    return /listeningOn==(.*)==/.exec(out)?.[1];
  });
  expect(out).toMatch(new RegExp(`^${mark}: running[^]*${mark}: start[^]*platform==Linux==`));
  return { ssh, socks, at, [Symbol.asyncDispose]: () => ssh[Symbol.asyncDispose]() };
}

/** A SOCKS 5 connection to a port of the target's loopback. */
async function through(socks: number, port: number) {
  const socket = await dial(socks);
  socket.write(Buffer.from([5, 1, 0]));
  await once(socket, 'data');
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 1, 127, 0, 0, 1]), Buffer.from([port >> 8, port & 255])]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer[1]).toBe(0);
  return socket;
}

const sessions = async (use: string) =>
  (await house.api.sessions.list({ live: true, limit: 100 })).items.filter((row) => row.use === use);

test.each(['bash', 'sh'])(
  '%s, a server on a port, and connections to it through SOCKS: all of it is named',
  async (shell) => {
    await using editor = await remote('.vscode-server', 'port', [], shell);
    const sockets = await Promise.all([1, 2, 3].map(() => through(editor.socks, Number(editor.at))));
    for (const [i, socket] of sockets.entries()) {
      socket.write(`message ${i}\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toBe(`MESSAGE ${i}\n`);
    }
    expect((await sessions('exec')).map((row) => row.label)).toEqual(['VS Code']);
    const forwards = await sessions('forward');
    expect(forwards.map((row) => [row.label, row.destination])).toEqual(
      Array(3).fill(['VS Code', `127.0.0.1:${editor.at}`]),
    );
    expect(await house.bastion.ok(['session', 'list'])).toContain(`to 127.0.0.1:${editor.at} (VS Code)`);
    // the shell ends with its input, and takes its server along
    editor.ssh.process.stdin!.end();
    await eventually('the sessions to end', async () => (await sessions('forward')).length === 0 || undefined);
    const { items } = await house.api.sessions.list({ limit: 10 });
    expect(items.filter((row) => row.label === 'VS Code' && row.state === 'ended').length).toBeGreaterThanOrEqual(4);
  },
);

test('a server on a socket, through a local socket: named on its own connection, and on no other', async () => {
  const control = join(house.dir, 'editor-master');
  const local = join(house.dir, 'editor.sock');
  await using editor = await remote('.vscode-server', 'socket', ['-M', '-S', control]);
  const asked = ['-S', control, '-O', 'forward', '-L', `${local}:${editor.at}`];
  expect((await run('ssh', [...asked, ...house.bastion.sshArgs('alice@web1')])).code).toBe(0);
  const port = await freePort();
  await using _other = await forwarder(house, 'alice@web1', ['-L', `${port}:${editor.at}`]);
  for (const at of [local, port]) {
    const socket = await dial(at);
    socket.write('over a socket\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('OVER A SOCKET\n');
  }
  expect((await sessions('forward')).map((row) => [row.destination, row.label])).toEqual([
    [editor.at, null],
    [editor.at, 'VS Code'],
  ]);
});

test.each([
  ['.cursor-server', 'Cursor'],
  ['.windsurf-server', 'Windsurf'],
  ['.vscodium-server', 'VSCodium'],
])('%s is %s, though its script speaks of VS Code, too', async (folder, label) => {
  await eventually('the sessions before to end', async () => (await sessions('exec')).length === 0 || undefined);
  await using _editor = await remote(folder, 'port');
  expect((await sessions('exec')).map((row) => row.label)).toEqual([label]);
});

test('a filter that forbids nothing of it lets the script through', async () => {
  await house.api.filters.add({ name: 'no-reboot', words: ['reboot', 'shutdown'], action: 'deny' });
  await using editor = await remote('.vscode-server', 'port');
  const socket = await through(editor.socks, Number(editor.at));
  socket.write('filtered\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('FILTERED\n');
  await house.api.filters.remove({ name: 'no-reboot' });
});

test('without the right to forward, the script runs and the connection is refused with a sentence', async () => {
  await house.api.permissions.set({ name: 'alice', actions: ['connect'] });
  await using editor = await remote('.vscode-server', 'port');
  const socket = await dial(editor.socks);
  socket.write(Buffer.from([5, 1, 0]));
  await once(socket, 'data');
  socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, 0, 80]));
  await editor.ssh.saw(/administratively prohibited: None of your permissions for web1 allows "forward"/);
});
