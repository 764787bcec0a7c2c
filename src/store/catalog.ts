import type { Store } from './store.ts';

/** What the database's threads hold; `outputs` has a thread of its own. */
export type RepositoryName = Exclude<
  { [K in keyof Store]: Store[K] extends (...args: never[]) => unknown ? never : K }[keyof Store],
  'outputs'
>;

/**
 * How a method runs. `read` is quick and goes to the writer's thread, between two commits. `search` may take long or
 * return much and goes to the reader's thread. `write` joins the next commit. `access` is a write after which rights
 * are judged again.
 */
export type MethodKind = 'read' | 'search' | 'write' | 'access';

/** Every method that may cross the thread; the type makes it complete. */
export const CATALOG: { readonly [R in RepositoryName]: { readonly [M in keyof Store[R]]: MethodKind } } = {
  users: {
    list: 'search',
    byId: 'read',
    byName: 'read',
    countAdmins: 'read',
    groupsOf: 'read',
    create: 'access',
    update: 'access',
    remove: 'access',
    credentials: 'read',
    setPassword: 'access',
    signOut: 'access',
    setTotpPending: 'write',
    confirmTotp: 'access',
    resetTotp: 'access',
    useTotpStep: 'write',
    useRecoveryCode: 'write',
    recoveryCodesLeft: 'read',
    recordLogin: 'write',
  },
  keys: { listOf: 'read', counts: 'read', byFingerprint: 'read', add: 'access', remove: 'access' },
  mfa: { remembered: 'read', remember: 'write' },
  lockouts: { list: 'read', get: 'read', fail: 'write', clear: 'write' },
  links: { create: 'write', byTokenHash: 'read', use: 'write', revoke: 'write' },
  tokens: { list: 'read', create: 'access', byTokenHash: 'read', touch: 'write', remove: 'access' },
  webSessions: {
    listOf: 'read',
    byId: 'read',
    byTokenHash: 'read',
    create: 'write',
    touch: 'write',
    remove: 'access',
    removeOthers: 'access',
  },
  tickets: { create: 'write', use: 'write' },
  preferences: { get: 'read', merge: 'write' },
  authorities: { list: 'read', add: 'access', remove: 'access', signingKey: 'read', keepSigningKey: 'write' },
  groups: {
    list: 'search',
    byName: 'read',
    create: 'access',
    update: 'access',
    remove: 'access',
    join: 'access',
    leave: 'access',
  },
  platforms: { list: 'read', byName: 'read' },
  folders: { list: 'read', add: 'write', move: 'access', remove: 'access' },
  assets: {
    list: 'search',
    byId: 'read',
    byName: 'read',
    byAddress: 'read',
    create: 'access',
    createMany: 'access',
    update: 'access',
    remove: 'access',
  },
  accounts: {
    list: 'search',
    counts: 'search',
    byLogin: 'read',
    create: 'access',
    update: 'access',
    remove: 'access',
    secret: 'read',
  },
  permissions: {
    list: 'search',
    byName: 'read',
    create: 'access',
    update: 'access',
    remove: 'access',
    forUser: 'read',
  },
  hostKeys: {
    list: 'read',
    pin: 'write',
    seen: 'write',
    noteChanged: 'write',
    acceptChanged: 'write',
    forget: 'write',
  },
  sessions: {
    create: 'write',
    end: 'write',
    progress: 'write',
    setRecording: 'write',
    byId: 'read',
    list: 'search',
    open: 'read',
    unrendered: 'read',
    recorded: 'search',
  },
  filters: { list: 'read', byName: 'read', create: 'access', update: 'access', remove: 'access' },
  commands: { add: 'write', report: 'write', list: 'search', removeBefore: 'write' },
  reviews: { create: 'write', settle: 'write', byId: 'read', list: 'search', cancelPending: 'write' },
  transfers: { add: 'write', list: 'search' },
  statistics: { between: 'search', attention: 'search' },
  audit: {
    append: 'write',
    list: 'search',
    chainSecret: 'read',
    arm: 'write',
    end: 'read',
    at: 'read',
    walk: 'search',
    placeBefore: 'search',
    lines: 'search',
    recordings: 'search',
    unauditedRecordings: 'search',
    prune: 'write',
  },
  vaultRows: { keyCheck: 'read', setKeyCheck: 'write', all: 'read', replaceAll: 'write' },
};

/** The kind of a method named by a message, undefined when there is none. */
export function kindOf(repository: string, method: string): MethodKind | undefined {
  if (!Object.hasOwn(CATALOG, repository)) return undefined;
  const methods = CATALOG[repository as RepositoryName] as Readonly<Record<string, MethodKind>>;
  return Object.hasOwn(methods, method) ? methods[method] : undefined;
}
