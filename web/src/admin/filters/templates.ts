import type { Draft } from './draft.ts';

export interface Template {
  readonly id: string;
  readonly title: 'tplDanger' | 'tplServices' | 'tplUsers' | 'tplPipe' | 'tplDatabase';
  readonly text: 'tplDangerText' | 'tplServicesText' | 'tplUsersText' | 'tplPipeText' | 'tplDatabaseText';
  readonly draft: Partial<Draft>;
}

/** Where many houses begin. What they hold is written as docs/FILTERS.md says. */
export const TEMPLATES: readonly Template[] = [
  {
    id: 'danger',
    title: 'tplDanger',
    text: 'tplDangerText',
    draft: {
      name: 'dangerous-commands',
      action: 'deny',
      priority: 10,
      words: [
        'rm -rf',
        'mkfs*',
        'wipefs',
        'dd of=/dev/*',
        'shred',
        'fdisk',
        'parted',
        'shutdown',
        'poweroff',
        'halt',
        'reboot',
        'init 0',
        'init 6',
      ],
    },
  },
  {
    id: 'services',
    title: 'tplServices',
    text: 'tplServicesText',
    draft: {
      name: 'services',
      action: 'review',
      priority: 30,
      words: ['systemctl stop *', 'systemctl restart *', 'systemctl disable *', 'service * stop', 'service * restart'],
    },
  },
  {
    id: 'users',
    title: 'tplUsers',
    text: 'tplUsersText',
    draft: {
      name: 'accounts-and-rights',
      action: 'warn',
      priority: 50,
      words: ['useradd', 'userdel', 'usermod', 'passwd', 'visudo', 'chown -R', 'chmod -R', 'chmod 777'],
    },
  },
  {
    id: 'pipe',
    title: 'tplPipe',
    text: 'tplPipeText',
    draft: {
      name: 'scripts-from-the-network',
      action: 'deny',
      priority: 20,
      kind: 'regex',
      regex: String.raw`\b(curl|wget)\b.*\|\s*(sudo\s+)?(ba|z|da|k)?sh\b`,
    },
  },
  {
    id: 'database',
    title: 'tplDatabase',
    text: 'tplDatabaseText',
    draft: {
      name: 'dropping-databases',
      action: 'review',
      priority: 40,
      words: ['DROP DATABASE', 'DROP TABLE', 'DROP SCHEMA', 'TRUNCATE'],
    },
  },
];
