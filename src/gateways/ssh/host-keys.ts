import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintOf } from '../../auth/public-key.ts';
import { AppError } from '../../kernel/errors.ts';
import { type GeneratedType, generateKeyPair, type KeyPair, readPrivateKey } from '../../kernel/ssh2/keys.ts';

export interface HostKeyFile {
  readonly type: GeneratedType;
  readonly path: string;
  /** OpenSSH's private key format. */
  readonly privateKey: Buffer;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
}

const COMMENT = 'bastion';
const KINDS = [
  { type: 'ed25519', make: () => generateKeyPair('ed25519', { comment: COMMENT }) },
  { type: 'ecdsa', make: () => generateKeyPair('ecdsa', { bits: 256, comment: COMMENT }) },
  { type: 'rsa', make: () => generateKeyPair('rsa', { bits: 3072, comment: COMMENT }) },
] as const;

/**
 * The host keys of this bastion: reads `ssh_host_TYPE_key` from `dir` and makes what is missing (0600, the public
 * half beside it). `config` when a file can be read by others or holds no key.
 */
export async function generateHostKeys(dir: string): Promise<HostKeyFile[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return Promise.all(
    KINDS.map(async ({ type, make }) => {
      const path = keyFile(dir, type);
      const privateKey = (await readExisting(path)) ?? (await create(path, await make()));
      return { type, path, privateKey, fingerprint: fingerprintIn(privateKey, path) };
    }),
  );
}

/** `type base64` of the host keys in `dir`: those that are there, as `generateHostKeys` made them. */
export async function publicHostKeys(dir: string): Promise<string[]> {
  const files = await Promise.all(KINDS.map(({ type }) => readExisting(keyFile(dir, type))));
  const keys = files.map((file) => file && readPrivateKey(file)).filter((key) => key !== undefined);
  return keys.map((key) => `${key.type} ${key.getPublicSSH().toString('base64')}`);
}

const keyFile = (dir: string, type: GeneratedType) => join(dir, `ssh_host_${type}_key`);

async function readExisting(path: string): Promise<Buffer | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new AppError('config', `The SSH host key ${path} cannot be read (${error.code}).`, { cause: error });
  });
  if (found === undefined) return undefined;
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw new AppError('config', `The SSH host key ${path} may be read by others (mode ${mode}): chmod 600 it.`);
  }
  return readFile(path);
}

async function create(path: string, pair: KeyPair): Promise<Buffer> {
  await write(`${path}.pub`, `${pair.public}\n`, 0o644);
  await write(path, pair.private, 0o600);
  return Buffer.from(pair.private);
}

/** Whole or not at all, also after a power cut. */
async function write(path: string, text: string, mode: number): Promise<void> {
  const file = await open(`${path}.new`, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(`${path}.new`, mode);
  await rename(`${path}.new`, path);
}

function fingerprintIn(privateKey: Buffer, path: string): string {
  const key = readPrivateKey(privateKey);
  if (!key) {
    throw new AppError('config', `${path} holds no private key without a passphrase; move it away to have one made.`);
  }
  return fingerprintOf(key.getPublicSSH());
}
