import { ATTR, type SftpReader } from './wire.ts';

/** ATTRS (§5); what was not told is undefined. */
export interface Attributes {
  readonly size: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Kind of file and rights, as in `st_mode`. */
  readonly mode: number | undefined;
  /** Seconds since 1970. */
  readonly modified: number | undefined;
}

/** Kinds of file in `mode`. */
export const KIND = { mask: 0o170000, folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

/** Reads ATTRS, and past what nobody here knows. Throws `SftpError` when they are cut short. */
export function readAttributes(reader: SftpReader): Attributes {
  const flags = reader.uint32();
  const size = flags & ATTR.size ? reader.uint64() : undefined;
  const [uid, gid] = flags & ATTR.owner ? [reader.uint32(), reader.uint32()] : [];
  const mode = flags & ATTR.permissions ? reader.uint32() : undefined;
  const [, modified] = flags & ATTR.times ? [reader.uint32(), reader.uint32()] : [];
  const extended = flags & ATTR.extended ? reader.uint32() : 0;
  for (let i = 0; i < extended; i++) {
    reader.string();
    reader.string();
  }
  return { size, uid, gid, mode, modified };
}
