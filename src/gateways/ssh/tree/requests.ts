import { OPEN, packet, SftpReader, string, TYPE } from '../../../kernel/sftp/wire.ts';
import type { Wanted } from './answers.ts';
import type { Bytes } from './names.ts';

/** What a request does to the place it names, as far as a folder of ours has to know. */
type Deed = 'look' | 'list' | 'resolve' | 'read-link' | 'read' | 'write' | 'make' | 'change' | 'remove' | 'space';

/** A request of the client's, with what is needed to send it on under other names and handles. */
export type Request =
  | {
      readonly on: 'path';
      readonly deed: Deed;
      readonly path: Bytes;
      readonly wanted: Wanted['kind'];
      readonly needs?: string | undefined;
      readonly build: (path: Bytes) => Buffer;
    }
  | {
      readonly on: 'two-paths';
      readonly path: Bytes;
      readonly to: Bytes;
      readonly needs?: string | undefined;
      readonly build: (path: Bytes, to: Bytes) => Buffer;
    }
  /** SYMLINK as OpenSSH has it: the text comes first. */
  | {
      readonly on: 'link';
      readonly text: Bytes;
      readonly path: Bytes;
      readonly build: (text: Bytes, path: Bytes) => Buffer;
    }
  | {
      readonly on: 'handle';
      readonly deed: 'close' | 'list' | 'look' | 'other';
      readonly handle: Buffer;
      readonly wanted: Wanted['kind'];
      readonly needs?: string | undefined;
      readonly build: (handle: Buffer) => Buffer;
    }
  | CopyRequest
  | { readonly on: 'limits' }
  | { readonly on: 'home'; readonly user: string }
  | { readonly on: 'owners'; readonly users: number; readonly groups: number; readonly build: () => Buffer }
  | { readonly on: 'unknown' };

/** copy-data: OpenSSH's PROTOCOL, 4.8. A length of 0 means up to the end. */
export interface CopyRequest {
  readonly on: 'copy';
  readonly from: Buffer;
  readonly fromAt: number;
  readonly length: number;
  readonly to: Buffer;
  readonly toAt: number;
  readonly build: (from: Buffer, to: Buffer) => Buffer;
}

