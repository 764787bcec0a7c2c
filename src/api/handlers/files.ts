import type { Readable } from 'node:stream';
import type { Identity } from '../../auth/identity.ts';
import { AppError } from '../../kernel/errors.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Action } from '../../store/model.ts';
import type { FileEntry } from '../contract/files.ts';
import type { FileBytes, Handlers } from './handler.ts';
import { personOf } from './person.ts';

/** The files of one account of one asset, opened by one person. Paths are absolute; failures are AppErrors. */
export interface OpenFiles {
  place(): {
    readonly id: string;
    readonly asset: string;
    readonly account: string;
    readonly home: string;
    readonly actions: Action[];
  };
  list(path: string): Promise<{ path: string; entries: FileEntry[]; truncated: boolean }>;
  show(path: string): Promise<FileEntry>;
  download(path: string, offset: number): Promise<FileBytes>;
  upload(path: string, offset: number, fresh: boolean, body: Readable): Promise<{ path: string; size: number }>;
  rename(from: string, to: string): Promise<void>;
  makeFolder(path: string, existing: boolean): Promise<void>;
  /** How many files and folders went. */
  remove(path: string): Promise<number>;
  close(): Promise<void>;
}

/** Where files of assets are opened: by a gateway, as a session like any other. */
export interface FileDoor {
  open(
    who: Identity,
    ticket: Secret,
    input: { readonly login: string; readonly secret: Secret } | undefined,
  ): Promise<OpenFiles>;
  /** AppError `not_found` for what is not open, or was opened by somebody else or elsewhere. */
  get(id: string, who: Identity): OpenFiles;
}

/** `door` is absent where no daemon runs. */
export function fileHandlers(door: FileDoor | undefined): Handlers<'files'> {
  const opened = (id: string, call: { caller: Parameters<typeof personOf>[0] }): OpenFiles =>
    needed(door).get(id, personOf(call.caller));
  return {
    async open({ body, caller }) {
      const who = personOf(caller);
      const input = body.input && { login: body.input.login, secret: Secret.of(body.input.secret) };
      return (await needed(door).open(who, Secret.of(body.ticket), input)).place();
    },
    async list({ params, query, ...call }) {
      return opened(params.id, call).list(query.path);
    },
    async show({ params, query, ...call }) {
      return opened(params.id, call).show(query.path);
    },
    async download({ params, query, ...call }) {
      return opened(params.id, call).download(query.path, query.offset);
    },
    async upload({ params, query, content, ...call }) {
      const { path, offset } = query;
      const fresh = query.fresh === 'true';
      if (fresh && offset > 0)
        throw new AppError('invalid', 'A fresh file begins at offset 0: leave out one of the two.');
      return opened(params.id, call).upload(path, offset, fresh, content);
    },
    async rename({ params, body, ...call }) {
      await opened(params.id, call).rename(body.from, body.to);
      return {};
    },
    async makeFolder({ params, body, ...call }) {
      await opened(params.id, call).makeFolder(body.path, body.existing);
      return {};
    },
    async remove({ params, body, ...call }) {
      return { removed: await opened(params.id, call).remove(body.path) };
    },
    async close({ params, ...call }) {
      await opened(params.id, call).close();
      return {};
    },
  };
}

function needed(door: FileDoor | undefined): FileDoor {
  if (door) return door;
  throw new AppError('needs_daemon', 'The files of an asset are reached through the running daemon: bastion serve.');
}
