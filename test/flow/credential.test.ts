import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startBastion } from '../kit/bastion.ts';

const dir = mkdtempSync(join(tmpdir(), 'bastion-credential-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the daemon takes its master key from the service manager and keeps none itself', async () => {
  const credentials = mkdtempSync(join(dir, 'credentials-'));
  const key = join(credentials, 'master.key');
  writeFileSync(key, `${randomBytes(32).toString('base64')}\n`);
  chmodSync(key, 0o440);
  const env = { CREDENTIALS_DIRECTORY: credentials };
  const asset = ['asset', 'add', 'web1', '--address', '192.0.2.1'];
  const secret = ['account', 'add', 'web1', 'root', '--password-stdin'];

  const first = await startBastion({ dir, env });
  await first.ok(asset);
  await first.ok(secret, { stdin: 'hunter2\n' });
  expect(existsSync(join(first.data, 'master.key'))).toBe(false);
  const rotated = await first.cli(['vault', 'rotate-key']);
  expect(rotated).toMatchObject({ code: 1, stderr: expect.stringContaining('credential of the service') });
  await first.stop();

  // stopped: the command line needs the same key, and says where it looks for it
  const without = await first.cli(['user', 'list']);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('CREDENTIALS_DIRECTORY') });
  expect(await first.cli(['account', 'list'], { env: { ...process.env, ...env } })).toMatchObject({ code: 0 });
  await expect(startBastion({ dir })).rejects.toThrow(/master\.key is missing/);

  // with it again, everything is there
  await using again = await startBastion({ dir, env });
  expect(await again.ok(['account', 'list'])).toContain('root');
});

test('a credential that cannot be looked at stops the daemon before it makes a key of its own', async () => {
  const own = mkdtempSync(join(dir, 'own-'));
  const blocked = join(own, 'blocked');
  writeFileSync(blocked, '');
  await expect(startBastion({ dir: own, env: { CREDENTIALS_DIRECTORY: blocked } })).rejects.toThrow(
    /cannot be looked at/,
  );
  expect(existsSync(join(own, 'data/master.key'))).toBe(false);
});
