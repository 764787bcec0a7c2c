import { behind, cell, inFile, type Mutation, unit } from './mutation.ts';

/** The guards of what runs. */
export const OF_SESSIONS: readonly Mutation[] = [
  ...inFile('session/registry.ts', [
    [
      'a session needs a grant',
      'if («!Grant.isGrant(grant)») throw',
      'false',
      unit('session-life', 'only a grant opens a session'),
    ],
    [
      'a grant is used for what it was minted for',
      'if («useOf(options.program) !== grant.use»)',
      'false',
      unit('access-guards', 'what it was minted for'),
    ],
    [
      'no session begins at the end',
      'if («this.#closing») {',
      'false',
      unit('session-life', 'shutdown: no new sessions'),
    ],
    [
      'a person has a bound of sessions',
      '«this.#checkBound(grant)»;',
      'undefined',
      unit('session-life', 'each user has a bound'),
    ],
    [
      'changes are looked at',
      'deps.store.onAccessChanged(() => «this.#recheck.changed()»);',
      'undefined',
      cell('direct · public key · exec · revoked meanwhile'),
    ],
    [
      'a change between decision and session',
      '«void this.#recheck.one(session)»;',
      'undefined',
      unit('session-limits', 'a grant that was withdrawn before its session stood'),
    ],
  ]),
  ...inFile('session/recheck.ts', [
    [
      'who loses the right loses the session',
      'else «void session.end({ cause: check.cause })»;',
      'undefined',
      cell('direct · public key · sftp read · revoked meanwhile'),
    ],
    [
      'what cannot be judged ends',
      "«void session.end({ cause: 'revoked', detail: 'the permission could not be checked' })»;",
      'undefined',
      unit('session-limits', 'what cannot be judged'),
    ],
  ]),
  ...inFile('session/limits.ts', [
    [
      'a permission ends by the clock',
      "if («until !== null») this.#wait('expired'",
      'false',
      cell('direct · public key · exec · ends meanwhile'),
    ],
    [
      'an action is one of the permission',
      'return «actions.has(action)» && (until',
      'true',
      cell('direct · public key · sftp remove · without delete'),
    ],
    [
      'an action ends by its own date',
      'return actions.has(action) && («until === undefined || now < until»);',
      'true',
      unit('zmodem-session', 'an action may end by its date'),
    ],
    [
      'an idle terminal ends',
      "if («this.#watchIdle && idleMs > 0»)\n      this.#wait('idle'",
      'false',
      unit('session-limits', 'a terminal without input ends'),
    ],
    [
      'a session has a longest time',
      "if («maxMs > 0») this.#wait('max-time'",
      'false',
      unit('session-limits', 'a command without a terminal is never idle'),
    ],
  ]),
  ...inFile('session/session.ts', [
    [
      'a transfer over exec needs its rights',
      'missing: () => «this.#exec?.missing()»,',
      'undefined',
      unit('exec-transfer-session', 'nothing is dialled without it'),
    ],
    [
      'a transfer over exec ends with its right',
      'if («missing») void this.end(withoutRight(missing));',
      'false',
      unit('access-guards', 'that stands still'),
    ],
    [
      'what may not run is not dialled',
      'if («admission.runs») return;',
      'true',
      cell('direct · public key · scp up · without upload'),
    ],
    [
      'a session that is locked before it stands is locked',
      'if («this.locked») this.#pump.lock();',
      'false',
      unit('access-guards', 'locked while it is dialled'),
    ],
  ]),
  ...inFile('session/terminal-pump.ts', [
    [
      'a locked terminal takes no input',
      'if (!this.done && «!this.locked») this.#keys(chunk);',
      'true',
      unit('session-life', 'a locked terminal drops input'),
    ],
  ]),
  ...inFile('session/exec-pump.ts', [
    [
      'a locked command stands still',
      'if («this.locked») this.#held.push(() => this.#forward(chunk));',
      'false',
      unit('session-exec-commands', 'a line approved while the session is locked'),
    ],
  ]),
  ...inFile('session/commands/requested-command.ts', [
    [
      'a requested command passes the filter',
      'const ruling = missing ? undefined : «await ruleOn(requested)»;',
      "{ runs: true, verdict: 'pass', filter: null, reviewer: null, text: undefined }",
      unit('session-exec-commands', 'a forbidden command reaches no target'),
    ],
  ]),
  ...inFile('session/files/exchange.ts', [
    [
      'a file is opened with the right to',
      'const missing = «this.#refuse.missing(neededToOpen(flags))»;',
      'undefined',
      cell('direct · public key · sftp write · without upload'),
    ],
    [
      'a piece is read with the right to',
      'const missing = «this.#refuse.missing(READ)»;\n    if (missing) return this.#refuse.piece(id, missing, doing, flow);\n    const offset',
      'undefined',
      unit('files-rights', 'a right that is taken away bites'),
    ],
    [
      'data under way is judged again',
      '// many may be under way when the right is taken away\n        const missing = «this.#refuse.missing(READ)»;',
      'undefined',
      unit('files-rights', 'a right that is taken away bites'),
    ],
    [
      'a piece is written with the right to',
      'const missing = «this.#refuse.missing(WRITE)»;',
      'undefined',
      unit('files-rights', 'a denied write'),
    ],
    [
      'a directory is listed with the right to',
      'const missing = «this.#refuse.missing(LOOK)»;',
      'undefined',
      unit('files-rights', ''),
    ],
    [
      'everything else is done with the right to',
      'const missing = «this.#refuse.missing(request.needs)»;',
      'undefined',
      cell('direct · public key · sftp remove · without delete'),
    ],
    [
      'without the right to delete, what a rename replaces stays',
      'if («missing && rename?.replaces») return packet(',
      'false',
      unit('files-rights', 'posix-rename of an own file'),
    ],
  ]),
  ...inFile('session/files/refusals.ts', [
    [
      'SFTP asks the session',
      'for (const action of needs) if («!this.#host.may(action)») return action;',
      'false',
      cell('direct · public key · sftp mkdir · without upload'),
    ],
  ]),
  ...inFile('session/exec-transfers/exec-transfers.ts', [
    [
      'transfers over exec ask the session',
      'return this.#plan.needs.find((action) => «!this.#host.may(action)»);',
      'false',
      cell('direct · public key · git push · without upload'),
    ],
  ]),
  ...inFile('session/zmodem/watch.ts', [
    [
      'a ZMODEM transfer begins with the right to',
      'if (!direction || «this.#host.may(direction)») {',
      'true',
      unit('zmodem-watch', ''),
    ],
    [
      'a ZMODEM offer is passed with the right to',
      'if («this.#host.may(direction)») this.#offers(direction);',
      'true',
      behind('the right is asked for again when the offer is answered'),
    ],
    [
      'a ZMODEM transfer ends with its right',
      'if («!this.#host.may(follower.direction)») this.#deny(',
      'false',
      unit('zmodem-watch', ''),
    ],
  ]),
  ...inFile('session/files/rights.ts', [
    ['removing', '[TYPE.remove, «REMOVE»]', 'LOOK', cell('direct · public key · sftp remove · without delete')],
    [
      'removing a directory',
      '[TYPE.rmdir, «REMOVE»]',
      'LOOK',
      cell('direct · public key · sftp rmdir · without delete'),
    ],
    ['making a directory', '[TYPE.mkdir, «WRITE»]', 'LOOK', cell('direct · public key · sftp mkdir · without upload')],
    [
      'changing attributes',
      '[TYPE.setstat, «WRITE»]',
      'LOOK',
      cell('direct · public key · sftp setstat · without upload'),
    ],
    ['making a link', '[TYPE.symlink, «WRITE»]', 'LOOK', cell('tree · public key · sftp symlink · without upload')],
    ['renaming', '[TYPE.rename, «MOVE»]', 'WRITE', cell('direct · public key · sftp rename · without delete')],
    [
      'renaming over',
      "['posix-rename@openssh.com', «MOVE»]",
      'WRITE',
      cell('direct · public key · sftp posix-rename · without delete'),
    ],
    [
      'linking',
      "['hardlink@openssh.com', «WRITE»]",
      'LOOK',
      cell('direct · public key · sftp hardlink · without upload'),
    ],
    [
      'opening to change',
      'if («!isChanging(flags)») return READ;',
      'true',
      cell('direct · public key · sftp write · without upload'),
    ],
    [
      'opening to read and change',
      'return «reads ? COPY : WRITE»;',
      'WRITE',
      cell('direct · public key · sftp read and write · without download'),
    ],
  ]),
];
