import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { eventually, finished, type RunResult, run, start } from '../kit/process.ts';
import { filesBelow, openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';

/** scp with its own protocol (`-O`) through the bastion, and PuTTY's pscp. */
let at: TransferHouse;

beforeAll(async () => {
  at = await startTransferHouse();
}, 60_000);
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(() => at.mark());

type Rights = Parameters<TransferHouse['login']>[0];

function scpArgs(rights: Rights, args: readonly string[]): string[] {
  const flags = at.flags(rights).map((flag) => (flag === '-p' ? '-P' : flag));
  return ['-O', ...flags, ...args];
}

function scp(args: readonly string[], rights?: Rights): Promise<RunResult> {
  return run('scp', scpArgs(rights, args));
}

const remote = (path: string, rights?: Rights) => `${at.login(rights)}@127.0.0.1:${path}`;

describe('scp -O', () => {
  test('a file up and down: the same bytes, times and mode kept, a row each', async () => {
    const bytes = randomBytes(3_000_001);
    const file = join(at.here, 'big file');
    await writeFile(file, bytes);
    await chmod(file, 0o741);
    await utimes(file, 1_600_000_000, 1_500_000_000);
    const target = join(at.there, 'big file');
    expect(await scp(['-p', file, remote(at.there)])).toMatchObject({ code: 0, stderr: '' });
    expect(sha256(await readFile(target))).toBe(sha256(bytes));
    expect(await stat(target)).toMatchObject({ mtimeMs: 1_500_000_000_000, mode: 0o100741 });

    const back = join(at.here, 'back');
    expect(await scp(['-p', remote(target.replace(' ', '\\ ')), back])).toMatchObject({ code: 0, stderr: '' });
    expect(sha256(await readFile(back))).toBe(sha256(bytes));
    expect(await stat(back)).toMatchObject({ mtimeMs: 1_500_000_000_000 });

    const known = {
      method: 'scp',
      path: target,
      bytes: bytes.length,
      sha256: sha256(bytes),
      result: 'ok',
      detail: null,
    };
    expect(await at.rows(2)).toMatchObject([
      { ...known, direction: 'upload', partial: false },
      { ...known, direction: 'download', partial: false },
    ]);
  });

  test('a tree up and down, with names of every kind, several files at once', async () => {
    const tree = join(at.here, 'tree');
    await mkdir(join(tree, 'sub', 'deep'), { recursive: true });
    await writeFile(join(tree, 'empty'), '');
    await writeFile(join(tree, "it's\\ ünï 中"), 'x');
    await writeFile(join(tree, 'sub', 'deep', 'f'), randomBytes(100_000));
    const there = await openDirectory(join(at.there, 'trees'));
    expect(await scp(['-r', tree, remote(there)])).toMatchObject({ code: 0, stderr: '' });
    expect(await filesBelow(join(there, 'tree'))).toEqual(await filesBelow(tree));
    const back = join(at.here, 'copy');
    expect(await scp(['-r', remote(join(there, 'tree')), back])).toMatchObject({ code: 0 });
    expect(await filesBelow(back)).toEqual(await filesBelow(tree));
    const rows = await at.rows(6);
    const paths = Object.keys(await filesBelow(tree)).map((name) => join(there, 'tree', name));
    for (const direction of ['upload', 'download']) {
      const own = rows.filter((row) => row.direction === direction);
      expect(own.map((row) => row.path).sort()).toEqual(paths.sort());
      expect(own.every((row) => row.result === 'ok' && row.sha256 !== null)).toBe(true);
    }
  });

  test('from one target to another through this machine', async () => {
    const a = join(at.there, 'a3');
    await writeFile(a, 'from here to there');
    expect(await scp(['-3', remote(a), remote(join(at.there, 'b3'))])).toMatchObject({ code: 0 });
    expect(await readFile(join(at.there, 'b3'), 'utf8')).toBe('from here to there');
    const rows = await at.rows(2);
    expect(rows.map((row) => row.direction).sort()).toEqual(['download', 'upload']);
    expect(new Set(rows.map((row) => row.sha256))).toEqual(new Set([sha256('from here to there')]));
  });

  test('what goes wrong is said as without us, and its row has failed', async () => {
    const missing = await scp([remote('/nowhere/x'), at.here]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/\/nowhere\/x: No such file or directory/);
    await writeFile(join(at.here, 'f'), 'f');
    const refused = await scp([join(at.here, 'f'), remote('/etc/f')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/\/etc\/f: Permission denied/);
    expect(await at.rows(2)).toMatchObject([
      { direction: 'download', path: '/nowhere/x', result: 'failed', detail: expect.stringMatching(/No such file/) },
      { direction: 'upload', path: '/etc/f', result: 'failed', detail: expect.stringMatching(/Permission denied/) },
    ]);
  });

  test('a full disk: the client hears of it', async () => {
    await writeFile(join(at.here, 'f'), randomBytes(200_000));
    const full = await scp([join(at.here, 'f'), remote('/dev/full')]);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/No space left on device/);
    const [row] = await at.rows(1);
    expect(row).toMatchObject({ result: 'failed', detail: expect.stringMatching(/No space left/) });
  });

  test('each direction needs its right', async () => {
    const file = join(at.there, 'rights');
    await writeFile(file, 'x');
    for (const rights of ['upload', 'download', 'none'] as const) {
      const up = await scp([join(at.there, 'rights'), remote(join(at.there, rights), rights)], rights);
      expect(up.code === 0).toBe(rights === 'upload');
      expect(existsSync(join(at.there, rights))).toBe(rights === 'upload');
      if (rights !== 'upload') expect(up.stderr).toMatch(/^bastion: You may not upload to web1/);
      const got = join(at.here, `got-${rights}`);
      const down = await scp([remote(file, rights), got], rights);
      expect(down.code === 0).toBe(rights === 'download');
      expect(existsSync(got)).toBe(rights === 'download');
      if (rights !== 'download') expect(down.stderr).toMatch(/^bastion: You may not download from web1/);
    }
    const rows = await at.rows(6);
    expect(rows.filter((row) => row.result === 'denied')).toHaveLength(4);
    expect(rows.filter((row) => row.result === 'ok')).toHaveLength(2);
  });

  test.each(['the target is lost', 'the session is ended', 'the right is withdrawn'])(
    '%s in the middle',
    async (how) => {
      const source = join(at.there, 'slow');
      // a pipe nobody writes the end to: the copy cannot be through before it is cut
      await run('sh', ['-c', 'rm -f "$1" && truncate -s 3G "$1"', 'sh', source]);
      const got = join(at.here, 'cut');
      const client = start('scp', scpArgs('download', ['-l', '80000', remote(source, 'download'), got]));
      const over = finished(client);
      const session = await at.house.live((row) => row.user === 'download');
      await eventually('some bytes', async () =>
        existsSync(got) && (await stat(got)).size > 100_000 ? true : undefined,
      );
      if (how === 'the target is lost') await at.house.sshd.dropConnections();
      else if (how === 'the session is ended') await at.house.bastion.ok(['session', 'end', session.id]);
      else await at.house.api.permissions.set({ name: 'download', actions: ['connect'] });
      const result = await over;
      if (how === 'the right is withdrawn') {
        await at.house.api.permissions.set({ name: 'download', actions: ['connect', 'download'] });
        expect(result.stderr).toMatch(/the right to download is gone/);
      }
      expect(result.code).not.toBe(0);
      const [row] = await at.rows(1);
      expect(row).toMatchObject({ path: source, result: 'failed', sha256: null });
      expect(row!.bytes).toBeLessThan(3 * 1024 ** 3);
    },
  );

  test('a big download leaves no trace of its bytes in the recording', async () => {
    const file = join(at.there, 'large');
    await run('truncate', ['-s', '200M', file]);
    expect(await scp([remote(file), '/dev/null'])).toMatchObject({ code: 0 });
    const [row] = await at.rows(1);
    const session = await at.house.settled(row!.session);
    expect(session.recordingBytes).toBeLessThan(20_000);
    const cast = await at.house.bastion.ok(['session', 'replay', session.id, '--speed', '1000']).catch(String);
    expect(cast).toContain('scp download');
  });
});

describe('PuTTY', () => {
  async function putty(program: string, args: readonly string[]): Promise<RunResult> {
    const key = join(at.here, 'putty.ppk');
    if (!existsSync(key)) {
      const made = await run('puttygen', [at.house.key.file, '-O', 'private', '-o', key]);
      expect(made).toMatchObject({ code: 0 });
    }
    const port = String(at.house.bastion.sshPort);
    const hostKey = await run('sh', [
      '-c',
      'ssh-keyscan -t ed25519 -p "$1" 127.0.0.1 2>/dev/null | cut -d" " -f2- | ssh-keygen -lf - | cut -d" " -f2',
      'sh',
      port,
    ]);
    const flags = ['-batch', '-hostkey', hostKey.stdout.trim(), '-P', port, '-i', key];
    return run(program, [...flags, ...args], { env: { ...process.env, HOME: at.here } });
  }

  test('pscp -scp up and down, psftp, plink', async () => {
    const bytes = randomBytes(500_000);
    await writeFile(join(at.here, 'p'), bytes);
    expect(await putty('pscp', ['-q', '-scp', '-p', join(at.here, 'p'), remote(`${at.there}/`)])).toMatchObject({
      code: 0,
    });
    expect(sha256(await readFile(join(at.there, 'p')))).toBe(sha256(bytes));
    expect(await putty('pscp', ['-q', '-scp', remote(join(at.there, 'p')), join(at.here, 'p2')])).toMatchObject({
      code: 0,
    });
    expect(sha256(await readFile(join(at.here, 'p2')))).toBe(sha256(bytes));
    const known = { method: 'scp', path: join(at.there, 'p'), sha256: sha256(bytes), result: 'ok' };
    expect(await at.rows(2)).toMatchObject([known, known]);
    const batch = join(at.here, 'batch');
    await writeFile(batch, `get ${join(at.there, 'p')} ${join(at.here, 'p3')}\n`);
    expect(await putty('psftp', ['-b', batch, `${at.login()}@127.0.0.1`])).toMatchObject({ code: 0 });
    expect(sha256(await readFile(join(at.here, 'p3')))).toBe(sha256(bytes));
    expect(await putty('plink', [`${at.login()}@127.0.0.1`, 'echo hi; exit 3'])).toMatchObject({
      code: 3,
      stdout: 'hi\n',
    });
  });
});
