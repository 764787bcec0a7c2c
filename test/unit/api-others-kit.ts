import type { FileDoor, OpenFiles } from '../../src/api/handlers/files.ts';
import type { Identity } from '../../src/auth/identity.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import type { UserId } from '../../src/kernel/id.ts';
import { Shares } from '../../src/session/shares.ts';
import type { LiveSession, Registry } from '../../src/session/types.ts';
import type { SessionRow } from '../../src/store/model.ts';
import { sessionRow } from '../kit/rows.ts';

/** What somebody has open in a running daemon: a live session, a link to it, and files. Belongs to nobody until `give`n. */
export function openThings() {
  const shares = new Shares(systemClock);
  let row: SessionRow = sessionRow();
  const session = {
    get id() {
      return row.id;
    },
    grant: { who: { user: { id: '' as UserId } } },
    locked: false,
    participants: { all: [] },
    may: () => true,
    row: () => row,
  };
  const registry = {
    get: (id: string) => (id === row.id ? (session as unknown as LiveSession) : undefined),
    live: () => [session],
    shares,
    reviews: {
      settle: async () => {
        throw new AppError('conflict', 'settled');
      },
    },
  } as unknown as Registry;
  const files = {
    place: () => ({ id: row.id, asset: 'web1', account: 'root', home: '/', actions: [] }),
    list: async (path: string) => ({ path, entries: [], truncated: false }),
    close: async () => {},
  } as unknown as OpenFiles;
  const fileDoor: FileDoor = {
    open: async () => files,
    get(id, who: Identity) {
      if (id !== row.id || who.user.id !== row.userId)
        throw new AppError('not_found', 'Nothing of yours is open there.');
      return files;
    },
  };
  return {
    registry,
    fileDoor,
    /** Makes it this person's; the row of the session, and the id of a link to it. */
    give(user: { readonly id: UserId; readonly name: string }): { row: SessionRow; share: string } {
      row = sessionRow({ userId: user.id, userName: user.name });
      session.grant.who.user.id = user.id;
      const made = shares.add({
        session: row.id,
        write: false,
        users: [{ id: user.id, name: user.name }],
        createdBy: user.name,
        expiresAt: Date.now() + 60_000,
      });
      return { row, share: made!.share.id };
    },
  };
}
