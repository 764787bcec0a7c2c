import { SftpReader, TYPE } from '../../kernel/sftp/wire.ts';
import type { OpenFile } from './open-file.ts';
import { BY_EXTENSION, BY_TYPE, type Needs, UNKNOWN } from './rights.ts';
import { attributesText, pathText } from './sentences.ts';

/** A request other than those that move bytes. */
export interface Request {
  readonly needs: Needs;
  /** `remove /tmp/x`; undefined for what only looks. */
  readonly doing?: string | undefined;
  /** `removed /tmp/x`. */
  readonly done?: string | undefined;
  readonly rename?: { readonly from: Buffer; readonly to: Buffer; readonly replaces: boolean };
  readonly copy?: { readonly from: OpenFile; readonly to: OpenFile };
  /** Nobody here knows what it does. */
  readonly unknown?: true;
  /** It names a handle that is none. */
  readonly badHandle?: true;
}

type Sentences = Omit<Request, 'needs'>;
type Handles = (handle: Buffer) => OpenFile | undefined;

/** What a request asks for. The texts of what only looks are left out. Throws `SftpError` when it is cut short. */
export function readRequest(type: number, head: Buffer, handles: Handles): Request {
  const fields = new SftpReader(head, 9);
  if (type !== TYPE.extended) {
    const needs = BY_TYPE.get(type);
    return needs
      ? { needs, ...byType(type, fields, handles) }
      : { needs: UNKNOWN, doing: `request ${type}`, unknown: true };
  }
  const name = fields.string();
  // longer than any that is known
  const extension = name.toString('latin1', 0, 64);
  const needs = BY_EXTENSION.get(extension);
  if (!needs) return { needs: UNKNOWN, doing: `request ${pathText(name.subarray(0, 64))}`, unknown: true };
  return { needs, ...byExtension(extension, fields, handles) };
}

function byType(type: number, fields: SftpReader, handles: Handles): Sentences {
  switch (type) {
    case TYPE.fstat:
    case TYPE.readdir:
      return handles(fields.string()) ? {} : { badHandle: true };
    case TYPE.setstat:
      return attributes(pathText(fields.string()), fields);
    case TYPE.fsetstat: {
      const file = handles(fields.string());
      return file ? attributes(file.path, fields) : { badHandle: true };
    }
    case TYPE.remove:
      return sentences('remove', 'removed', pathText(fields.string()));
    case TYPE.mkdir:
      return sentences('make', 'made', `the directory ${pathText(fields.string())}`);
    case TYPE.rmdir:
      return sentences('remove', 'removed', `the directory ${pathText(fields.string())}`);
    case TYPE.rename:
      return rename(fields, false);
    case TYPE.symlink: {
      // OpenSSH and all who followed it send these two the other way round than the draft has them
      const to = pathText(fields.string());
      return sentences('make', 'made', `the symbolic link ${pathText(fields.string())} to ${to}`);
    }
    default:
      return {};
  }
}

function byExtension(name: string, fields: SftpReader, handles: Handles): Sentences {
  switch (name) {
    case 'posix-rename@openssh.com':
      return rename(fields, true);
    case 'hardlink@openssh.com': {
      const to = pathText(fields.string());
      return sentences('make', 'made', `the link ${pathText(fields.string())} to ${to}`);
    }
    case 'lsetstat@openssh.com':
      return attributes(pathText(fields.string()), fields);
    case 'fsync@openssh.com':
    case 'fstatvfs@openssh.com':
      return handles(fields.string()) ? {} : { badHandle: true };
    case 'copy-data': {
      const from = handles(fields.string());
      fields.uint64();
      fields.uint64();
      const to = handles(fields.string());
      if (!from || !to) return { badHandle: true };
      return { ...sentences('copy', 'copied', `${from.path} to ${to.path} on the target`), copy: { from, to } };
    }
    default:
      return {};
  }
}

function sentences(doing: string, done: string, what: string): Sentences {
  return { doing: `${doing} ${what}`, done: `${done} ${what}` };
}

function attributes(path: string, fields: SftpReader): Sentences {
  return sentences('change', 'changed', `the attributes of ${path}: ${attributesText(fields)}`);
}

function rename(fields: SftpReader, replaces: boolean): Sentences {
  const from = fields.string();
  const to = fields.string();
  return { ...sentences('rename', 'renamed', `${pathText(from)} to ${pathText(to)}`), rename: { from, to, replaces } };
}
