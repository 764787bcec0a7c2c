import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dial, echoAtEnd, exchange, forwarder, type Served, serve, web } from '../kit/forwarding.ts';
import { sha256 } from '../kit/hash.ts';
import { addTarget, type House, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { connectClient } from '../kit/raw-ssh.ts';
import { freePort, makeKey } from '../kit/sshd.ts';

let house: House;
let http: Served;
let echo: Served;

beforeAll(async () => {
  house = await startHouse();
  await allow({});
  [http, echo] = await Promise.all([serve(web), serve(echoAtEnd)]);
});
afterAll(async () => {
  await Promise.all([http?.[Symbol.asyncDispose](), echo?.[Symbol.asyncDispose]()]);
  await house?.[Symbol.asyncDispose]();
});

const allow = (fields: { forwardTo?: string[]; actions?: ('connect' | 'forward' | 'upload')[] }) =>
  house.api.permissions.set({ name: 'alice', actions: ['connect', 'forward'], forwardTo: [], ...fields });

/** `ssh -W`: what it printed, and what it said on stderr. */
const netcat = (login: string, place: string, stdin: string | Buffer = '', key = house.key) => {
  const args = house.bastion.sshArgs(login, key.file);
  return run('ssh', ['-o', 'LogLevel=INFO', '-W', place, ...args], { stdin });
};

/** The last session with this destination, once it is over. */
const ended = (destination: string) =>
  eventually(`a session to ${destination} to end`, async () => {
    const { items } = await house.api.sessions.list({ limit: 50 });
    return items.find((row) => row.destination === destination && row.state === 'ended');
  });

describe('what ssh forwards', () => {
  test('-L: a page through the target; a row with destination and bytes, audited and exported', async () => {
    const port = await freePort();
    await using _ssh = await forwarder(house, 'alice@web1', ['-L', `${port}:localhost:${http.port}`]);
    const page = await run('curl', [
      '-sS',
      '-D',
      '-',
      '-o',
      join(house.dir, 'page'),
      `http://127.0.0.1:${port}/300000`,
    ]);
    expect(page.code).toBe(0);
    const body = readFileSync(join(house.dir, 'page'));
    expect(page.stdout).toContain(`X-Hash: ${sha256(body)}`);

    const row = await ended(`localhost:${http.port}`);
    expect(row).toMatchObject({ use: 'forward', user: 'alice', asset: 'web1', recording: 'none', command: null });
    expect(row.bytesOut).toBeGreaterThan(300_000);
    expect(row.bytesIn).toBeGreaterThan(50);
    const place = `localhost:${http.port}`;
    const audit = await house.audit();
    expect(audit.find((each) => each.action === 'access.allow' && each.details?.to === place)).toBeDefined();
    for (const action of ['session.start', 'session.end'])
      expect(audit.find((each) => each.action === action && each.details?.destination === place)).toBeDefined();
    const listed = await house.bastion.ok(['session', 'list']);
    expect(listed).toContain(`to ${place}`);
    expect(await house.bastion.ok(['session', 'show', row.id])).toMatch(new RegExp(`destination +${place}`));
    let exported = false;
    for await (const line of house.api.sessions.export({}, {})) exported ||= line.destination === place;
    expect(exported).toBe(true);
  });

  test('-D: SOCKS by the name of the asset, by localhost and by address; elsewhere is refused', async () => {
    const port = await freePort();
    await using ssh = await forwarder(house, 'alice@web1', ['-D', String(port)]);
    for (const host of ['web1', 'localhost', 'LOCALHOST', '127.0.0.1', '[::ffff:127.0.0.1]']) {
      const page = await run('curl', [
        '-sS',
        '--socks5-hostname',
        `127.0.0.1:${port}`,
        `http://${host}:${http.port}/10`,
      ]);
      expect({ host, code: page.code, error: page.stderr }).toEqual({ host, code: 0, error: '' });
    }
    const other = await run('curl', ['-sS', '--socks5-hostname', `127.0.0.1:${port}`, 'http://10.99.0.1:80/']);
    expect(other.code).not.toBe(0);
    await ssh.saw(/open failed: administratively prohibited: You may not forward to 10\.99\.0\.1:80 over web1/);
    // the name was replaced by the address before it was judged and dialled
    expect((await ended(`127.0.0.1:${http.port}`)).destination).not.toContain('web1');
  });

  test('-W: each way ends by itself', async () => {
    const sent = randomBytes(700_000);
    const got = await netcat('alice@web1', `localhost:${echo.port}`, sent);
    expect(got.code).toBe(0);
    expect(sha256(got.bytes)).toBe(sha256(sent));
    const row = await ended(`localhost:${echo.port}`);
    expect(row).toMatchObject({ bytesIn: 700_000, bytesOut: 700_000, endCause: 'client-closed' });
  });

  test('sockets: socket to socket, port to socket, SOCKS on a socket', async () => {
    const path = join(house.dir, 'service.sock');
    const local = join(house.dir, 'local.sock');
    const socks = join(house.dir, 'socks.sock');
    const port = await freePort();
    await run('chmod', ['755', house.dir]);
    await using _service = await serve(echoAtEnd, path);
    const flags = ['-L', `${local}:${path}`, '-L', `${port}:${path}`, '-D', socks];
    await using _ssh = await forwarder(house, 'alice@web1', flags);
    expect((await exchange(local, 'socket to socket')).toString()).toBe('socket to socket');
    expect((await exchange(port, 'port to socket')).toString()).toBe('port to socket');
    const page = await run('curl', [
      '-sS',
      '--proxy',
      `socks5h://localhost${socks}`,
      `http://localhost:${http.port}/10`,
    ]);
    expect(page).toMatchObject({ code: 0, stderr: '' });
    expect((await ended(path)).bytesIn).toBe('socket to socket'.length - 2);
  });

  test('ControlMaster: forwardings of the master, added and taken away while it runs', async () => {
    const control = join(house.dir, 'master');
    const port = await freePort();
    const master = house.bastion.sshArgs('alice@web1', house.key.file);
    await using _ssh = await forwarder(house, 'alice@web1', ['-M', '-S', control]);
    const tell = (...what: string[]) => run('ssh', ['-S', control, ...what, ...master]);
    const forward = ['-L', `${port}:localhost:${echo.port}`];
    expect((await tell('-O', 'forward', ...forward)).code).toBe(0);
    expect((await exchange(port, 'through the master')).toString()).toBe('through the master');
    expect((await tell('-O', 'cancel', ...forward)).code).toBe(0);
    await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/);
    expect((await run('ssh', ['-S', control, ...master, 'echo', 'beside'])).stdout).toBe('beside\n');
  });

  test('what the target says when it cannot connect arrives as such', async () => {
    const closed = await freePort();
    const refused = await netcat('alice@web1', `localhost:${closed}`);
    expect(refused.stderr).toMatch(
      /open failed: connect failed: The target cannot connect to localhost:\d+: Connection refused/,
    );
    expect(await ended(`localhost:${closed}`)).toMatchObject({ endCause: 'connect-failed' });
    // another address of the same loopback, where nobody listens
    expect((await netcat('alice@web1', `127.8.9.1:${http.port}`)).stderr).toMatch(/Connection refused/);
    using client = await connectClient(house.bastion.sshPort, {
      username: 'alice@web1',
      privateKey: house.key.privateKey,
      strictVendor: false,
    });
    const noSocket = new Promise((resolve) => client.openssh_forwardOutStreamLocal('/nowhere/at/all', resolve));
    expect(await noSocket).toMatchObject({
      reason: 2,
      message: expect.stringContaining('cannot connect to /nowhere/at/all'),
    });
  });

  test('a hundred connections at once', async () => {
    const port = await freePort();
    await using _ssh = await forwarder(house, 'alice@web1', ['-L', `${port}:localhost:${echo.port}`]);
    const sent = Array.from({ length: 100 }, () => randomBytes(100_000));
    const got = await Promise.all(sent.map((bytes) => exchange(port, bytes)));
    expect(got.map(sha256)).toEqual(sent.map(sha256));
    expect(house.bastion.log()).not.toContain('MaxListenersExceeded');
  });

  test('a reader that stands still holds the sender back, and the bastion keeps little', async () => {
    const port = await freePort();
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${house.bastion.pid}/status`, 'utf8'))![1]);
    const chunk = randomBytes(1024 * 1024);
    let sent = 0;
    await using flood = await serve((socket) => {
      socket.on('end', () => socket.destroy());
      socket.resume();
      const more = () => {
        while (sent < 512 && !socket.destroyed) {
          sent += 1;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on('drain', more);
      more();
    });
    await using _ssh = await forwarder(house, 'alice@web1', ['-L', `${port}:localhost:${flood.port}`]);
    const before = memory();
    const client = await dial(port);
    client.pause();
    // until nothing moves any more
    let last = -1;
    await eventually('the sender to stand still', async () => {
      const { items } = await house.api.sessions.list({ live: true, limit: 100 });
      const row = items.find((each) => each.destination === `localhost:${flood.port}`);
      const still = row !== undefined && row.bytesOut > 0 && row.bytesOut === last;
      last = row?.bytesOut ?? -1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return still || undefined;
    });
    expect(sent).toBeLessThan(128);
    expect(memory() - before).toBeLessThan(96 * 1024);
    client.destroy();
  });
});

describe('who may', () => {
  test('without the action: refused, with a sentence and an audit row', async () => {
    await allow({ actions: ['connect'] });
    const got = await netcat('alice@web1', `localhost:${echo.port}`, 'x');
    expect(got.stderr).toMatch(/administratively prohibited: None of your permissions for web1 allows "forward"/);
    expect(got.stdout).toBe('');
    const [denial] = await house.audit({ action: 'access.deny' });
    expect(denial!.details).toMatchObject({ use: 'forward', to: `localhost:${echo.port}` });
    await allow({});
  });

  test('only where the permission says, and the asset itself only when that is among it', async () => {
    await allow({ forwardTo: [`LOCAL*:${echo.port}`, join(house.dir, '*')] });
    const through = async (place: string) => (await netcat('alice@web1', place, 'ok')).stdout;
    expect(await through(`localhost:${echo.port}`)).toBe('ok');
    expect(await through(`127.0.0.1:${echo.port}`)).toBe('');
    expect(await through(`localhost:${http.port}`)).toBe('');
    await allow({ forwardTo: ['@asset', 'db1:5432'] });
    expect(await through(`127.0.0.1:${echo.port}`)).toBe('ok');
    const far = await netcat('alice@web1', 'db2:5432');
    expect(far.stderr).toMatch(/You may not forward to db2:5432 over web1, only to the asset itself, db1:5432/);
    await allow({});
  });

  test('what is not the asset by its list is elsewhere, whatever a resolver makes of it', async () => {
    for (const host of ['localhost.', '0.0.0.0', '2130706433', '0x7f000001', '127.1', '::', '[::1%lo]', 'web1.']) {
      const got = await netcat(
        'alice@web1',
        `${host.includes(':') ? host.replace(/^(?!\[)(.*)$/, '[$1]') : host}:${echo.port}`,
        'x',
      );
      expect({ host, out: got.stdout, refused: /administratively prohibited/.test(got.stderr) }).toEqual({
        host,
        out: '',
        refused: true,
      });
    }
  });

  test('keys: permitopen narrows, restrict and no-port-forwarding forbid', async () => {
    const options: [string, string][] = [
      ['permitopen', `permitopen="localhost:${echo.port}"`],
      ['restrict', 'restrict'],
      ['nofwd', 'no-port-forwarding'],
    ];
    for (const [name, option] of options) {
      const key = await makeKey(house.dir, `key-${name}`);
      await house.api.keys.add({ name: 'alice', key: `${option} ${key.publicKey}` });
      const good = await netcat('alice@web1', `localhost:${echo.port}`, 'ok', key);
      if (name !== 'permitopen') {
        expect(good.stderr).toMatch(/The key or certificate you logged in with permits no forwarding/);
        continue;
      }
      expect(good.stdout).toBe('ok');
      const bad = await netcat('alice@web1', `127.0.0.1:${echo.port}`, 'ok', key);
      expect(bad.stderr).toMatch(/does not permit forwarding to 127\.0\.0\.1:\d+ \(permitopen=\)/);
    }
  });

  test('a name without an asset forwards nothing, and several accounts must be told apart', async () => {
    expect((await netcat('alice', `localhost:${echo.port}`)).stderr).toMatch(/say over which asset/);
    await addTarget(house, 'web2', house.sshd);
    await house.api.accounts.add({ asset: 'web2', login: 'root', privateKey: house.targetKey.privateKey.toString() });
    expect((await netcat('alice@web2', `localhost:${echo.port}`)).stderr).toMatch(/alice@root@web2/);
    expect((await netcat('alice@root@web2', `localhost:${echo.port}`, 'ok')).stdout).toBe('ok');
  });

  test('patterns are checked where they are written, and explained', async () => {
    for (const [pattern, why] of [
      ['db1', 'HOST:PORT'],
      ['db1:70000', 'HOST:PORT'],
      ['fd00::5:22', 'brackets'],
      ['/run/../etc/x', 'path of a socket'],
    ] as const) {
      const args = ['permission', 'set', 'alice', '--forward-to', pattern];
      const said = await house.bastion.cli(args);
      expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
    }
    const explained = await house.bastion.ok(['access', 'explain', 'alice', 'web1']);
    expect(explained).toContain('Forwarding may go to the asset itself.');
  });
});

describe('ending and holding', () => {
  /** A connection whose far side says something ten times a second. */
  async function stream() {
    let count = 0;
    const service = await serve((socket) => {
      const timer = setInterval(() => socket.write(`${++count}\n`), 100);
      socket.on('close', () => clearInterval(timer));
      socket.resume();
    });
    const port = await freePort();
    const ssh = await forwarder(house, 'alice@web1', ['-L', `${port}:localhost:${service.port}`]);
    const socket = await dial(port);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    await once(socket, 'data');
    const row = await house.live((each) => each.destination === `localhost:${service.port}`);
    return {
      row,
      socket,
      service,
      closed: once(socket, 'close'),
      text: () => text,
      async [Symbol.asyncDispose]() {
        await ssh[Symbol.asyncDispose]();
        await service[Symbol.asyncDispose]();
      },
    };
  }

  test('a pattern taken away ends what it let through, and leaves the rest', async () => {
    await using one = await stream();
    await allow({ forwardTo: ['db1:5432'] });
    await one.closed;
    expect(await house.settled(one.row.id)).toMatchObject({ endCause: 'revoked', state: 'ended' });
    await allow({});
  });

  test('an administrator sees it live and ends it', async () => {
    await using one = await stream();
    expect(await house.bastion.ok(['session', 'list', '--live'])).toContain(`to ${one.row.destination}`);
    await house.bastion.ok(['session', 'end', one.row.id]);
    await one.closed;
    expect(await house.settled(one.row.id)).toMatchObject({ endCause: 'terminated' });
  });

  test('locked: nothing moves either way; unlocked: nothing was lost', async () => {
    const received: Buffer[] = [];
    await using service = await serve((socket) => {
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk);
        socket.write(chunk);
      });
      socket.on('end', () => socket.end());
    });
    const port = await freePort();
    await using _ssh = await forwarder(house, 'alice@web1', ['-L', `${port}:localhost:${service.port}`]);
    const socket = await dial(port);
    const back: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => back.push(chunk));
    socket.write('first');
    await once(socket, 'data');
    const row = await house.live((each) => each.destination === `localhost:${service.port}`);
    await house.api.sessions.lock({ id: row.id });
    const more = randomBytes(2_000_000);
    socket.end(more);
    // an exchange over another connection passes meanwhile
    const other = await freePort();
    await using _second = await forwarder(house, 'alice@web1', ['-L', `${other}:localhost:${echo.port}`]);
    expect((await exchange(other, 'other')).toString()).toBe('other');
    expect(Buffer.concat(received).toString()).toBe('first');
    expect((await house.api.sessions.show({ id: row.id })).bytesIn).toBe(5);
    await house.api.sessions.unlock({ id: row.id });
    await once(socket, 'close');
    expect(sha256(Buffer.concat(back))).toBe(sha256(Buffer.concat([Buffer.from('first'), more])));
  });

  test('the connection of the client goes: what is forwarded ends with it', async () => {
    await using one = await stream();
    const { service } = one;
    await one[Symbol.asyncDispose]();
    expect(await house.settled(one.row.id)).toMatchObject({ endCause: 'client-closed' });
    expect(service.sockets.size).toBe(0);
  });
});
