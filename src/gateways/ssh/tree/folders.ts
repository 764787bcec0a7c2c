import { STATUS, statusPacket } from '../../../kernel/sftp/wire.ts';
import { attributesPacket, linesOf, pathPacket } from './attrs.ts';
import { type Bytes, type Spot, textOf } from './names.ts';
import type { OpenFile } from './open-files.ts';
import type { Request } from './requests.ts';

type OnPath = Extract<Request, { on: 'path' }>;
type Listing = Extract<OpenFile, { kind: 'listing' }>;

const READ_ONLY =
  'folders, assets and accounts of the bastion cannot be changed here: name an account and a path in it, as in /web1/root/tmp';
const NO_SUCH = 'there is no such file';
const ACROSS = 'nothing can be moved or linked from one account to another: copy it instead';
/** Reasons that a person could not guess; most clients do not show the text of a STATUS. */
export const WORTH_SAYING: ReadonlySet<string> = new Set([READ_ONLY, ACROSS]);

const denied = (id: number) => statusPacket(id, STATUS.permissionDenied, READ_ONLY);
const missing = (id: number) => statusPacket(id, STATUS.noSuchFile, NO_SUCH);

/** Below the directory of an account, not that itself. */
export function isInside(spot: Spot): spot is Extract<Spot, { kind: 'account' }> {
  return spot.kind === 'account' && (spot.inside !== '' || spot.home);
}

/** Why a request on two paths that do not both lead into the same account fails. */
export function notWithinOne(id: number, from: Spot, to: Spot): Buffer {
  if (from.kind === 'nothing') return missing(id);
  if (!isInside(from)) return denied(id);
  if (!isInside(to)) return notToBeMade(id, to);
  return statusPacket(id, STATUS.failure, ACROSS);
}

/** Why nothing can be made at a spot that is not inside of an account. */
export function notToBeMade(id: number, at: Spot): Buffer {
  return at.kind === 'nothing' && !at.parent ? missing(id) : denied(id);
}

/** Whether this is answered here though it leads to the directory of an account. */
export function answeredHere(request: OnPath, spot: Extract<Spot, { kind: 'account' }>): boolean {
  if (isInside(spot)) return false;
  // to look at an account's directory nobody has to be asked: listing assets opens no sessions
  return ['look', 'resolve', 'make', 'remove'].includes(request.deed);
}

/** Answers for folders, assets, the directories of accounts, and names nobody has. `open` gives a handle for a listing. */
export function answerHere(id: number, request: OnPath, spot: Spot, open: (listing: Listing) => Buffer): Buffer {
  const { deed } = request;
  if (spot.kind === 'nothing') return answerNothing(id, deed, spot);
  const entry = spot.kind === 'account' ? spot.account : spot.entry;
  const path = spot.kind === 'account' ? spot.account.path : spot.path;
  switch (deed) {
    case 'look':
      return attributesPacket(id, entry.time);
    case 'resolve':
      return pathPacket(id, path);
    case 'list':
      if (entry.kind === 'account') return denied(id);
      return open({ kind: 'listing', path: textOf(path), time: entry.time, lines: linesOf(entry) });
    case 'make':
      return statusPacket(id, STATUS.failure, 'it is there already');
    case 'read':
    case 'read-link':
      return statusPacket(id, STATUS.failure, 'this is a directory');
    case 'space':
      return statusPacket(id, STATUS.unsupported, 'folders and assets have no space of their own: name an account');
    case 'write':
    case 'change':
    case 'remove':
      return denied(id);
  }
}

function answerNothing(id: number, deed: OnPath['deed'], spot: { readonly parent: boolean; readonly path: Bytes }) {
  if (!spot.parent) return missing(id);
  if (deed === 'make' || deed === 'write') return denied(id);
  // the last step of a path need not exist, as in OpenSSH
  return deed === 'resolve' ? pathPacket(id, spot.path) : missing(id);
}
