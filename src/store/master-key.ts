import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../kernel/errors.ts';

const KEY_BYTES = 32;

/**
 * Makes a new master key file: 32 random bytes as base64 with a newline, mode 0600, on the disk when this returns.
 * AppError `conflict` when the file exists; it is never overwritten.
 */
export function createMasterKey(file: string): void {
  writeMasterKey(file, randomBytes(KEY_BYTES));
}

/** Writes a key to a file that must not exist yet. */
function writeMasterKey(file: string, key: Buffer): void {
  let fd: number;
  try {
    fd = openSync(file, 'wx', 0o600);
  } catch (cause) {
    if (isErrno(cause, 'EEXIST'))
      throw new AppError('conflict', `${file} exists already; a master key is never overwritten.`);
    throw new AppError(
      'config',
      `The master key ${file} cannot be written. Check that its directory exists and belongs to you.`,
      { cause },
    );
  }
  try {
    writeSync(fd, `${key.toString('base64')}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(file);
}

/**
 * Reads a master key. AppError `config` when the file is missing, readable by others than its owner, or no key. With
 * `credential` the service manager says who may read it, for which it may use a list of its own beside the mode.
 */
export function readMasterKey(file: string, credential = false): Buffer {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    const missing = isErrno(cause, 'ENOENT');
    const text = missing
      ? `The master key ${file} is missing. Put it back from a backup: without it the stored secrets cannot be opened. Where the service has it as a credential, name its directory in CREDENTIALS_DIRECTORY.`
      : `The master key ${file} cannot be read. Run this as the owner of the data directory.`;
    throw new AppError('config', text, { cause });
  }
  try {
    const mode = fstatSync(fd).mode & 0o777;
    if (!credential && mode & 0o077)
      throw new AppError(
        'config',
        `The master key ${file} is open to others (mode 0${mode.toString(8)}). Run: chmod 600 ${file}`,
      );
    const text = readFileSync(fd, 'utf8').trim();
    const key = Buffer.from(text, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== text)
      throw new AppError(
        'config',
        `${file} holds no master key (one line of base64 for ${KEY_BYTES} bytes). Put it back from a backup.`,
      );
    return key;
  } finally {
    closeSync(fd);
  }
}

/** Puts a new key file in the place of the old one, on the disk when this returns. */
export function replaceMasterKey(newFile: string, file: string): void {
  renameSync(newFile, file);
  syncDirectory(file);
}

export function removeMasterKey(file: string): void {
  rmSync(file, { force: true });
  syncDirectory(file);
}

/** Keys for one purpose each, so that nothing that is published (the check value) says anything about what seals. */
export function deriveKey(master: Buffer, purpose: 'seal' | 'check'): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `bastion vault ${purpose} 1`, KEY_BYTES));
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function syncDirectory(file: string): void {
  const fd = openSync(dirname(file), 'r');
  fsyncSync(fd);
  closeSync(fd);
}
