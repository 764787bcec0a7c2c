import { open } from 'node:fs/promises';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import type { CliIo } from './io.ts';
import { askHidden, askNewSecret, canAsk } from './prompt.ts';

const LONGEST = 64 * 1024;

export interface Wanted {
  /** How it is called when asked for: `Password`. */
  readonly name: string;
  /** A new secret that nobody can check yet: on a terminal it is asked for twice. */
  readonly fresh?: boolean;
}

/**
 * The secrets of a command's `--…-stdin` options, in the order wanted. One secret is all of standard input less its
 * last line break; several are one line each. On a terminal they are asked for, hidden.
 */
export async function secretsFromStdin(io: CliIo, wanted: readonly Wanted[]): Promise<Secret[]> {
  if (wanted.length === 0) return [];
  if (canAsk(io)) {
    const asked: Secret[] = [];
    for (const { name, fresh } of wanted) {
      const instead = `give the ${name.toLowerCase()} on standard input`;
      asked.push(
        fresh
          ? await askNewSecret(io, name, instead)
          : filled(await askHidden(io, name, instead), name, 'nothing was changed'),
      );
    }
    return asked;
  }
  const all = (await readAll(io)).toString('utf8').replace(/\r?\n$/, '');
  if (wanted.length === 1) return [filled(Secret.of(all), wanted[0]!.name)];
  const lines = all.split(/\r?\n/);
  if (lines.length !== wanted.length) {
    const names = wanted.map(({ name }) => name.toLowerCase()).join(', then ');
    throw new AppError('usage', `Standard input must hold ${wanted.length} lines: ${names}.`);
  }
  return lines.map((line, i) => filled(Secret.of(line), wanted[i]!.name));
}

function filled(secret: Secret, name: string, next = 'give it on standard input'): Secret {
  if (secret.length === 0) throw new AppError('usage', `The ${name.toLowerCase()} is empty; ${next}.`);
  return secret;
}

async function readAll(io: CliIo): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of io.stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > LONGEST) throw new AppError('usage', 'Standard input holds more than a secret can be (64 KiB).');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** A small text file a command was pointed at, or standard input for `-`. */
export async function readSmallFile(io: CliIo, path: string, what: string, limit = LONGEST): Promise<Buffer> {
  if (path === '-') return readAll(io);
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > limit) throw new AppError('usage', `${path}: too large to be a ${what}.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'you may not read it' : `cannot be read (${code})`;
    throw new AppError('usage', `${path}: ${why}. Name a readable ${what}.`, { cause });
  }
}

/**
 * The public keys of a file: `ssh-keygen`'s `.pub` or an `authorized_keys` with options, one key a line; comments and
 * blank lines are skipped. A private key is refused with the name of the file that was meant.
 */
export async function readPublicKeys(io: CliIo, path: string): Promise<string[]> {
  const text = (await readSmallFile(io, path, 'public key')).toString('utf8');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new AppError(
      'usage',
      `${path}: this is a private key, which must stay with its owner. Give the public one (${path}.pub).`,
    );
  }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new AppError('usage', `${path}: there is no public key in it.`);
  return lines;
}
