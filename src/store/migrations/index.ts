import { start } from './0001-start.ts';
import { commands } from './0002-commands.ts';
import { auditChain } from './0003-audit-chain.ts';
import { clients } from './0004-clients.ts';
import { web } from './0005-web.ts';

/**
 * Every step of the database's shape, in order. A step never changes once released; the version of a database is how
 * many of them it has seen (SQLite's `user_version`). They are imports, so they travel inside the executable.
 */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-start', sql: start },
  { name: '0002-commands', sql: commands },
  { name: '0003-audit-chain', sql: auditChain },
  { name: '0004-clients', sql: clients },
  { name: '0005-web', sql: web },
];
