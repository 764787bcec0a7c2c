import type { RepositoryName } from '../catalog.ts';
import type { Store } from '../store.ts';
import type { Work } from '../work.ts';
import { Accounts } from './accounts.ts';
import { Assets } from './assets.ts';
import { AuditLog } from './audit.ts';
import { Authorities } from './authorities.ts';
import { Commands } from './commands.ts';
import { Filters } from './filters.ts';
import { Folders } from './folders.ts';
import { Groups } from './groups.ts';
import { HostKeys } from './host-keys.ts';
import { Keys } from './keys.ts';
import { Links } from './links.ts';
import { Lockouts } from './lockouts.ts';
import { Mfa } from './mfa.ts';
import { Permissions } from './permissions.ts';
import { Platforms } from './platforms.ts';
import { Preferences } from './preferences.ts';
import { ReviewRows } from './reviews.ts';
import { Sessions } from './sessions.ts';
import { StatisticsOf } from './statistics.ts';
import { Tickets } from './tickets.ts';
import { Tokens } from './tokens.ts';
import { Transfers } from './transfers.ts';
import { Users } from './users.ts';
import { VaultRows } from './vault-rows.ts';
import { WebSessions } from './web-sessions.ts';

export type Repositories = Pick<Store, RepositoryName>;

export function createRepositories(work: Work): Repositories {
  return {
    users: new Users(work),
    keys: new Keys(work),
    mfa: new Mfa(work),
    lockouts: new Lockouts(work),
    links: new Links(work),
    tokens: new Tokens(work),
    webSessions: new WebSessions(work),
    tickets: new Tickets(work),
    preferences: new Preferences(work),
    authorities: new Authorities(work),
    groups: new Groups(work),
    platforms: new Platforms(work),
    folders: new Folders(work),
    assets: new Assets(work),
    accounts: new Accounts(work),
    permissions: new Permissions(work),
    hostKeys: new HostKeys(work),
    sessions: new Sessions(work),
    filters: new Filters(work),
    commands: new Commands(work),
    reviews: new ReviewRows(work),
    transfers: new Transfers(work),
    statistics: new StatisticsOf(work),
    audit: new AuditLog(work),
    vaultRows: new VaultRows(work),
  };
}
