import { readAttributes } from '../../../kernel/sftp/attributes.ts';
import {
  packet,
  SftpError,
  SftpReader,
  STATUS,
  statusPacket,
  string,
  TYPE,
  uint32,
} from '../../../kernel/sftp/wire.ts';
import { type Bytes, tamed, tamedLink } from './names.ts';

/** What kind of answer a request wants, beside a STATUS. */
export type Wanted =
  | { readonly kind: 'status' | 'handle' | 'data' | 'attrs' | 'other' | 'list' | 'path' }
  /** Of READLINK: where the link stands on the target. */
  | { readonly kind: 'link'; readonly at: () => Bytes };

const TYPE_OF: Readonly<Record<Wanted['kind'], number>> = {
  status: TYPE.status,
  handle: TYPE.handle,
  data: TYPE.data,
  attrs: TYPE.attrs,
  other: TYPE.extendedReply,
  list: TYPE.name,
  path: TYPE.name,
  link: TYPE.name,
};

/** Whether a target may answer so; a client that got another kind of answer would give the whole connection up. */
export function fits(wanted: Wanted, type: number, head: Buffer): boolean {
  if (type !== TYPE.status) return type === TYPE_OF[wanted.kind];
  return wanted.kind === 'status' || new SftpReader(head, 9).uint32() !== STATUS.ok;
}

/** An answer with names of the target as the tree tells it; `true`: as it came. `prefix` is the account's path. */
export function renamed(wanted: Wanted, id: number, head: Buffer, prefix: Bytes): Buffer | true {
  if (wanted.kind === 'list') return withoutPaths(id, head);
  const { names, rest } = oneName(head);
  const name = names.toString('latin1');
  const told =
    wanted.kind === 'link' && !name.startsWith('/')
      ? tamedLink(name, wanted.at())
      : prefixed(prefix, tamed(name.startsWith('/') ? name : `/${name}`));
  const bytes = string(Buffer.from(told, 'latin1'));
  return packet(TYPE.name, id, uint32(1), bytes, bytes, rest);
}

/** What is said where a target's answer does not fit. */
export const UNFIT = 'the target gave an answer of another kind than it was asked for';

export const unfit = (id: number) => statusPacket(id, STATUS.failure, UNFIT);

const prefixed = (prefix: Bytes, path: Bytes) => (path === '/' ? prefix : prefix + path);

function oneName(head: Buffer): { readonly names: Buffer; readonly rest: Buffer } {
  const reader = new SftpReader(head, 9);
  if (reader.uint32() !== 1) throw new SftpError('there is not one name in an answer that has one');
  const names = reader.string();
  reader.string();
  return { names, rest: head.subarray(reader.position) };
}

/** A listing without the entries whose names lead somewhere else. */
function withoutPaths(id: number, head: Buffer): Buffer | true {
  const reader = new SftpReader(head, 9);
  const count = reader.uint32();
  const kept: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.position;
    const name = reader.string();
    reader.string();
    readAttributes(reader);
    if (name.length > 0 && !name.includes(0x2f) && !name.includes(0)) kept.push(head.subarray(start, reader.position));
  }
  return kept.length === count ? true : packet(TYPE.name, id, uint32(kept.length), ...kept);
}
