import { useMemo } from 'react';
import { api } from '../../kit/api.ts';
import { useWords } from '../../kit/words.ts';
import type { Source } from './picker.tsx';
import { pickerWords } from './picker-words.ts';

/** Choices shown at once; who looks for another one types more of it. */
const SHOWN = 50;

const searched = (text: string) => ({ limit: SHOWN, ...(text !== '' && { text }) });

/** What people choose from, by kind. */
export function useSources(): Readonly<Record<'users' | 'groups' | 'assets' | 'folders' | 'accounts', Source>> {
  const t = useWords(pickerWords);
  return useMemo(
    () => ({
      users: {
        resource: 'users',
        load: async (text) =>
          (await api.users.list(searched(text))).items.map((user) => ({
            name: user.name,
            hint: [user.displayName, user.disabled && t.disabled].filter(Boolean).join(' · '),
          })),
      },
      groups: {
        resource: 'groups',
        load: async (text) =>
          (await api.groups.list(searched(text))).items.map((group) => ({
            name: group.name,
            hint: t.members(group.members.length),
          })),
      },
      assets: {
        resource: 'assets',
        load: async (text) =>
          (await api.assets.list(searched(text))).items.map((asset) => ({
            name: asset.name,
            hint: [asset.address !== asset.name && asset.address, asset.folder !== '/' && asset.folder]
              .filter(Boolean)
              .join(' · '),
          })),
      },
      folders: {
        resource: 'folders',
        load: async (text) =>
          (await api.folders.list())
            .filter((folder) => folder.path.toLowerCase().includes(text.toLowerCase()))
            .map((folder) => ({
              name: folder.path,
              hint: folder.path === '/' ? t.root : t.inFolder(folder.assets),
            })),
      },
      accounts: {
        resource: 'accounts',
        async load(text) {
          const { items } = await api.accounts.list({ ...searched(text), limit: 500, sort: 'login' });
          const assets = new Map<string, number>();
          for (const { login } of items) assets.set(login, (assets.get(login) ?? 0) + 1);
          const found = [...assets].filter(([login]) => login.toLowerCase().includes(text.toLowerCase()));
          return found.map(([name, n]) => ({ name, hint: t.onAssets(n) }));
        },
      },
    }),
    [t],
  );
}
