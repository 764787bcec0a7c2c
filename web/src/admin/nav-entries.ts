import {
  IconArrowsTransferDown,
  IconBroadcast,
  IconCertificate,
  IconFilterCog,
  IconFingerprint,
  IconKey,
  IconLayoutDashboard,
  IconListCheck,
  IconLock,
  IconPlayerPlay,
  IconScript,
  IconServer2,
  IconSettings,
  IconShieldCheck,
  IconTerminal,
  IconUser,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { Icon } from '../kit/states.tsx';
import type { adminWords } from './admin-words.ts';

type Word = keyof typeof adminWords.en;

export interface NavEntry {
  readonly href: string;
  readonly word: Word;
  readonly icon: Icon;
  /** What somebody must be allowed to do to find it of use. */
  readonly needs: string;
  /** Which count of what waits stands beside it. */
  readonly badge?: 'reviews' | 'hostKeys';
}

/** Everything there is in the console, in the order of its menu. */
export const NAV: readonly { readonly word: Word; readonly entries: readonly NavEntry[] }[] = [
  {
    word: 'overview',
    entries: [{ href: '/admin', word: 'dashboard', icon: IconLayoutDashboard, needs: 'sessions.read' }],
  },
  {
    word: 'access',
    entries: [
      { href: '/admin/users', word: 'users', icon: IconUser, needs: 'manage' },
      { href: '/admin/groups', word: 'groups', icon: IconUsersGroup, needs: 'manage' },
      { href: '/admin/assets', word: 'assets', icon: IconServer2, needs: 'manage' },
      { href: '/admin/permissions', word: 'permissions', icon: IconShieldCheck, needs: 'manage' },
      { href: '/admin/filters', word: 'filters', icon: IconFilterCog, needs: 'manage' },
    ],
  },
  {
    word: 'live',
    entries: [
      { href: '/admin/sessions', word: 'sessions', icon: IconBroadcast, needs: 'sessions.read' },
      { href: '/admin/reviews', word: 'reviews', icon: IconListCheck, needs: 'self', badge: 'reviews' },
    ],
  },
  {
    word: 'audit',
    entries: [
      { href: '/admin/commands', word: 'commands', icon: IconTerminal, needs: 'audit.read' },
      { href: '/admin/transfers', word: 'transfers', icon: IconArrowsTransferDown, needs: 'audit.read' },
      { href: '/admin/sessions/past', word: 'recordings', icon: IconPlayerPlay, needs: 'sessions.read' },
      { href: '/admin/audit', word: 'log', icon: IconScript, needs: 'audit.read' },
    ],
  },
  {
    word: 'system',
    entries: [
      { href: '/admin/host-keys', word: 'hostKeys', icon: IconFingerprint, needs: 'manage', badge: 'hostKeys' },
      { href: '/admin/tokens', word: 'tokens', icon: IconKey, needs: 'manage' },
      { href: '/admin/lockouts', word: 'lockouts', icon: IconLock, needs: 'manage' },
      { href: '/admin/authorities', word: 'authorities', icon: IconCertificate, needs: 'manage' },
      { href: '/admin/settings', word: 'settings', icon: IconSettings, needs: 'manage' },
    ],
  },
];

/** The entry an address belongs to: the longest one it begins with. */
export function entryOf(path: string): string | undefined {
  const found = NAV.flatMap((group) => group.entries)
    .map((entry) => entry.href)
    .filter((href) => path === href || (href !== '/admin' && path.startsWith(`${href}/`)));
  return found.sort((a, b) => b.length - a.length)[0];
}