/** The extensions that the tree answers itself or passes on, with their versions. */
export const EXTENSIONS: readonly (readonly [name: string, version: string])[] = [
  ['posix-rename@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
  ['fstatvfs@openssh.com', '2'],
  ['hardlink@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['lsetstat@openssh.com', '1'],
  ['limits@openssh.com', '1'],
  ['expand-path@openssh.com', '1'],
  ['copy-data', '1'],
  ['home-directory', '1'],
  ['users-groups-by-id@openssh.com', '1'],
];

const raw = (bytes: Bytes) => string(Buffer.from(bytes, 'latin1'));

const ON_PATH: Readonly<Record<number, readonly [Deed, Wanted['kind']]>> = {
  [TYPE.open]: ['read', 'handle'],
  [TYPE.lstat]: ['look', 'attrs'],
  [TYPE.stat]: ['look', 'attrs'],
  [TYPE.setstat]: ['change', 'status'],
  [TYPE.opendir]: ['list', 'handle'],
  [TYPE.remove]: ['remove', 'status'],
  [TYPE.mkdir]: ['make', 'status'],
  [TYPE.rmdir]: ['remove', 'status'],
  [TYPE.realpath]: ['resolve', 'path'],
  [TYPE.readlink]: ['read-link', 'link'],
};

const ON_HANDLE: Readonly<Record<number, readonly ['close' | 'list' | 'look' | 'other', Wanted['kind']]>> = {
  [TYPE.close]: ['close', 'status'],
  [TYPE.read]: ['other', 'data'],
  [TYPE.fstat]: ['look', 'attrs'],
  [TYPE.fsetstat]: ['other', 'status'],
  [TYPE.readdir]: ['list', 'list'],
};

/** Reads a whole request; `bytes` are kept. Throws `SftpError` when it is shorter than it says. */
export function readRequest(type: number, id: number, bytes: Buffer): Request {
  const reader = new SftpReader(bytes, 9);
  const path = () => reader.string().toString('latin1');
  const rest = () => bytes.subarray(reader.position);

  const onPath = ON_PATH[type];
  if (onPath) {
    const [deed, wanted] = onPath;
    const named = path();
    const tail = rest();
    const writes = type === TYPE.open && (new SftpReader(tail, 0).uint32() & ~OPEN.read) !== 0;
    return {
      on: 'path',
      deed: writes ? 'write' : deed,
      path: named,
      wanted,
      build: (to) => packet(type, id, raw(to), tail),
    };
  }
  const onHandle = ON_HANDLE[type];
  if (onHandle) {
    const [deed, wanted] = onHandle;
    const handle = reader.string();
    const tail = rest();
    return { on: 'handle', deed, handle, wanted, build: (to) => packet(type, id, string(to), tail) };
  }
  if (type === TYPE.rename) {
    const [from, to] = [path(), path()];
    return { on: 'two-paths', path: from, to, build: (one, other) => packet(type, id, raw(one), raw(other)) };
  }
  if (type === TYPE.symlink) {
    const [text, at] = [path(), path()];
    return { on: 'link', text, path: at, build: (one, other) => packet(type, id, raw(one), raw(other)) };
  }
  return type === TYPE.extended ? readExtended(id, reader, bytes) : { on: 'unknown' };
}

function readExtended(id: number, reader: SftpReader, bytes: Buffer): Request {
  const needs = reader.string().toString('latin1');
  const path = () => reader.string().toString('latin1');
  const extended = (...fields: Buffer[]) => packet(TYPE.extended, id, string(needs), ...fields);
  switch (needs) {
    case 'posix-rename@openssh.com':
    case 'hardlink@openssh.com': {
      const [from, to] = [path(), path()];
      return { on: 'two-paths', path: from, to, needs, build: (one, other) => extended(raw(one), raw(other)) };
    }
    case 'statvfs@openssh.com':
      return { on: 'path', deed: 'space', path: path(), wanted: 'other', needs, build: (to) => extended(raw(to)) };
    case 'lsetstat@openssh.com': {
      const named = path();
      const tail = bytes.subarray(reader.position);
      const build = (to: Bytes) => extended(raw(to), tail);
      return { on: 'path', deed: 'change', path: named, wanted: 'status', needs, build };
    }
    case 'expand-path@openssh.com': {
      // every path has an account before its ~ here, so there is nothing left to expand for the target
      const named = path().replace(/^~(?=\/|$)/, '/');
      return {
        on: 'path',
        deed: 'resolve',
        path: named,
        wanted: 'path',
        build: (to) => packet(TYPE.realpath, id, raw(to)),
      };
    }
    case 'fsync@openssh.com':
    case 'fstatvfs@openssh.com': {
      const wanted = needs.startsWith('fsync') ? 'status' : 'other';
      return {
        on: 'handle',
        deed: 'other',
        handle: reader.string(),
        wanted,
        needs,
        build: (to) => extended(string(to)),
      };
    }
    case 'copy-data': {
      const from = reader.string();
      const place = bytes.subarray(reader.position, reader.position + 16);
      const [fromAt, length] = [reader.uint64(), reader.uint64()];
      const to = reader.string();
      const target = bytes.subarray(reader.position, reader.position + 8);
      const toAt = reader.uint64();
      const build = (one: Buffer, other: Buffer) => extended(string(one), place, string(other), target);
      return { on: 'copy', from, fromAt, length, to, toAt, build };
    }
    case 'limits@openssh.com':
      return { on: 'limits' };
    case 'home-directory':
      return { on: 'home', user: reader.string().toString() };
    case 'users-groups-by-id@openssh.com': {
      const [users, groups] = [reader.string().length >> 2, reader.string().length >> 2];
      return { on: 'owners', users, groups, build: () => bytes };
    }
    default:
      return { on: 'unknown' };
  }
}
