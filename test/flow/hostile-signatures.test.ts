import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import ssh2, { type Client } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { authRequest, halfway, insideOf, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { type KeyPair, makeKey } from '../kit/sshd.ts';

/** Logins with keys of alice's and signatures that prove nothing: ssh2's `verify` answers some of them with an Error. */
const ATTACKER = '127.0.1.1';
let house: House;
const keys = new Map<string, KeyPair>();
let stranger: KeyPair;
beforeAll(async () => {
  house = await startHouse();
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    const pair = await makeKey(house.dir, `hostile_${type}`, type, '', type === 'rsa' ? ['-b', '2048'] : []);
    keys.set(type, pair);
    await house.bastion.ok(['user', 'key', 'add', 'alice', '--key-file', `${pair.file}.pub`]);
  }
  stranger = await makeKey(house.dir, 'stranger', 'ed25519');
});
afterAll(() => house?.[Symbol.asyncDispose]());

const raw = () =>
  connect({ port: house.bastion.sshPort, host: '127.0.0.1', localAddress: ATTACKER }).on('error', () => {});
const blob = (type: string) => Buffer.from(keys.get(type)!.publicKey.split(' ')[1]!, 'base64');
const names = { ed25519: 'ssh-ed25519', ecdsa: 'ecdsa-sha2-nistp256', rsa: 'rsa-sha2-512' } as const;
const integer = (bytes: number) => string(Buffer.alloc(bytes, 1));
const attempt = (algorithm: string, key: Buffer, signature: Buffer | ((client: Client) => Buffer)) =>
  halfway(raw(), (client) =>
    sendPayload(
      client,
      ...authRequest(
        'alice@web1',
        'publickey',
        1,
        string(algorithm),
        string(key),
        string(typeof signature === 'function' ? signature(client) : signature),
      ),
    ),
  );
/** The data a signature covers (RFC 4252 §7). */
const covered = (client: Client, algorithm: string, key: Buffer) => {
  const { sessionID } = (insideOf(client) as unknown as { _kex: { sessionID: Buffer } })._kex;
  const parts = authRequest('alice@web1', 'publickey', 1, string(algorithm), string(key));
  return Buffer.concat([
    string(sessionID),
    ...parts.map((one) => (typeof one === 'number' ? Buffer.from([one]) : one)),
  ]);
};
const signedBy = (pair: KeyPair, data: Buffer) => {
  const key = ssh2.utils.parseKey(readFileSync(pair.file));
  if (key instanceof Error) throw key;
  return sign(null, data, createPrivateKey((key as unknown as { getPrivatePEM(): string }).getPrivatePEM()));
};

test('the right one is a login, so that the others are what they claim to be', async () => {
  const key = blob('ed25519');
  const ending = await attempt(names.ed25519, key, (client) =>
    Buffer.concat([string(names.ed25519), string(signedBy(keys.get('ed25519')!, covered(client, names.ed25519, key)))]),
  );
  expect(ending.success).toBe(true);
});

test('a stranger’s own signature under alice’s key', async () => {
  const key = blob('ed25519');
  const ending = await attempt(names.ed25519, key, (client) =>
    Buffer.concat([string(names.ed25519), string(signedBy(stranger, covered(client, names.ed25519, key)))]),
  );
  expect(ending.success).toBe(false);
});

test('alice’s signature of another connection', async () => {
  const key = blob('ed25519');
  const ending = await attempt(names.ed25519, key, () =>
    Buffer.concat([string(names.ed25519), string(signedBy(keys.get('ed25519')!, Buffer.alloc(32)))]),
  );
  expect(ending.success).toBe(false);
});

for (const [type, name] of Object.entries(names)) {
  for (const claimed of [...Object.values(names), 'ssh-rsa', 'ssh-dss', 'sk-ssh-ed25519@openssh.com']) {
    test(`a ${type} key named ${claimed}, with signatures of every kind`, async () => {
      const signatures = [
        Buffer.alloc(0),
        string(''),
        Buffer.concat([string(claimed), string('')]),
        Buffer.concat([string(name), string(Buffer.alloc(64, 1))]),
        Buffer.concat([string(claimed), string(Buffer.concat([integer(32), integer(32)]))]),
        Buffer.concat([string('ssh-dss'), string(Buffer.alloc(40, 1))]),
        Buffer.concat([string(claimed), uint32(0xffffffff)]),
      ];
      const endings = await Promise.all(signatures.map((signature) => attempt(claimed, blob(type), signature)));
      expect(endings.filter((ending) => ending.success)).toEqual([]);
    });
  }
}

test('nothing of all this is a login in the audit but the right one', async () => {
  const rows = await house.audit({ actor: 'alice' });
  const logins = rows.filter((row) => row.outcome === 'ok' && row.actor.ip === ATTACKER);
  expect(logins.map((row) => row.action)).toEqual(['login']);
});
