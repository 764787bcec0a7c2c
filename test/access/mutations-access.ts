import { behind, bypass, cell, ending, inFile, type Mutation, unit } from './mutation.ts';

const decides = (test: string) => unit('access-decide', test);

/** The guards of the decision: who may what. */
export const OF_ACCESS: readonly Mutation[] = [
  ...inFile('access/authorize.ts', [
    [
      'a grant is audited before it is handed out',
      'await «store.audit.append(permission(request, verdict, grant))»;',
      'undefined',
      unit('access-authorize', 'no grant without its audit row'),
    ],
    [
      'a denial is audited',
      'await «store.audit.append(denial(request, verdict))»;',
      'undefined',
      cell('direct · public key · exec · without connect'),
    ],
    [
      'an address counts among the assets that are open',
      'const open = meant.length < 2 ? meant : «meant.filter((asset) => isCovered(asset, person, now))»;',
      'meant.slice(-1)',
      unit('access-authorize', 'an address counts among'),
    ],
    [
      'an address of several open assets is refused',
      'if («open.length > 1») return ambiguous(request.asset, open);',
      'false',
      unit('access-authorize', 'an address counts among'),
    ],
    [
      'a destination comes with a forwarded connection, and with nothing else',
      "if («(request.use === 'forward') !== (request.to !== undefined)») {",
      'false',
      unit('access-guards', 'a destination comes'),
    ],
  ]),
  ...inFile('access/grant.ts', [
    [
      'only what was minted is a grant',
      '«#proof in value && (value as Grant).#proof === proof»',
      'true',
      unit('session-life', 'only a grant opens a session'),
    ],
  ]),
  ...inFile('access/decide.ts', [
    ['who may not log in may nothing', 'if («unfit || !facts.user») return deny(', '!facts.user', decides('disabled')],
    ['there must be such an asset', 'if («!asset») return closed(', 'false', decides('unknown and forbidden assets')],
    [
      'a permission names the person',
      '(rule) => «rule.namesUser !== null» && inForce(rule.permission, facts.now) && coverage',
      'true',
      decides('a group of others'),
    ],
    [
      'a permission is in force',
      'rule.namesUser !== null && «inForce(rule.permission, facts.now)» && coverage(rule, asset) !== null',
      'true',
      cell('direct · public key · exec · ended before'),
    ],
    [
      'a permission covers the asset',
      'inForce(rule.permission, facts.now) && «coverage(rule, asset) !== null»,',
      'true',
      cell('direct · public key · exec · not named'),
    ],
    [
      'some permission covers the asset',
      'if («covering.length === 0») return closed(',
      'false',
      decides('unknown and forbidden assets'),
    ],
    ['the asset is switched on', 'if («!asset.active»)', 'false', bypass('an asset that is switched off')],
    [
      'the asset has the protocol',
      "if («!fits») return deny('unsupported'",
      'false',
      decides('a protocol the asset lacks'),
    ],
    [
      'the protocol is permitted',
      'if («permitted.length === 0») {',
      'false',
      behind('an action is looked for among the permitted protocols only'),
    ],
    [
      'a permission allows the action',
      'if («!acting.some((rule) => permitted.some((name) => allowsProtocol(rule.permission, name)))») {',
      'false',
      decides('no action connect'),
    ],
    ['the account is open', 'if («picked.length === 0») {\n    say(', 'false', decides('an account of others')],
    [
      'one of several accounts is not chosen for the person',
      'if («picked.length > 1») {',
      'false',
      decides('several accounts ask for a choice'),
    ],
    [
      'an action for one account opens no other',
      '«usable.rules.some((rule) => rule.actions.has(action))»,',
      'true',
      unit('access-guards', 'no right to another one'),
    ],
    [
      'a destination that is not permitted',
      "if («forward && 'problem' in forward») return deny('no_permission', forward.problem);",
      'false',
      unit('access-forward', ''),
    ],
    [
      'a key without forwarding',
      'if («key?.portForwarding === false») {',
      'false',
      cell('direct · key no-port-forwarding · forward to the asset · everything allowed'),
    ],
    [
      'the destinations of permissions',
      'if («!allowing.some(forwards)») {',
      'false',
      cell('direct · public key · forward elsewhere · everything allowed'),
    ],
    [
      'the destinations of a key',
      'if («key && !keyAllowsPlace(key.permitOpen, place, asset)») {',
      'false',
      cell('direct · key permitopen · forward to a socket · everything allowed'),
    ],
  ]),
  ...inFile('access/forward.ts', [
    [
      'the asset itself is its address and its loopback',
      "(isIP(host) === 4 && «host.startsWith('127.')»)",
      'true',
      unit('access-forward', ''),
    ],
    [
      'a pattern is for its port',
      "if (pattern.kind === 'socket' || «(pattern.port ?? place.port) !== place.port») return false;",
      'false',
      unit('access-forward', ''),
    ],
    [
      'a socket is asked for by its plain path',
      "return pattern.kind === 'socket' && «isPlainPath(place.path)» && glob(",
      'true',
      unit('access-forward', ''),
    ],
  ]),
  ...inFile('access/rules.ts', [
    [
      'a permission is for its protocols',
      'return «permission.protocols.length === 0 || permission.protocols.includes(protocol)»;',
      'true',
      decides('a protocol not permitted'),
    ],
    [
      'forwarding is an action of its own',
      "return «use === 'forward' ? 'forward' : 'connect'»;",
      "'connect'",
      decides('forward by default actions'),
    ],
    ['a permission may be switched off', '«permission.active» &&', 'true', decides('a permission switched off')],
    [
      'a permission begins',
      '(«permission.from === null || permission.from <= now») &&',
      'true',
      ending('the permission begins later'),
    ],
    [
      'a permission ends',
      '(«permission.until === null || now < permission.until»)',
      'true',
      cell('direct · public key · exec · ended before'),
    ],
    [
      'an account may be switched off',
      'if («!account.active») continue;',
      'false',
      bypass('an account that is switched off'),
    ],
    [
      'a permission gives the account',
      "if («rule.accounts.has('@all') || rule.accounts.has(account.login) || byUser»)",
      'true',
      bypass('another account'),
    ],
    ['@user is given', "if («rule.accounts.has('@user') && !hasOwn») give(", 'true', decides('')],
    ['@input is given', "if («rule.accounts.has('@input')») give(", 'true', decides('')],
  ]),
  ...inFile('access/sentences.ts', [
    ['a disabled user', 'if («user.disabled»)\n', 'false', ending('the user is disabled')],
    [
      'an expired user',
      'if («user.validUntil !== null && user.validUntil <= now») {',
      'false',
      unit('access-authorize', 'ends with the token, the user'),
    ],
    [
      'an expired key',
      'if («key && key.expiresAt !== null && key.expiresAt <= now») {',
      'false',
      unit('access-authorize', 'ends with the token, the user'),
    ],
  ]),
  ...inFile('access/recheck.ts', [
    [
      'a grant ends with the login it rests on',
      'if («!proven») return gone;',
      'false',
      unit('access-authorize', 'revoked when'),
    ],
    [
      'a grant is for one account, not for its name',
      '«!accounts.some((account) => account.id === entry.account.id && account.login === entry.account.login)»',
      'false',
      unit('access-guards', 'took the place'),
    ],
    [
      'a grant is judged again as it was',
      "return «verdict.kind === 'allow'» ? { ok: true",
      'true',
      unit('access-authorize', 'revoked when'),
    ],
    [
      'a login ends with its user',
      'if («!user || personProblem({ user, key: who.restrictions && { ...who.restrictions }, now }, { userName: user.name })»)',
      '!user',
      unit('access-authorize', 'ends with the token, the user'),
    ],
    [
      'a login ends with the authority',
      'if («!known») return false;',
      'false',
      unit('access-authorize', 'ends with the authority'),
    ],
    [
      'a login ends with the key',
      'if («!key || !sameRestrictions(key.options, who.restrictions)») return false;',
      'false',
      ending('the key is removed'),
    ],
    [
      'a key is the same with the same options only',
      'if (!key || «!sameRestrictions(key.options, who.restrictions)») return false;',
      'false',
      unit('access-authorize', 'ends when the key comes back'),
    ],
    [
      'a login ends with the token',
      'userId === user.id && id === (tokenId ?? id) && («expiresAt === null || expiresAt > now»),',
      'true',
      unit('access-authorize', 'ends with the token that speaks'),
    ],
    [
      'a login ends with its own token, not with the last of them',
      'userId === user.id && «id === (tokenId ?? id)» && (',
      'true',
      unit('access-authorize', 'ends with the token that speaks'),
    ],
    [
      'a login ends when the browser is signed out',
      'if («!row || row.userId !== user.id || now >= row.expiresAt || now >= row.idleUntil») return false;',
      '!row',
      unit('access-authorize', 'ends with the browser'),
    ],
  ]),
  ...inFile('access/reachable.ts', [
    [
      'a jump leads to assets that are open',
      'const covering = rules.filter((rule) => «coverage(rule, asset) !== null»);',
      'true',
      cell('direct · public key · jump to an asset not theirs · everything allowed'),
    ],
    [
      'nothing is open to who may not log in',
      'if («!user || personProblem({ ...person, now }, { userName: user.name })») return [];',
      '!user',
      unit('access-authorize', 'is empty for who may not log in'),
    ],
    [
      'an asset that is switched off is not open',
      'if («!asset.active») continue;',
      'false',
      unit('access-authorize', 'is what authorize would not deny'),
    ],
  ]),
  ...inFile('access/roles.ts', [
    [
      'roles open what their table says',
      'return «TABLE[role].includes(capability)»;',
      'true',
      unit('access-roles', ''),
    ],
  ]),
  ...inFile('access/terms.ts', [
    [
      'a key to read changes nothing',
      'if («forcedSftp(facts.key?.forceCommand)?.readOnly») for (const action of CHANGING)',
      'false',
      cell('direct · key internal-sftp -R · sftp write · everything allowed'),
    ],
  ]),
];
