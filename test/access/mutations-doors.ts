import { behind, bypass, cell, ending, inFile, type Mutation, unit } from './mutation.ts';

/** The guards of the ways in and out: SSH, logins, the API, targets. */
export const OF_DOORS: readonly Mutation[] = [
  ...inFile('gateways/ssh/channel-session.ts', [
    [
      'a key without a terminal',
      'if («context.identity.restrictions?.pty === false») return reject?.();',
      'false',
      cell('direct · key no-pty · shell · everything allowed'),
    ],
    [
      'the tree is SFTP, and what a key forces instead is not',
      'if (isSftp(«forced(this.#context, this.#request(program)).program»))',
      'program',
      cell('tree · key command · sftp read · everything allowed'),
    ],
  ]),
  ...inFile('gateways/ssh/opening.ts', [
    [
      'what is denied is not opened',
      "if («decision.kind === 'deny'») return { kind: 'failed'",
      'false',
      behind('without a grant the registry opens nothing'),
    ],
    [
      'the command of a key',
      'if («forcedCommand === null») return wish;',
      'true',
      cell('direct · key command · exec · everything allowed'),
    ],
    [
      'the SFTP server of a key',
      "if («forcedSftp(forcedCommand)») return { program: { kind: 'subsystem'",
      'false',
      cell('direct · key internal-sftp · exec · everything allowed'),
    ],
  ]),
  ...inFile('gateways/ssh/agent.ts', [
    [
      'a key that forbids the agent',
      'if («this.#forbidden») throw',
      'false',
      unit('access-guards', 'the agent is not asked'),
    ],
    [
      'a key that forbids the agent says so',
      'return «!this.#forbidden»;',
      'true',
      unit('access-guards', 'the agent is not asked'),
    ],
  ]),
  ...inFile('gateways/ssh/connection.ts', [
    [
      'unknown kinds of channels',
      "if («type !== 'session' && !forward») return",
      'false',
      unit('gateway-hostile', 'an unknown type'),
    ],
    [
      'nothing begins on a connection that ends',
      'if («this.#ending») return { reason',
      'false',
      unit('access-guards', 'nothing begins'),
    ],
    [
      'remote forwarding',
      "connection.on('request', (_accept, reject, name) => «this.#globalRequest(name, reject)»);",
      'this.#globalRequest(name, _accept as never)',
      cell('direct · public key · remote forwarding · everything allowed'),
    ],
  ]),
  ...inFile('gateways/ssh/people.ts', [
    [
      'connections end with the login',
      'if («stands !== true») void connection.end(',
      'false',
      ending('the user is disabled'),
    ],
  ]),
  ...inFile('gateways/ssh/forward.ts', [
    [
      'what is denied is not forwarded',
      "if («decision.kind === 'deny'») throw",
      'false',
      behind('without a grant the registry opens nothing'),
    ],
    [
      'what leads to an asset is a jump and not forwarded',
      'if («jump») {',
      'false',
      cell('jump · public key · exec · everything allowed'),
    ],
  ]),
  ...inFile('gateways/ssh/jump.ts', [
    [
      'a jump leads to the SSH port',
      'each === port || («port === SSH_PORT && named(asset)»)',
      'true',
      bypass('a jump to another port of an asset'),
    ],
  ]),
  ...inFile('gateways/ssh/jump-server.ts', [
    [
      'within a jump the outer person stands',
      'destination: innerDestination(userName, outer.destination.login, «jump.asset.id»)',
      'undefined as never',
      cell('jump · public key · exec · everything allowed'),
    ],
  ]),
  ...inFile('auth/user-key.ts', [
    [
      'a key works until its end',
      "if («restrictions.expiresAt !== null && from.now >= restrictions.expiresAt») return { refused: 'key expired' };",
      'false',
      cell('direct · expired key · exec · everything allowed'),
    ],
    [
      'a key works from its addresses',
      'if («restrictions.from.length > 0 && !addressMatches(restrictions.from, from.ip)») {',
      'false',
      cell('direct · key from elsewhere · exec · everything allowed'),
    ],
    [
      'a certificate is judged',
      'if («why») return { refused: `certificate:',
      'false',
      cell('direct · certificate of yesterday · exec · everything allowed'),
    ],
    [
      'a key that is exempt from codes says from where',
      'totpExempt: row.totpExempt && «restrictions.from.length > 0»,',
      'true',
      unit('access-guards', 'exempt from codes'),
    ],
  ]),
  ...inFile('auth/ssh-cert.ts', [
    [
      'a certificate is for users',
      "if («certificate.kind !== USER_CERTIFICATE») return 'not a user certificate';",
      'false',
      unit('auth-cert', ''),
    ],
    [
      'a certificate is by a trusted authority',
      'if («!check.trusted.some((blob) => blob.equals(certificate.authority.blob))») return',
      'false',
      unit('auth-cert', ''),
    ],
    ['a certificate is signed', 'if («certificate.signed !== true») return', 'false', unit('auth-cert', '')],
    ['a certificate begins', 'if («seconds < certificate.validAfter») return', 'false', unit('auth-cert', '')],
    [
      'a certificate ends',
      'if («seconds >= certificate.validBefore») return',
      'false',
      cell('direct · certificate of yesterday · exec · everything allowed'),
    ],
    [
      'a certificate names the user',
      'if («!certificate.principals.includes(check.userName)») return',
      'false',
      unit('auth-cert', ''),
    ],
    ['an unknown critical option', 'if («!KNOWN_CRITICAL.includes(name)») return', 'false', unit('auth-cert', '')],
    [
      'a certificate works from its addresses',
      'return «from.length > 0 && !addressMatches(from, ip)» ? ',
      'false',
      unit('auth-cert', ''),
    ],
    [
      'a certificate without a terminal',
      "pty: «certificate.extensions.has('permit-pty')»,",
      'true',
      cell('direct · certificate without extensions · shell · everything allowed'),
    ],
    [
      'a certificate without forwarding',
      "portForwarding: «certificate.extensions.has('permit-port-forwarding')»,",
      'true',
      cell('direct · certificate without extensions · forward to the asset · everything allowed'),
    ],
    [
      'the command of a certificate',
      'forceCommand: «command === undefined ? null : optionText(command)»,',
      'null',
      cell('direct · certificate with force-command · exec · everything allowed'),
    ],
  ]),
  ...inFile('auth/login.ts', [
    [
      'a key proves by its signature',
      'if («judged.key.verify(proof) !== true»)',
      'false',
      unit('access-guards', 'without its signature'),
    ],
    [
      'a second factor is asked for',
      "if («!user.totpEnabled && !demanded») return 'none';",
      'true',
      cell('direct · key without its code · exec · everything allowed'),
    ],
    [
      'a key is remembered when it was',
      'if (key && «(await store.mfa.remembered(user.id, key.fingerprint, clock.now())) === true») return',
      'true',
      cell('direct · key without its code · exec · everything allowed'),
    ],
    [
      'memory belongs to a key',
      "const key = «this.#first?.kind === 'key'» ? this.#first.key : undefined;\n    if (key?.totpExempt)",
      'true',
      behind('a password has no key'),
    ],
    [
      'the first factor still stands at the end',
      '!this.#first || «!(await this.#firstStands(today, this.#first))»',
      'false',
      unit('auth-second-factor', 'a key or password taken away'),
    ],
    [
      'who is locked out is turned away before the hash',
      'const { ip } = this.#from;\n    const user = await store.users.byName(name);\n    if («await lockout.isLocked(name, user, ip)»)\n      return',
      'false',
      unit('auth-login', 'lockout is per user and address'),
    ],
    [
      'codes are locked out too',
      'if («await lockout.codesLocked(user, this.#from.ip)»)\n        return',
      'false',
      unit('auth-second-factor', 'wrong codes lock out'),
    ],
    [
      'another name begins anew',
      'if («this.#name === userName») return;',
      'true',
      unit('auth-second-factor', 'another user name between'),
    ],
    [
      'a wrong password',
      "«right === true» ? null : 'wrong password'",
      'true',
      unit('auth-login', 'unknown, disabled, expired and wrong'),
    ],
  ]),
  ...inFile('api/api.ts', [
    ['the API asks the role', 'return «may(caller.identity.user.role, needs)»;', 'true', unit('api-roles', '')],
    [
      'the API takes what is sent along only from who may send it',
      'return spec !== undefined && «isAllowed(spec.needs, caller)»;',
      'true',
      unit('api-http', ''),
    ],
    [
      'the API is closed to nobody in particular',
      'if («isAllowed(spec.needs, caller)») return;',
      'true',
      unit('api-roles', ''),
    ],
  ]),
  ...inFile('api/handlers/ssh-config.ts', [
    [
      'one sees the configuration of oneself',
      "if (user && («may(user.role, 'manage') || nameKey(user.name) === nameKey(name) || user.id === name»)) return;",
      'true',
      unit('api-ssh-config', ''),
    ],
  ]),
  ...inFile('api/handlers/reviews.ts', [
    [
      'one sees reviews that concern oneself',
      "return «may(role, 'audit.read')» ? undefined : name;",
      'true',
      unit('api-commands', ''),
    ],
  ]),
  ...inFile('targets/ssh.ts', [
    [
      'SSH is dialled with a grant',
      "if («!Grant.isGrant(grant) || grant.protocol !== 'ssh'») {",
      'false',
      unit('targets-ssh', 'takes nothing but a grant'),
    ],
  ]),
  ...inFile('targets/pty-local.ts', [
    [
      'a local shell is started with a grant',
      "if («!Grant.isGrant(grant) || grant.protocol !== 'local'») {",
      'false',
      unit('access-guards', 'a shell on the bastion itself'),
    ],
  ]),
  ...inFile('targets/host-keys.ts', [
    [
      'a changed host key is refused',
      '(«pinned.length > 0» ? refuse(copy, key) : pin(copy, key))',
      'false',
      unit('access-guards', 'a host key of another type'),
    ],
  ]),
];
