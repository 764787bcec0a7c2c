import { statfs } from 'node:fs/promises';
import { AppError } from '../kernel/errors.ts';

/** Bytes an unprivileged writer may still use on the file system of this path. */
async function freeBytes(path: string): Promise<number> {
  const info = await statfs(path);
  return info.bavail * info.bsize;
}

/** Rejects with `recording_failed` when less than `reserve` bytes are free where recordings are written. */
export async function checkReserve(path: string, reserve: number): Promise<void> {
  let free: number;
  try {
    free = await freeBytes(path);
  } catch (cause) {
    throw cannotRecord('the recording directory cannot be read', cause);
  }
  if (free < reserve) {
    throw cannotRecord(`the disk for recordings has ${mib(free)} free and must keep ${mib(reserve)}`);
  }
}

/** The refusal of a session that would have to be recorded and cannot be. */
export function cannotRecord(why: string, cause?: unknown): AppError {
  const text = `This session must be recorded and cannot be: ${why}. Ask an administrator to make room on the bastion.`;
  return new AppError('recording_failed', text, { cause });
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
