import { createHash, scryptSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { utils } from 'ssh2';
import { expect } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import type { Authenticator } from '../../src/auth/authenticator.ts';
import { createAuthenticator } from '../../src/auth/authenticator.ts';
import { Identity } from '../../src/auth/identity.ts';
import { userKeyFrom } from '../../src/auth/links.ts';
import type { KeyProof, Step } from '../../src/auth/login-types.ts';
import { parsePublicKeyLine } from '../../src/auth/public-key-line.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { type CaId, newId, type UserId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import type { AuditDraft, AuditRow, Role, User } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { Vault } from '../../src/store/vault.ts';
import { StandingClock } from '../kit/clock.ts';
import { run } from '../kit/process.ts';

export const SK_DUMMY = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so';
export const PASSWORD = 'three blind mice run';

/** A scratch directory with key pairs and certificates made by ssh-keygen. */
export class Keys {
  readonly dir = mkdtempSync(join(tmpdir(), 'bastion-auth-'));

  async make(name: string, type: string, bits?: number): Promise<string> {
    const sk = type.endsWith('-sk') ? ['-w', SK_DUMMY] : [];
    const size = bits === undefined ? [] : ['-b', String(bits)];
    await this.keygen(['-q', '-N', '', '-C', name, '-t', type, ...size, ...sk, '-f', this.file(name)]);
    return this.publicLine(name);
  }

  /** Signs the public key `name` as a certificate `as` with the authority's key. */
  async certify(name: string, authority: string, as: string, args: readonly string[]): Promise<Buffer> {
    const copy = this.file(as);
    await run('cp', [this.file(`${name}.pub`), `${copy}.pub`]);
    await this.keygen(['-q', '-s', this.file(authority), '-I', as, ...args, `${copy}.pub`]);
    return blobOf(readFileSync(`${copy}-cert.pub`, 'utf8'));
  }

  async fingerprint(name: string): Promise<string> {
    const { stdout } = await run('ssh-keygen', ['-lf', this.file(`${name}.pub`)]);
    return stdout.split(' ')[1]!;
  }

  file(name: string): string {
    return join(this.dir, name);
  }

  text(name: string): string {
    return readFileSync(this.file(name), 'utf8');
  }

  publicLine(name: string): string {
    return this.text(`${name}.pub`).trim();
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async keygen(args: readonly string[]): Promise<void> {
    const made = await run('ssh-keygen', args);
    if (made.code !== 0) throw new Error(`ssh-keygen ${args.join(' ')}: ${made.stderr}`);
  }
}

export function blobOf(line: string): Buffer {
  return Buffer.from(line.trim().split(/\s+/)[1]!, 'base64');
}

export function wire(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(part));
      return [length, Buffer.from(part)];
    }),
  );
}

export const SIGNED_DATA = createHash('sha512').update('a session id and a request').digest();

/** What ssh2's client signs, in the shape ssh2's server hands on. */
export function proofOf(privateKey: string, blob: Buffer, algorithm: string): KeyProof {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const hashAlgorithm = /^rsa-sha2-/.test(algorithm) ? `sha${algorithm.slice(-3)}` : undefined;
  const signature = key.sign(SIGNED_DATA, hashAlgorithm);
  if (!Buffer.isBuffer(signature)) throw signature;
  return { algorithm, hashAlgorithm, key: blob, signature, signedData: SIGNED_DATA };
}

/** The same for a certificate: the whole wire signature stays. */
export function certificateProofOf(privateKey: string, blob: Buffer, algorithm: string, inner: string): KeyProof {
  const plain = proofOf(privateKey, blob, inner);
  return { ...plain, algorithm, hashAlgorithm: undefined, signature: wire(inner, plain.signature) };
}

/** An audit row about something else. */
export function draft(action: string): AuditDraft {
  return { actor: systemActor(), action, outcome: 'ok', target: null, reason: null, details: null };
}

export interface Room {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: StandingClock;
  readonly config: Config;
  readonly auth: Authenticator;
  user(name: string, values?: { role?: Role; password?: string; validUntil?: number }): Promise<User>;
  addKey(user: User, line: string, totpExempt?: boolean): Promise<string>;
  trust(line: string, name?: string): Promise<void>;
  /** Gives the user one-time codes; `code` makes the one of the present time. */
  enrol(user: User): Promise<{ code: () => string; recovery: string[] }>;
  audit(action: string): Promise<AuditRow[]>;
  close(): Promise<void>;
}

/** The room with the real store, vault and password threads, on a clock that can be moved. */
export async function openRoom(over: Record<string, unknown> = {}): Promise<Room> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bastion-auth-data-'));
  const clock = new StandingClock(Date.UTC(2026, 5, 1, 12));
  const log = silentLog();
  const store = await openStore({ dataDir, log, clock });
  const keyFile = join(dataDir, 'master.key');
  createMasterKey(keyFile);
  const vault = await openVault({ keyFile, store });
  const config = configSchema.parse({ auth: over });
  const auth = createAuthenticator({ store, vault, clock, config, log });
  return {
    store,
    vault,
    clock,
    config,
    auth,
    async user(name, values = {}) {
      return store.users.create(
        {
          id: newId<UserId>(),
          name,
          displayName: '',
          email: '',
          comment: '',
          role: values.role ?? 'user',
          validUntil: values.validUntil ?? null,
          passwordHash: values.password === undefined ? null : cheapHash(values.password),
          groups: [],
        },
        draft('user.create'),
      );
    },
    async addKey(user, line, totpExempt = false) {
      const key = userKeyFrom(parsePublicKeyLine(line), user.id, totpExempt, clock.now());
      await store.keys.add(key, draft('key.add'));
      return key.fingerprint;
    },
    async trust(line, name = 'ca') {
      const { type, blob, fingerprint } = parsePublicKeyLine(line);
      const ca = { id: newId<CaId>(), name, type, fingerprint, blob, createdAt: clock.now() };
      await store.authorities.add(ca, draft('ca.add'));
    },
    async enrol(user) {
      const { uri } = await auth.beginTotp(user, systemActor());
      const secret = new URL(uri).searchParams.get('secret')!;
      const totp = new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 });
      const code = () => totp.generate({ timestamp: clock.now() });
      const recovery = await auth.confirmTotp(user, Secret.of(code()), systemActor());
      clock.at += 60_000; // that code is used up
      return { code, recovery: recovery! };
    },
    audit: (action) => store.audit.list({ action, limit: 100 }),
    async close() {
      await auth.close();
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function prompt(step: Step): Extract<Step, { kind: 'prompt' }> {
  if (step.kind !== 'prompt') throw new Error(`expected a prompt, got ${JSON.stringify(step)}`);
  return step;
}

/** The person a login came to. */
export function identity(step: Step): Identity {
  if (step.kind !== 'done') throw new Error(`expected success, got ${JSON.stringify(step)}`);
  expect(Identity.isIdentity(step.identity)).toBe(true);
  return step.identity;
}

/**
 * A hash that is cheap to check, which says so itself: what the tests here are about is not the strength of hashes.
 * The hash of a password that is set while a test runs is as dear as any.
 */
function cheapHash(password: string): string {
  const salt = Buffer.from('salt of the tests');
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=4,r=8,p=1$${text(salt)}$${text(scryptSync(password, salt, 32, { N: 2 ** 4, r: 8, p: 1 }))}`;
}
