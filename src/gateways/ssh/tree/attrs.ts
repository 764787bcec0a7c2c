import { ATTR, packet, string, TYPE, uint32, uint64 } from '../../../kernel/sftp/wire.ts';
import type { Millis } from '../../../store/model.ts';
import type { Bytes, Entry } from './names.ts';

/** A directory that everybody may look into and nobody may change: S_IFDIR and rwxr-xr-x. */
const MODE = 0o40755;
const SIZE = 4096;
const NOBODYS = 0;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Entries in one answer to READDIR; the longest names fit in a packet with it. */
export const ENTRIES_A_TIME = 100;

export interface Line {
  readonly name: Bytes;
  readonly time: Millis;
}

/** What a directory of ours says of itself. */
export function attributes(time: Millis): Buffer {
  const seconds = uint32(Math.floor(time / 1000));
  const flags = ATTR.size | ATTR.owner | ATTR.permissions | ATTR.times;
  return Buffer.concat([uint32(flags), uint64(SIZE), uint32(NOBODYS), uint32(NOBODYS), uint32(MODE), seconds, seconds]);
}

export function attributesPacket(id: number, time: Millis): Buffer {
  return packet(TYPE.attrs, id, attributes(time));
}

/** The answer to REALPATH and its like: one name, without attributes. */
export function pathPacket(id: number, path: Bytes): Buffer {
  const name = string(Buffer.from(path, 'latin1'));
  return packet(TYPE.name, id, uint32(1), name, name, uint32(0));
}

/** The answer to READDIR for directories of ours. */
export function linesPacket(id: number, lines: readonly Line[]): Buffer {
  const entries = lines.map(({ name, time }) => {
    const bytes = Buffer.from(name, 'latin1');
    return Buffer.concat([string(bytes), string(Buffer.concat([longName(time), bytes])), attributes(time)]);
  });
  return packet(TYPE.name, id, uint32(lines.length), ...entries);
}

/** What a folder or an asset lists, `.` and `..` first. */
export function linesOf(entry: { readonly children: ReadonlyMap<Bytes, Entry>; readonly time: Millis }): Line[] {
  const { time, children } = entry;
  const lines = [...children].map(([name, child]) => ({ name, time: child.time }));
  return [{ name: '.', time }, { name: '..', time }, ...lines];
}

/** What stands before the name in a line of `ls -l`. */
function longName(time: Millis): Buffer {
  const date = new Date(time);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  return Buffer.from(`drwxr-xr-x    1 bastion  bastion      ${SIZE} ${day}  ${date.getUTCFullYear()} `);
}
