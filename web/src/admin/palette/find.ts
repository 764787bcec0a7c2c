import { IconBroadcast, IconServer2, IconUser, IconUsersGroup } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { useMay } from '../../kit/me.ts';
import type { Icon } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { adminWords } from '../admin-words.ts';
import { NAV } from '../nav-entries.ts';
import { thingPath } from '../thing-path.ts';

export interface Hit {
  readonly key: string;
  readonly group: string;
  readonly icon: Icon;
  readonly name: string;
  readonly hint: string;
  readonly href: string;
}

const EACH = 5;
/** Of so many that match anywhere, those come first whose names do. */
const LOOKED_AT = 200;
/** What the id of a session may look like when it is typed or pasted. */
const ID = /^[0-9a-z_-]{10,40}$/i;

/** Pages at once, things of the server as soon as they have been found. */
export function useHits(text: string, open: boolean): { hits: Hit[]; failed: boolean; looking: boolean } {
  const t = useWords(adminWords);
  const may = useMay();
  const manage = may('manage');
  const sessions = may('sessions.read');
  const shared = { placeholderData: keepPreviousData };
  const asked = open && text !== '';
  const users = useQuery({
    ...shared,
    queryKey: ['users', 'find', text],
    queryFn: async () => best((await api.users.list({ text, limit: LOOKED_AT })).items, text),
    enabled: asked && manage,
  });
  const groups = useQuery({
    ...shared,
    queryKey: ['groups', 'find', text],
    queryFn: async () => best((await api.groups.list({ text, limit: LOOKED_AT })).items, text),
    enabled: asked && manage,
  });
  const assets = useQuery({
    ...shared,
    queryKey: ['assets', 'find', text],
    queryFn: async () => best((await api.assets.list({ text, limit: LOOKED_AT })).items, text),
    enabled: asked && manage,
  });
  const session = useQuery({
    queryKey: ['sessions', 'find', text],
    queryFn: () => findSessions(text),
    enabled: asked && sessions,
  });
  const pages = NAV.flatMap((group) => group.entries)
    .filter((entry) => may(entry.needs))
    .map((entry): Hit => {
      const name = t[entry.word] as string;
      return { key: entry.href, group: t.pages, icon: entry.icon, name, hint: '', href: entry.href };
    })
    .filter((hit) => hit.name.toLowerCase().includes(text.toLowerCase()));
  if (!asked) return { hits: pages, failed: false, looking: false };
  const hits = [
    ...pages,
    ...(users.data ?? []).map(
      (user): Hit => ({
        key: `user ${user.id}`,
        group: t.users,
        icon: IconUser,
        name: user.name,
        hint: user.displayName,
        href: thingPath('users', user.name),
      }),
    ),
    ...(groups.data ?? []).map(
      (group): Hit => ({
        key: `group ${group.id}`,
        group: t.groups,
        icon: IconUsersGroup,
        name: group.name,
        hint: group.comment,
        href: thingPath('groups', group.name),
      }),
    ),
    ...(assets.data ?? []).map(
      (asset): Hit => ({
        key: `asset ${asset.id}`,
        group: t.assets,
        icon: IconServer2,
        name: asset.name,
        hint: `${asset.address} · ${asset.folder}`,
        href: thingPath('assets', asset.name),
      }),
    ),
    ...(session.data ?? []).map(
      (found): Hit => ({
        key: `session ${found.id}`,
        group: t.sessions,
        icon: IconBroadcast,
        name: `${found.user} → ${found.account}@${found.asset}`,
        hint: found.id,
        href: `/admin/sessions${found.state === 'live' ? '' : '/past'}?id=${encodeURIComponent(found.id)}`,
      }),
    ),
  ];
  return {
    hits,
    failed: users.isError || groups.isError || assets.isError || session.isError,
    looking: users.isFetching || groups.isFetching || assets.isFetching || session.isFetching,
  };
}

async function findSessions(text: string) {
  const byId = ID.test(text) ? await api.sessions.show({ id: text }).catch(() => undefined) : undefined;
  return byId ? [byId] : (await api.sessions.list({ text, limit: EACH })).items;
}

/** Whose name begins with the text, then whose name holds it, then who matches otherwise. */
function best<T extends { readonly name: string }>(rows: readonly T[], text: string): T[] {
  const wanted = text.toLowerCase();
  const rank = ({ name }: T) => {
    const at = name.toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  return [...rows].sort((a, b) => rank(a) - rank(b)).slice(0, EACH);
}
