import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { TargetChannel, TargetSink } from '../../src/kernel/channel.ts';
import type { Asset } from '../../src/store/model.ts';
import { withCharset } from '../../src/targets/charset.ts';
import { createConnectors } from '../../src/targets/connectors.ts';
import { eventually } from '../kit/process.ts';
import { never, PTY, request, World, watch } from './targets-kit.ts';

const world = new World();
const demo = createConnectors(world.deps(), { demo: true });
const asset: Asset = world.asset('here', 0, { protocols: [{ name: 'local', port: 0 }] });
const grant = () => world.grant(asset, { login: 'me', secret: '' }, 'local');
const open = (extra: Parameters<typeof request>[0] = {}) => demo.open(grant(), request(extra), never);

describe('a shell on the bastion itself', () => {
  it('exists only in the demo', async () => {
    const plain = createConnectors(world.deps(), { demo: false });
    await expect(plain.open(grant(), request(), never)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(plain.open(world.grant(asset, { login: 'x', secret: '' }, 'rdp'), request(), never)).rejects.toThrow(
      /rdp/,
    );
  });

  it('runs commands with stderr apart, exit codes and signals', async () => {
    const seen = watch(await open({ command: 'echo a; echo b >&2; exit 4' }));
    await seen.closed;
    expect(seen.text()).toBe('a\n');
    expect(Buffer.concat(seen.err).toString()).toBe('b\n');
    expect(seen.exit).toEqual({ kind: 'code', code: 4 });
    expect(seen.events).toEqual(['eof', 'exit', 'closed']);
    const channel = await open({ command: 'echo up; exec sleep 600' });
    const killed = watch(channel);
    await killed.seen(/up/);
    channel.signal('TERM');
    await killed.closed;
    expect(killed.exit).toMatchObject({ kind: 'signal', signal: 'TERM' });
  });

  it('ends a command and what it started when closed, and passes the end of input on', async () => {
    const channel = await open({ command: 'sleep 600 & echo $!; wait' });
    const seen = watch(channel);
    await seen.seen(/\d+\n/);
    const pid = Number(seen.text());
    channel.close();
    await seen.closed;
    await eventually('the child to be gone', () => {
      try {
        process.kill(pid, 0);
        return undefined;
      } catch {
        return true;
      }
    });
    const cat = await open({ command: 'cat; echo after' });
    const catSeen = watch(cat);
    cat.write(Buffer.from('x\n'));
    cat.eof();
    await catSeen.closed;
    expect(catSeen.text()).toBe('x\nafter\n');
  });

  it('gives a terminal of the right size and nothing of the daemon’s environment', async () => {
    process.env.BASTION_SECRET_FOR_TEST = 'leak';
    const channel = await open({
      pty: PTY,
      command: 'stty size; env; read line; stty size; exit 6',
      env: [['LANG', 'C']],
    });
    delete process.env.BASTION_SECRET_FOR_TEST;
    const seen = watch(channel);
    await seen.seen(/24 80[\s\S]*TERM=xterm/);
    channel.resize({ cols: 100, rows: 30, width: 0, height: 0 });
    channel.write(Buffer.from('\n'));
    await seen.closed;
    expect(seen.text()).toContain('30 100');
    expect(seen.text()).toContain('LANG=C');
    expect(seen.text()).not.toMatch(/BASTION|NODE|leak/);
    expect(seen.exit).toEqual({ kind: 'code', code: 6 });
  });

  it('hangs up on a terminal that is closed', async () => {
    const channel = await open({ pty: PTY });
    const seen = watch(channel);
    channel.close();
    await seen.closed;
    expect(seen.events.at(-1)).toBe('closed');
  });

  it('holds output while paused and takes only so much input nobody reads', async () => {
    const channel = await open({ command: 'cat /dev/zero' });
    let bytes = 0;
    let paused = false;
    const seen = watch(channel, (chunk) => {
      expect(paused).toBe(false);
      bytes += chunk.length;
      paused = true;
      channel.pause();
    });
    await eventually('output', () => bytes > 0 || undefined);
    const first = bytes;
    await new Promise((resolve) => setImmediate(resolve));
    expect(bytes).toBe(first);
    channel.close();
    await seen.closed;
    const deaf = await open({ pty: PTY, command: 'stty raw; echo ready; exec sleep 600' });
    const deafSeen = watch(deaf);
    await deafSeen.seen(/ready/);
    let written = 0;
    while (written < 10e6 && deaf.write(Buffer.alloc(4096))) written += 4096;
    expect(written).toBeLessThan(1e6);
    deaf.close();
    await deafSeen.closed;
  });

  it('holds a burst of terminal input for a reader and loses none', async () => {
    const channel = await open({ pty: PTY, command: 'stty raw -echo; echo ready; head -c 300000 | sha256sum' });
    const chunk = Buffer.alloc(10_000, 'abcdefghij');
    let sent = 0;
    const feed = () => {
      while (sent < 30) {
        sent += 1;
        if (!channel.write(chunk)) return;
      }
    };
    const seen = watch(channel, undefined, feed);
    await seen.seen(/ready/);
    feed();
    await seen.closed;
    const sum = createHash('sha256').update(Buffer.alloc(300_000, 'abcdefghij')).digest('hex');
    expect(seen.text()).toContain(`ready\n${sum}`);
  });
});

describe('text encodings', () => {
  it('translates both ways and puts split characters together', () => {
    let sink: TargetSink | undefined;
    const written: Buffer[] = [];
    const target = {
      attach: (to: TargetSink) => {
        sink = to;
      },
      write: (chunk: Buffer) => written.push(chunk) > 0,
    } as unknown as TargetChannel;
    const seen = watch(withCharset(target, 'gbk'));
    const gbk = iconv.encode('中文abc', 'gbk');
    for (const byte of gbk) sink!.data(Buffer.from([byte]));
    expect(seen.text()).toBe('中文abc');
    const translated = withCharset(target, 'gbk');
    const utf8 = Buffer.from('文件');
    translated.write(utf8.subarray(0, 2));
    translated.write(utf8.subarray(2));
    expect(iconv.decode(Buffer.concat(written), 'gbk')).toBe('文件');
    expect(() => withCharset(target, 'klingon')).toThrow(/klingon/);
  });
});
