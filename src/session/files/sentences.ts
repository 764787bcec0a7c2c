import { printable } from '../../kernel/printable.ts';
import { ATTR, OPEN, SftpReader, STATUS, TYPE } from '../../kernel/sftp/wire.ts';
import type { Action, TransferDirection } from '../../store/model.ts';
import { doingOn, missingText } from '../missing-right.ts';
import type { Flow, Trouble } from './open-file.ts';

const LONGEST_PATH = 1024;
const LONGEST_MESSAGE = 200;

/** A path for a line of text. */
export function pathText(bytes: Buffer): string {
  return text(bytes, LONGEST_PATH);
}

function text(bytes: Buffer, longest: number): string {
  // no character is longer than four bytes
  return printable(bytes.toString('utf8', 0, 4 * longest), longest);
}

const CODES: ReadonlyMap<number, string> = new Map([
  [STATUS.eof, 'end of file'],
  [STATUS.noSuchFile, 'no such file'],
  [STATUS.permissionDenied, 'permission denied'],
  [STATUS.failure, 'failure'],
  [STATUS.badMessage, 'bad message'],
  [STATUS.unsupported, 'not supported by the target'],
]);

/** How a request went: undefined when it went well, else the target's own words. */
export function failureOf(type: number, answer: Buffer): string | undefined {
  if (type !== TYPE.status) return undefined;
  const fields = new SftpReader(answer, 9);
  const code = fields.uint32();
  if (code === STATUS.ok) return undefined;
  const message = fields.left > 4 ? text(fields.string(), LONGEST_MESSAGE) : '';
  return message || (CODES.get(code) ?? `error ${code}`);
}

/** A READ came to the end of the file, which is no failure. */
export function isEnd(type: number, answer: Buffer): boolean {
  return type === TYPE.status && new SftpReader(answer, 9).uint32() === STATUS.eof;
}

export function purposeOf(flags: number): string {
  const writes = (flags & OPEN.write) !== 0;
  if ((flags & OPEN.read) !== 0 || !writes) return writes ? 'read and write' : 'read';
  return 'write';
}

/** `mode 0644, times`: what a SETSTAT sets. */
export function attributesText(fields: SftpReader): string {
  const flags = fields.uint32();
  const set: string[] = [];
  if (flags & ATTR.size) set.push(`size ${fields.uint64()}`);
  if (flags & ATTR.owner) set.push(`owner ${fields.uint32()}:${fields.uint32()}`);
  if (flags & ATTR.permissions) set.push(`mode ${(fields.uint32() & 0o7777).toString(8).padStart(4, '0')}`);
  if (flags & ATTR.times) set.push('times');
  return set.join(', ') || 'none';
}

/** A file that was closed, or never was. */
export function transferText(
  direction: TransferDirection,
  path: string,
  flow: Flow,
  sha256: string | null,
  trouble: Trouble | undefined,
): string {
  if (trouble) return `${direction} of ${path}: ${trouble.result} after ${flow.bytes} bytes: ${trouble.detail}`;
  const { bytes, partial, copiedFrom } = flow;
  if (copiedFrom !== undefined) return `wrote ${path}, ${bytes} bytes, copied from ${copiedFrom} on the target`;
  const hash = sha256 === null ? 'out of order' : `sha256 ${sha256}`;
  return `${direction}ed ${path}, ${bytes} bytes, ${hash}${partial && sha256 !== null ? ', partial' : ''}`;
}

/** What the person is told who lacks this action. */
export function mayNot(action: Action, asset: string): string {
  return `you may not ${doingOn(action, asset)}: ${missingText(action)}; ask an administrator for it`;
}
