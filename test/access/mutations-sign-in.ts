import { inFile, type Mutation, unit } from './mutation.ts';

/** Guards of the door that browsers come to, and of what people change about themselves. */
export const OF_SIGN_IN: readonly Mutation[] = [
  ...inFile('api/web-door.ts', [
    [
      'a change with a cookie needs the header of the pages',
      'if («asks || headers.authorization !== undefined || !hasCookie(request) || hasCsrfHeader(request)») return;',
      'true',
      unit('api-sign-in', 'change nothing without the header'),
    ],
    [
      'nobody is signed in by a page of somebody else',
      'if («!hasCsrfHeader(request)») return undefined;',
      'false',
      unit('api-sign-in', 'sign nobody in'),
    ],
  ]),
  ...inFile('api/origin.ts', [
    [
      'pages of other origins are refused',
      'if («isOwnOrigin(request, settings)») return;',
      'true',
      unit('api-sign-in', 'from another origin are refused'),
    ],
    [
      'an origin is more than the beginning of a text',
      "return given.origin === new URL(url).origin && «origin.toLowerCase().replace(/\\/$/, '') === given.origin»;",
      'true',
      unit('api-sign-in', 'from another origin are refused'),
    ],
    [
      'a page without TLS is not ours where there is TLS',
      "const schemes = «isSecure(request, settings)» ? ['https'] :",
      'isEncrypted(request)',
      unit('api-sign-in', 'without TLS are somebody else'),
    ],
    [
      'the Host header names one host',
      'if («host === undefined || more.length > 0 || host.length > MAX_HOST || !HOST.test(host)»)',
      'host === undefined',
      unit('api-sign-in', 'must name one host'),
    ],
  ]),
  ...inFile('api/newcomers.ts', [
    [
      'one network has not all connections',
      'if («(this.#perNetwork.get(network) ?? 0) >= this.#limits.fromOne») this.#makeRoom(network);',
      'false',
      unit('api-newcomers', 'bounded for each network'),
    ],
  ]),
  ...inFile('api/browser.ts', [
    [
      'a cookie that was planted beside another is not taken',
      'return «values?.length === 1» ?',
      'values !== undefined',
      unit('api-sign-in', 'forged, doubled'),
    ],
    [
      'under TLS only the cookie counts that was set under TLS',
      'get(«isSecure(request, settings) ? SECURE_NAME : NAME»)',
      'NAME',
      unit('api-sign-in', 'under TLS is Secure'),
    ],
  ]),
  ...inFile('auth/web-sessions.ts', [
    [
      'a cookie is good for its time',
      'if («!row || now >= row.expiresAt || now >= row.idleUntil») return undefined;',
      '!row',
      unit('auth-sign-in', 'is over when nothing came'),
    ],
    [
      'a cookie is good while its user may log in',
      'if («!user || refuseUser(user, now) !== null») return undefined;',
      '!user',
      unit('auth-sign-in', 'ends with the date of its user'),
    ],
  ]),
  ...inFile('auth/sign-in.ts', [
    [
      'a code counts from where the password came',
      '!waiting || «waiting.network !== networkOf(from.ip)») throw gone();',
      'false',
      unit('auth-sign-in', 'waits five minutes for the code'),
    ],
    [
      'a code is waited for five minutes',
      'if («now - since < WAIT_MS») return;',
      'true',
      unit('auth-sign-in', 'waits five minutes for the code'),
    ],
  ]),
  ...inFile('auth/own-password.ts', [
    [
      'the own password is looked at',
      'if («right === true») return;',
      'true',
      unit('auth-sign-in', 'counts wrong ones'),
    ],
  ]),
  ...inFile('api/handlers/person.ts', [
    [
      'a token makes nothing that would outlive it',
      'if («who.factors.webSession !== undefined») return who;',
      'true',
      unit('api-sign-in', 'is not for an API token'),
    ],
  ]),
  ...inFile('api/handlers/me.ts', [
    [
      'codes stay on where the house demands them',
      'if («wantsCodes(config, who.user)») {',
      'false',
      unit('api-sign-in', 'leaves codes on'),
    ],
    [
      'one removes tokens of oneself',
      '({ id, userId }) => id === params.id && «userId === user.id»',
      'true',
      unit('api-sign-in', 'reaches only what is theirs'),
    ],
  ]),
];
