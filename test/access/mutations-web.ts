import { behind, inFile, type Mutation, unit } from './mutation.ts';

/** The guards of the ways through pages, and of the tickets they get. */
export const OF_WEB: readonly Mutation[] = [
  ...inFile('api/upgrade.ts', [
    [
      'pages of elsewhere',
      '«web.receive(request)»;',
      'undefined',
      unit('api-upgrade', 'comes from a page of the bastion'),
    ],
    ['sockets that are not there', 'if («!sockets.has(path)») throw', 'false', unit('api-upgrade', 'leads somewhere')],
    [
      'a cookie without an Origin',
      'headers.authorization === undefined && «hasCookie(request)»)',
      'false',
      unit('api-upgrade', 'comes from a page of the bastion'),
    ],
    [
      'who has not signed in',
      "if («caller.kind === 'person'») {\n      web.known(request);",
      'true as boolean',
      unit('api-upgrade', 'is for who is signed in'),
    ],
  ]),
  ...inFile('auth/tickets.ts', [
    [
      'a ticket of another user',
      'if («ticket.userId === who.user.id» && ticket.webSessionId',
      'true',
      unit('auth-tickets', 'is used up in other hands'),
    ],
    [
      'a ticket of another browser',
      '«ticket.webSessionId === webSession» &&',
      'true',
      unit('auth-tickets', 'is used up in other hands'),
    ],
    [
      'a ticket of an API token',
      '&& «ticket.tokenId === tokenId»)',
      'true',
      behind('a token has no browser, and a browser no token'),
    ],
    [
      'a ticket of a user who may not log in',
      'if (!ticket || !user || «refuseUser(user, now) !== null») return undefined;',
      'false',
      unit('auth-tickets', 'whose date has passed'),
    ],
    [
      'a ticket of a sign-in that is over',
      'if (!row || «now >= row.expiresAt» || now >= row.idleUntil) return undefined;',
      'false',
      behind('a ticket is good for a minute, and what is judged after it asks again'),
    ],
  ]),
  ...inFile('auth/ticket-login.ts', [
    [
      'tries of one connection',
      'const found = «this.methods.length === 0» ? undefined',
      'false',
      unit('auth-tickets', 'is none for a browser'),
    ],
    [
      'a ticket is no name',
      'return «isTicket(userName)» ? TICKET_NAME : userName;',
      'false',
      unit('auth-tickets', 'that is shown with a key'),
    ],
  ]),
  ...inFile('gateways/ssh/connection.ts', [
    [
      'one session for a ticket, and nothing forwarded',
      'if («this.context.pass && (forward || !this.context.pass.take())»)',
      'false',
      unit('access-guards', 'a ticket is for one session'),
    ],
  ]),
  ...inFile('gateways/ssh/channel-session.ts', [
    [
      'a ticket for its use',
      'if («pass?.allows(program) === false») return',
      'false',
      unit('access-guards', 'a ticket is for one session'),
    ],
  ]),
  ...inFile('gateways/ssh/opening.ts', [
    [
      'a ticket for its asset',
      'if («context.pass?.isFor(grant.asset) === false») return',
      'false',
      behind('the ticket names the asset by its id, which only the name of another one could hide'),
    ],
  ]),
  ...inFile('gateways/ssh/ticket-pass.ts', [
    [
      'the use of a ticket',
      "return «asked === this.use || (asked === 'exec' && this.use === 'shell')»;",
      'true',
      unit('gateway-ticket', 'is for its use'),
    ],
  ]),
  ...inFile('gateways/web/terminal/terminal.ts', [
    [
      'a ticket for a terminal',
      "if («ticket.use !== 'shell'»)",
      'false',
      unit('web-terminal', 'a ticket for files opens nothing'),
    ],
    [
      'what is denied is not opened in a page',
      "if («decision.kind === 'deny'») throw",
      'false',
      behind('without a grant the registry opens nothing'),
    ],
    [
      'the asset of a ticket',
      'if («decision.grant.asset.id !== ticket.assetId»)',
      'false',
      unit('web-terminal', 'what the decision or the target says'),
    ],
  ]),
  ...inFile('gateways/web/terminal/live-terminal.ts', [
    [
      'a token of a resume is for its user',
      '«owner.user.id === who.user.id» &&',
      'true',
      unit('web-terminal', 'a token is good once'),
    ],
    [
      'a token of a resume is for its browser',
      '«owner.factors.webSession === who.factors.webSession» &&',
      'true',
      unit('web-terminal', 'a token belongs to the browser'),
    ],
    [
      'a token of a resume has to be the last one',
      "«tokenHash('bre', Secret.of(token)) !== this.#token»",
      'false',
      unit('web-terminal', 'a token is good once'),
    ],
  ]),
  ...inFile('gateways/web/terminal/output-window.ts', [
    [
      'a page that has more than was sent',
      'if («offset > this.#sent») return false;',
      'false',
      unit('web-output-window', 'takes no word'),
    ],
  ]),
  ...inFile('gateways/web/terminal/input-queue.ts', [
    [
      'a page that does not wait',
      'if («this.#heldBytes + chunk.length > INPUT_WINDOW»)',
      'false',
      unit('web-terminal', 'input for a target that does not read'),
    ],
  ]),
  ...inFile('gateways/web/sockets.ts', [
    [
      'sockets of one person',
      'if («count >= MAX_PER_USER»)',
      'false',
      unit('web-terminal', 'a person has so many sockets'),
    ],
    [
      'sockets end with the sign-in',
      'if («stands !== true»)\n      open.served?.revoked(',
      'false',
      unit('web-terminal', 'a sign-in that ends'),
    ],
  ]),
];
