import { useEffect, useMemo, useState } from 'react';
import type { FileEntry } from '../../../src/api/contract/files.ts';
import { api } from '../kit/api.ts';
import { useConfirm } from '../kit/confirm.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import type { Connection } from './connection.ts';
import type { Drop } from './dropped.ts';
import { isFolder } from './listing.ts';
import { joined } from './names.ts';
import { Uploads } from './uploads.ts';
import { filesWords } from './words.ts';

/** Browsers drop downloads that begin in the very same moment. */
const BETWEEN_DOWNLOADS_MS = 700;

const NEEDED = {
  upload: ['upload'],
  download: ['download'],
  delete: ['delete'],
  rename: ['upload', 'delete'],
} as const;

/** What can be done in a folder. Everything tells by itself how it went. */
export function useDeeds(connection: Connection, folder: string, refresh: () => Promise<void>) {
  const t = useWords(filesWords);
  const tell = useTell();
  const confirm = useConfirm();
  const [fresh] = useState({ refresh });
  fresh.refresh = refresh;
  const uploads = useMemo(() => new Uploads(connection, () => void fresh.refresh()), [connection, fresh]);
  useEffect(() => {
    const online = () => uploads.resumeCut();
    const leave = (event: BeforeUnloadEvent) => {
      if (uploads.busy) event.preventDefault();
    };
    addEventListener('online', online);
    addEventListener('beforeunload', leave);
    return () => {
      removeEventListener('online', online);
      removeEventListener('beforeunload', leave);
      uploads.cancelAll();
    };
  }, [uploads]);

  const pathOf = (entry: FileEntry) => joined(folder, entry.name);
  const { actions } = connection.place;
  return {
    uploads,
    /** The action that is not there for this. */
    missing: (deed: keyof typeof NEEDED): string | undefined =>
      NEEDED[deed].find((action) => !actions.includes(action)),
    refused: (action: string): void => tell.failed(new Error(t.missing(action))),
    send(what: Promise<Drop>): void {
      what.then((drop) => uploads.add(folder, drop)).catch(tell.failed);
    },
    download(entries: readonly FileEntry[]): void {
      const some = entries.filter((entry) => !isFolder(entry));
      if (some.length < entries.length) tell.failed(new Error(t.noFolders));
      void (async () => {
        try {
          for (const [at, entry] of some.entries()) {
            if (at > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_DOWNLOADS_MS));
            await connection.download(pathOf(entry), entry.name);
          }
          if (some.length > 0) tell.done(t.downloadsBegun(some.length));
        } catch (error) {
          tell.failed(error);
        }
      })();
    },
    /** Rejects when it did not work, which was told. */
    async rename(entry: FileEntry, name: string): Promise<void> {
      try {
        await connection.call((id) => api.files.rename({ id, from: pathOf(entry), to: joined(folder, name) }));
        await refresh();
      } catch (error) {
        tell.failed(error);
        throw error;
      }
    },
    async makeFolder(name: string): Promise<void> {
      await connection.call((id) => api.files.makeFolder({ id, path: joined(folder, name) }));
      await refresh();
    },
    remove(entries: readonly FileEntry[], then: () => void): void {
      confirm({
        title: t.removeTitle(entries.length),
        text: t.removeText,
        action: t.remove,
        run: async () => {
          let removed = 0;
          try {
            for (const entry of entries) {
              const answer = await connection.call((id) => api.files.remove({ id, path: pathOf(entry) }));
              removed += answer.removed;
            }
          } finally {
            await refresh();
          }
          then();
          tell.done(t.removed(removed));
        },
      });
    },
    copyPath(entry: FileEntry): void {
      // browsers have a clipboard only under TLS and on the machine itself
      const copied = (async () => navigator.clipboard.writeText(pathOf(entry)))();
      copied.then(() => tell.done(t.copied), tell.failed);
    },
  };
}
