import { describe, expect, test } from 'vitest';
import type { Limits } from '../../src/access/grant.ts';
import type { Action } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { sha256 } from '../kit/hash.ts';
import { ADMIN, type FakeTarget, grant, type HouseOptions, house } from './session-kit.ts';

const ALL: readonly Action[] = ['connect', 'upload', 'download', 'delete'];

async function start(command: string, actions: readonly Action[] = ALL, options: HouseOptions = {}) {
  const at = await house(options);
  const right = grant({ actions: new Set(['connect', ...actions]) }, 'exec');
  const opening = at.open({ pty: undefined, command, grant: right });
  opening.catch(() => {});
  const rows = async () => (await at.store.transfers.list({ limit: 100 })).toReversed();
  return { at, opening, rows, right };
}

describe('rights', () => {
  test.each<[string, readonly Action[], Action]>([
    ['scp -t /srv', ['download', 'delete'], 'upload'],
    ['scp -f /srv/a', ['upload', 'delete'], 'download'],
    ['rsync --server -e.x --delete . /srv', ['upload', 'download'], 'delete'],
    ['rsync --server --sender -e.x --remove-source-files . /srv', ['upload', 'download'], 'delete'],
    ["git-upload-pack 'a.git'", ['upload'], 'download'],
    ["git-receive-pack 'a.git'", ['download'], 'upload'],
    ["sudo sh -c 'tar c /srv | gzip'", ['upload'], 'download'],
    ['tar xf -', ['download'], 'upload'],
    ['a line too long to be read', ['upload', 'download'], 'delete'],
  ])('%s with %j needs %s, and nothing is dialled without it', async (what, actions, missing) => {
    const command = what.startsWith('a line') ? `: ${'x'.repeat(70_000)}` : what;
    const { at, opening, rows } = await start(command, actions);
    await expect(opening).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(`^You may not ${missing}.* web1, .* the action ${missing} is missing`),
    });
    expect(at.targets).toHaveLength(0);
    const [session] = await at.store.sessions.list({});
    expect(session).toMatchObject({ state: 'ended', endCause: 'command-denied', recording: 'none' });
    expect(await at.store.commands.list({})).toMatchObject([{ confidence: 'exact', verdict: 'deny', filter: null }]);
    expect(await at.audit('session.end')).toMatchObject([{ outcome: 'denied' }]);
    const denied = command.startsWith(':') ? [] : [{ result: 'denied', detail: `the action ${missing} is missing` }];
    expect(await rows()).toMatchObject(denied);
    expect(await at.audit('transfer')).toMatchObject(denied.map(() => ({ outcome: 'denied' })));
  });

  test('with the right it runs, and without the others', async () => {
    const { at, opening } = await start('scp -t /srv', ['upload']);
    await opening;
    expect(at.targets).toHaveLength(1);
  });

  test('the right goes while it runs: it ends at once, and says so', async () => {
    const { opening, rows } = await start('tar c /srv');
    const { client, session, target } = await opening;
    target.say('some of it');
    const live = session as unknown as { replaceLimits(limits: Limits): void };
    live.replaceLimits({ ...session.grant.limits, actions: new Set(['connect', 'upload'] as const) });
    target.say('no more of it');
    expect(await session.ended).toEqual({ cause: 'revoked', detail: 'the right to download is gone' });
    expect(client.shown).toBe('some of it');
    expect(client.errors).toMatch(/^bastion: Disconnected from web1: the right to download is gone\./);
    expect(client.calls).toContain('exit 254');
    expect(await rows()).toMatchObject([
      { result: 'failed', bytes: 10, sha256: null, detail: expect.stringContaining('revoked') },
    ]);
  });

  test.each([
    ['upload', 'scp -t /srv'],
    ['download', 'scp -f /srv'],
  ] as const)('the right to %s runs out while it runs: not a byte after that', async (action, command) => {
    const clock = new FakeClock();
    const at = await house({ clock });
    const actionUntil = new Map([[action, clock.now() + 60_000]]);
    const right = grant({ actions: new Set(ALL), actionUntil }, 'exec');
    const { client, session, target } = await at.open({ pty: undefined, command, grant: right });
    const pass = (text: string) => (action === 'upload' ? client.type(text) : target.say(text));
    pass('\0');
    clock.advance(59_000);
    pass('C0644 1 a\n');
    clock.advance(2000);
    pass('x\0');
    expect(await session.ended).toMatchObject({ cause: 'revoked' });
    const passed = action === 'upload' ? Buffer.concat(target.received).toString() : client.shown;
    expect(passed).toBe('\0C0644 1 a\n');
  });

  test('a deletion that an rsync is told on its standard input', async () => {
    const { opening, rows } = await start('rsync --server -se.LsfxCIvu', ['upload']);
    const { client, session, target } = await opening;
    client.type('rsync\0--dele');
    client.type('te\0.\0/srv/a b\0\0');
    expect(await session.ended).toMatchObject({ cause: 'revoked', detail: 'the right to delete is gone' });
    expect(Buffer.concat(target.received).toString()).toBe('rsync\0--dele');
    expect(await rows()).toMatchObject([{ path: '/srv/a b', direction: 'upload', result: 'failed' }]);
  });
});

