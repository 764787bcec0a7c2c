import { chmodSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateHostKeys } from '../../src/gateways/ssh/host-keys.ts';
import { tempDir } from './store-kit.ts';

describe('host keys', () => {
  test('are made once, readable by the owner alone, and refused otherwise', async () => {
    const dir = tempDir();
    const first = await generateHostKeys(dir);
    expect(first.map((key) => key.type)).toEqual(['ed25519', 'ecdsa', 'rsa']);
    for (const key of first) {
      expect(statSync(key.path).mode & 0o777).toBe(0o600);
      expect(readFileSync(`${key.path}.pub`, 'utf8')).toMatch(
        /^(ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa) \S+ bastion\n$/,
      );
    }
    expect((await generateHostKeys(dir)).map((key) => key.fingerprint)).toEqual(first.map((key) => key.fingerprint));
    chmodSync(first[0]!.path, 0o640);
    await expect(generateHostKeys(dir)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('chmod 600'),
    });
  });
});
