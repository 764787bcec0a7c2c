import { behind, inFile, type Mutation, unit } from './mutation.ts';

/** The guards of looking on and typing along. */
export const OF_SHARING: readonly Mutation[] = [
  ...inFile('access/recheck.ts', [
    [
      'what a role opens is asked of the role of today',
      'return user !== undefined && «may(user.role, capability)»;',
      'true',
      unit('access-authorize', 'by the role of today'),
    ],
    [
      'a login that no longer stands opens nothing',
      'if («!(await recheckIdentity(store, who, now))») return false;\n  const user',
      'false',
      unit('access-authorize', 'by the role of today'),
    ],
  ]),
  ...inFile('gateways/web/watch-socket.ts', [
    [
      'watching needs its right',
      "if («!(await may('sessions.watch'))») return undefined;",
      'false',
      unit('web-watch', 'without the right an id tells nothing'),
    ],
    [
      'rights to sessions are asked of access',
      '=> «access.may(who, capability)»;',
      'Promise.resolve(true)',
      unit('web-watch', 'without the right an id tells nothing'),
    ],
    [
      'typing along needs its right',
      "await Promise.all([«may('sessions.join'), may('sessions.control')»]);",
      'true',
      unit('web-watch', 'a look ends with the right to it'),
    ],
    [
      'a link is for its session',
      'if («share?.session !== this.#id») return undefined;',
      'share === undefined',
      unit('web-watch', 'a link lets in whom it is for'),
    ],
    [
      'a look by a link ends with the link',
      "const stands = «registry.shares.stands(share, who.user.id) && registry.get(this.#id)?.may('share') === true»;",
      'true',
      unit('web-watch', 'a link to write lets type along'),
    ],
    [
      'a link to read is not one to write',
      'if («!this.#rights?.mayJoin») {',
      'false',
      unit('web-watch', 'a link lets in whom it is for'),
    ],
    [
      'who may no longer type along no longer does',
      'this.#rights = rights;\n    if («!rights.mayJoin») this.#visit?.part();',
      'false',
      unit('web-watch', 'a look ends with the right to it'),
    ],
  ]),
  ...inFile('session/shares.ts', [
    [
      'a link is for whom it names',
      'const isFor = «share.users.length === 0 || share.users.some(({ id }) => id === user)»;',
      'true',
      unit('session-shares', 'a token leads to its session'),
    ],
  ]),
  ...inFile('session/session.ts', [
    [
      'links go with the right to share',
      "if («!this.may('share')») this.#deps.shares.removeOf",
      'false',
      unit('session-join', 'links go when the right to share goes'),
    ],
  ]),
  ...inFile('session/participants.ts', [
    [
      'only who joined types',
      'if («!seat?.typing») return;',
      'false',
      unit('session-join', 'who joined types to the target'),
    ],
    [
      'what waits goes with the right to type',
      'if («!on») this.#keep(',
      'false',
      unit('session-join', 'what waits of somebody is never typed'),
    ],
  ]),
  ...inFile('session/terminal-pump.ts', [
    [
      'nobody types along in a locked session',
      'typed(chunk: Buffer): void {\n    if (this.done || «this.locked»',
      'false',
      unit('session-join', 'nobody types along in a locked session'),
    ],
  ]),
  ...inFile('api/handlers/shares.ts', [
    [
      'links of others are none',
      'if (session && «(isOwn(session, caller) || maySeeAll(caller))») return session;',
      'true',
      unit('api-shares', 'others’ sessions and links are none'),
    ],
    [
      'one shares what is one’s own',
      'if («!isOwn(session, caller)»)',
      'false',
      unit('api-shares', 'others’ sessions and links are none'),
    ],
    [
      'sharing is an action of its own',
      "if («!session.may('share')») {",
      'false',
      unit('api-shares', 'without the action share'),
    ],
    [
      'links of others are not taken back',
      'if (!share || !session || «!(isOwn(session, caller) || maySeeAll(caller))»)',
      'false',
      unit('api-shares', 'others’ sessions and links are none'),
    ],
    [
      'a link shows nothing once sharing is not allowed',
      "if («!session?.may('share')») throw noSuchShare();",
      '!session',
      behind('the links are removed when the action goes'),
    ],
    [
      'links of others are for who may control sessions',
      "(caller.kind === 'person' && «may(caller.identity.user.role, 'sessions.control')»);",
      'true',
      unit('api-shares', 'others’ sessions and links are none'),
    ],
  ]),
];