describe('rows', () => {
  const hello = ['C0644 5 a\n', 'hello', '\0'];

  test('scp up and down: a row and a line in the recording for each file, and none of its bytes', async () => {
    const up = await start('scp -t /srv');
    const { client, target, session } = await up.opening;
    target.say('\0');
    for (const part of hello) {
      client.type(part);
      if (part !== 'hello') target.say('\0');
    }
    target.leave();
    await session.ended;
    const known = { method: 'scp', bytes: 5, sha256: sha256('hello'), result: 'ok', partial: false, detail: null };
    expect(await up.rows()).toMatchObject([{ ...known, direction: 'upload', path: '/srv/a' }]);
    const told = `file transfer: scp upload of /srv/a, 5 bytes, sha256 ${sha256('hello')}`;
    expect((await up.at.recording(session)).output).toContain(told);

    const down = await start('scp -f /srv/a');
    const got = await down.opening;
    for (const part of hello) {
      got.client.type('\0');
      got.target.say(part);
    }
    got.client.type('\0');
    got.target.sink.stderr(Buffer.from('a warning\n'));
    got.target.leave();
    await got.session.ended;
    expect(await down.rows()).toMatchObject([{ ...known, direction: 'download', path: '/srv/a' }]);
    const { output } = await down.at.recording(got.session);
    expect(output).toContain(`file transfer: scp download of /srv/a, 5 bytes, sha256 ${sha256('hello')}`);
    expect(output).toContain('a warning');
    expect(output).not.toContain('hello');
    const [end] = await down.at.audit('session.end');
    expect(end!.details).toMatchObject({ output: { stdoutBytes: 16, stdoutSha256: null, limited: false } });
  });

  test.each([
    ["git-upload-pack 'it.git'", '0011from here', { method: 'git', direction: 'download', path: 'it.git' }],
    // hooks write there
    ["git-receive-pack 'it.git'", '0011from here', { method: 'git', direction: 'upload', path: 'it.git' }],
    ['rsync --server -e.x . /srv', '\x1f\0\0\0from here', { method: 'rsync', direction: 'upload', path: '/srv' }],
    ['tar c /srv', 'BZh9from here', { method: 'tar', direction: 'download', path: '/srv' }],
    ['tar xC /srv', 'from here', { method: 'tar', direction: 'upload', path: '/srv' }],
  ])('%s', async (command, said, names) => {
    const { opening, rows, at } = await start(command);
    const { client, target, session } = await opening;
    client.type('here');
    target.say(said);
    target.sink.stderr(Buffer.from('and a warning'));
    target.leave();
    await session.ended;
    const passed = names.direction === 'upload' ? 'here' : said;
    const known = { ...names, bytes: passed.length, sha256: names.method === 'tar' ? sha256(passed) : null };
    expect(await rows()).toMatchObject([{ ...known, result: 'ok', detail: null }]);
    const { output } = await at.recording(session);
    expect(output).toContain(
      `file transfer: ${known.method} ${known.direction} of ${known.path}, ${known.bytes} bytes`,
    );
    expect(output.includes('from here')).toBe(/^tar x|receive/.test(command));
    expect(output).toContain('and a warning');
  });

  test.each([
    ['git-upload-pack x', 'root:x:0:0'],
    ['rsync --server --sender -e.x . /srv', 'root:x:0:0'],
    ['tar c /srv', 'root:x:0:0'],
    ['tar c /srv', 'root:x:0:0\n'.repeat(100)],
    ['scp -f x', 'root:x:0:0\n'],
    ['scp -t x', 'root:x:0:0\n'],
    ['scp -f x; scp -f y', 'root:x:0:0\n'],
  ])('%s: a program of that name that says something else is recorded as any other', async (command, said) => {
    const { opening, at } = await start(command);
    const { target, session } = await opening;
    target.say(said);
    target.say('and more of it');
    target.leave();
    await session.ended;
    const { output } = await at.recording(session);
    expect(output).toContain('root:x:0:0');
    expect(output).toContain('and more of it');
  });

  test.each<[string, (target: FakeTarget) => void, string]>([
    ['by its exit code', (target) => target.leave({ kind: 'code', code: 23 }), 'exit 23'],
    [
      'by a signal',
      (target) => target.leave({ kind: 'signal', signal: 'KILL', coreDumped: false, message: '' }),
      'ended by signal KILL',
    ],
    ['without a word', (target) => target.sink.closed(), 'the session ended: target-closed'],
  ])('failed %s', async (_how, end, detail) => {
    const { opening, rows } = await start('rsync --server -e.x . /srv');
    const { session, target } = await opening;
    end(target);
    await session.ended;
    expect(await rows()).toMatchObject([{ result: 'failed', detail, sha256: null }]);
  });

  test('an scp that is cut off in the middle of a file, after one that was whole', async () => {
    const { opening, rows, at } = await start('scp -t /srv');
    const { client, session, target } = await opening;
    target.say('\0');
    for (const part of [...hello, 'C0644 5 b\n', 'he']) {
      client.type(part);
      if (part.length !== 5 && part !== 'he') target.say('\0');
    }
    await at.registry.terminate(session.id, ADMIN);
    expect((await rows()).toSorted((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
      { path: '/srv/a', result: 'ok' },
      { path: '/srv/b', result: 'failed', bytes: 2, sha256: null, detail: 'the session ended: terminated (eve [2J)' },
    ]);
  });

  test('what is no scp is a row of what is known, and passes unchanged', async () => {
    const { opening, rows } = await start('scp -t /srv');
    const { client, session, target } = await opening;
    client.type('hello\n\0\x1b[2J');
    target.leave();
    await session.ended;
    expect(Buffer.concat(target.received).toString()).toBe('hello\n\0\x1b[2J');
    expect(await rows()).toMatchObject([
      { path: '/srv', bytes: 11, sha256: null, detail: 'what they said was no scp: its files are not known' },
    ]);
  });

  test('names of a hostile scp are stripped where they are told', async () => {
    const { opening, rows, at } = await start('scp -f x');
    const { client, session, target } = await opening;
    client.type('\0');
    target.say('\x01\x1b[2Jno \x07such\u202e file\n');
    target.leave({ kind: 'code', code: 1 });
    await session.ended;
    const [row] = await rows();
    expect(row).toMatchObject({ path: 'x', result: 'failed', detail: '[2Jno  such  file' });
    expect((await at.recording(session)).output).not.toContain('\x1b[2J');
  });

  test('a big download is neither recorded nor hashed', async () => {
    const { opening, at } = await start('git-upload-pack x', ALL, { session: { exec_output_limit: '1KiB' } });
    const { session, target } = await opening;
    for (let n = 0; n < 100; n++) target.sink.data(Buffer.alloc(32 * 1024, '0'));
    target.leave();
    await session.ended;
    expect((await at.recording(session)).output.length).toBeLessThan(200);
    expect(await at.row(session.id)).toMatchObject({ bytesOut: 100 * 32 * 1024 });
  });

  test('a tar on a terminal has a row too', async () => {
    const at = await house();
    const right = grant({ actions: new Set(ALL) }, 'exec');
    const { session, target } = await at.open({ command: 'tar c x', grant: right });
    target.say('an archive');
    target.leave();
    await session.ended;
    expect(await at.store.transfers.list({})).toMatchObject([{ method: 'tar', bytes: 10, sha256: null, result: 'ok' }]);
  });

  test('a tar in the middle of a pipe moves nothing of the person', async () => {
    const { opening, rows } = await start('tar c /srv | wc -c');
    const { session, target, client } = await opening;
    client.sink.eof();
    target.leave();
    await session.ended;
    expect(await rows()).toEqual([]);
  });
});
