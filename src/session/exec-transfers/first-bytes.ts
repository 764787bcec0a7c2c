import type { PlannedTransfer } from './plan.ts';

/** Of a tar archive, where its magic stands. */
const USTAR_AT = 257;
const TAR_BLOCK = 512;
/** gzip, bzip2, xz, zstd, lz4, compress, lzma, lzip. */
const PACKED = ['1f8b', '425a68', 'fd377a585a00', '28b52ffd', '04224d18', '1f9d', '5d0000', '4c5a4950'];
/** Versions of its protocol that an rsync may name first. */
const RSYNC = { oldest: 20, newest: 99 } as const;

/**
 * Whether the first piece of the standard output can be that of the program the command names. A function or an alias
 * of that name on the target writes something else, which is then recorded as the output of a command.
 */
export function canBegin(method: PlannedTransfer['method'], chunk: Buffer): boolean {
  switch (method) {
    case 'scp':
      // followed to its end, which tells more
      return true;
    case 'rsync':
      return chunk[0]! >= RSYNC.oldest && chunk[0]! <= RSYNC.newest && chunk.subarray(1, 4).every((byte) => byte === 0);
    case 'git':
      return /^(?:[0-9a-f]{4}|[0-9a-f]{0,3}$)/.test(chunk.toString('latin1', 0, 4));
    case 'tar':
      return isArchive(chunk);
  }
}

function isArchive(chunk: Buffer): boolean {
  if (PACKED.some((magic) => chunk.subarray(0, magic.length / 2).toString('hex') === magic)) return true;
  if (chunk.toString('latin1', USTAR_AT, USTAR_AT + 5) === 'ustar') return true;
  // without a file in it
  return chunk.length >= TAR_BLOCK && chunk.subarray(0, TAR_BLOCK).every((byte) => byte === 0);
}
