import { accounts, assets, folders, hostKeys, platforms } from './assets.ts';
import { audit } from './audit.ts';
import { commands, reviews, statistics, transfers } from './commands.ts';
import { connections, shares } from './connections.ts';
import { files } from './files.ts';
import { filters } from './filters.ts';
import { groups, tokens } from './groups.ts';
import { me } from './me.ts';
import { access, permissions } from './permissions.ts';
import type { RouteSpec } from './route.ts';
import { search } from './search.ts';
import { sessions } from './sessions.ts';
import { signIn, signIns } from './sign-in.ts';
import { sshConfig } from './ssh-config.ts';
import { system, vault } from './system.ts';
import { authorities, keys, links, lockouts, totp, users } from './users.ts';

/** Every call of the API, by resource and name. Server, SDK and web take their types from here. */
export const routes = {
  signIn,
  signIns,
  me,
  users,
  keys,
  totp,
  links,
  lockouts,
  authorities,
  groups,
  tokens,
  folders,
  platforms,
  assets,
  accounts,
  hostKeys,
  permissions,
  access,
  sshConfig,
  filters,
  connections,
  shares,
  files,
  sessions,
  commands,
  reviews,
  transfers,
  search,
  statistics,
  audit,
  vault,
  system,
};
export type Routes = typeof routes;

export interface NamedRoute {
  readonly resource: keyof Routes;
  readonly name: string;
  readonly spec: RouteSpec;
}

/** The same as a list, for whatever walks all of them. */
export function allRoutes(): NamedRoute[] {
  return Object.entries(routes).flatMap(([resource, calls]) =>
    Object.entries(calls as Record<string, RouteSpec>).map(([name, spec]) => ({
      resource: resource as keyof Routes,
      name,
      spec,
    })),
  );
}
