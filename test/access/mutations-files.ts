import { inFile, type Mutation, unit } from './mutation.ts';

/** The guards of files in pages. What each request needs is judged where SSH's are. */
export const OF_FILES: readonly Mutation[] = [
  ...inFile('gateways/web/files/file-door.ts', [
    [
      'files that somebody else opened',
      'if (opened && «isSame(opened.who, who)»)',
      'true',
      unit('web-files-door', 'only its opener'),
    ],
    [
      'files of another browser',
      '&& «a.factors.webSession === b.factors.webSession» &&',
      'true',
      unit('web-files-door', 'only its opener'),
    ],
    [
      'files of another token',
      '&& «a.factors.tokenId === b.factors.tokenId»',
      'true',
      unit('web-files-door', 'only its opener'),
    ],
    [
      'a ticket for something else',
      "if («use !== 'files'») throw",
      'false as boolean',
      unit('web-files-door', 'a ticket for something else'),
    ],
  ]),
  ...inFile('gateways/web/files/entries.ts', [
    [
      'names that lead elsewhere',
      'if («isName(one.name)»)',
      'true',
      unit('web-files-client', 'names that lead elsewhere'),
    ],
    ['folders without an end', '«seen >= most + 2» ||', 'false', unit('web-files-client', 'a folder without an end')],
  ]),
  ...inFile('gateways/web/files/removal.ts', [
    [
      'links that are removed, not followed',
      "if («kindOf(attributes) === 'folder'»)",
      "kindOf(attributes) !== 'file'",
      unit('web-files-client', 'no link is followed'),
    ],
    [
      'trees that nest without an end',
      'if («levels.length > DEEPEST»)',
      'false',
      unit('web-files-client', 'a tree that nests'),
    ],
  ]),
  ...inFile('gateways/web/files/sftp-client.ts', [
    [
      'answers to nothing',
      "if («!waiting») throw new SftpError('it answered",
      'false',
      unit('web-files-client', 'an answer to nothing'),
    ],
    [
      'more data than was asked for',
      '«data.length > length»)',
      'false',
      unit('web-files-client', 'more data than was asked for'),
    ],
    [
      'a target that says nothing',
      'if («now - this.#heard >= SILENT_MS» ||',
      'false',
      unit('web-files-client', 'a target that says nothing'),
    ],
  ]),
  ...inFile('session/files/exchange.ts', [
    [
      'what only our own client may say',
      "&& «this.#host.method === 'web'» &&",
      'true',
      unit('files-exchange', 'a client over SSH cannot say so'),
    ],
  ]),
];
