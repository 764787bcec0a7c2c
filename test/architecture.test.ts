import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', 'src');

/** A room may import rooms of lower rank and itself; rooms of one rank do not know each other. */
const RANK: Readonly<Record<string, number>> = {
  kernel: 0,
  config: 1,
  store: 2,
  auth: 3,
  access: 4,
  targets: 5,
  storage: 5,
  session: 6,
  tasks: 7,
  gateways: 8,
  api: 8,
  sdk: 9,
  app: 10,
  cli: 11,
  'main.ts': 12,
  'worker.ts': 12,
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

/** The words of the house (roles, protocols, actions, rows): holds no SQL and no behaviour, so every room may know it. */
const MODEL = 'store/model.ts';

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
);
const source = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const roomOf = (file: string) => file.split('/')[0]!;

const imports: Import[] = [...source].flatMap(([file, text]) =>
  [...text.matchAll(/^\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/gm)].map((match) => ({
    file,
    room: roomOf(file),
    target: match[1] ?? match[2]!,
  })),
);
const inside = imports
  .filter((i) => i.target.startsWith('.'))
  .map((i) => ({ ...i, path: normalize(join(dirname(i.file), i.target)) }));

const offenders = (list: readonly Import[]) => list.map((i) => `${i.file} → ${i.target}`);
const holding = (pattern: RegExp, allowed: (file: string) => boolean) =>
  [...source].filter(([file, text]) => pattern.test(text) && !allowed(file)).map(([file]) => file);

describe('the house', () => {
  it('has only known rooms', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in RANK))).toEqual([]);
  });

  it('imports one way', () => {
    const wrong = inside.filter((i) => {
      const other = roomOf(i.path);
      // the contract is words and schemas: what goes over the sockets is in it, too
      if (i.room === 'gateways' && i.path.startsWith('api/contract/')) return false;
      return other !== i.room && !(RANK[other]! < RANK[i.room]!);
    });
    expect(offenders(wrong)).toEqual([]);
  });

  it('keeps gateways away from the store and the targets', () => {
    const wrong = inside.filter(
      (i) => i.room === 'gateways' && ['store', 'targets'].includes(roomOf(i.path)) && i.path !== MODEL,
    );
    expect(offenders(wrong)).toEqual([]);
  });

  it('keeps gateways away from the API, whose messages they may know', () => {
    const wrong = inside.filter((i) => i.room === 'gateways' && roomOf(i.path) === 'api');
    expect(offenders(wrong.filter((i) => !i.path.startsWith('api/contract/')))).toEqual([]);
  });

  it('lets the SDK and the contract stand alone', () => {
    const sdk = inside.filter(
      (i) => i.room === 'sdk' && roomOf(i.path) !== 'sdk' && !i.path.startsWith('api/contract/'),
    );
    const contract = inside.filter((i) => i.file.startsWith('api/contract/') && !i.path.startsWith('api/contract/'));
    expect(offenders([...sdk, ...contract])).toEqual([]);
  });

  it('lets the command line reach the daemon only through the SDK', () => {
    const wrong = inside.filter(
      (i) =>
        i.room === 'cli' &&
        !['cli', 'sdk', 'kernel', 'config', 'app'].includes(roomOf(i.path)) &&
        i.path !== MODEL &&
        !i.path.startsWith('api/contract/'),
    );
    expect(offenders(wrong)).toEqual([]);
  });

  it('speaks SQL only in the store', () => {
    expect(
      offenders(imports.filter((i) => ['kysely', 'better-sqlite3'].includes(i.target) && i.room !== 'store')),
    ).toEqual([]);
  });

  it("touches ssh2's insides in one place", () => {
    expect(
      offenders(imports.filter((i) => i.target.startsWith('ssh2/lib') && !i.file.startsWith('kernel/ssh2/'))),
    ).toEqual([]);
  });

  it('makes an Identity only in auth and a Grant only in authorize', () => {
    expect(holding(/\bIdentity\.bind\(/, (file) => file.startsWith('auth/'))).toEqual([]);
    expect(holding(/\bGrant\.mint\(/, (file) => file === 'access/authorize.ts')).toEqual([]);
  });

  it('connects onward only in targets', () => {
    expect(holding(/\.(?:forwardOut|openssh_forwardOutStreamLocal)\(/, (file) => file.startsWith('targets/'))).toEqual(
      [],
    );
  });

  it('hands what signs certificates, and what reaches the agent of a person, to nobody else', () => {
    const signers =
      /^(?:auth|app)\/|^targets\/(?:deps|certificate)\.ts$|^gateways\/ssh\/(?:server|jump-server|jump-certificate)\.ts$/;
    expect(holding(/\bSigningAuthorit(?:y|ies)\b/, (file) => signers.test(file))).toEqual([]);
    const agents = ['kernel/ssh2/agent-channel.ts', 'gateways/ssh/agent.ts'];
    expect(holding(/\bopenAgentChannel\b/, (file) => agents.includes(file))).toEqual([]);
  });

  it('never forks itself and never runs a shell on text', () => {
    expect(holding(/\bfork\(|\bexecSync\(|shell:\s*true/, () => false)).toEqual([]);
  });
});

describe('the pages', () => {
  const pages = join(root, '..', 'web', 'src');
  const own = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const text = new Map(own.map((file) => [file, readFileSync(join(pages, file), 'utf8')]));
  const taken = [...text].flatMap(([file, code]) =>
    [...code.matchAll(/^\s*(import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm)].map(
      (match) => ({
        file,
        type: match[2] !== undefined,
        path: normalize(join('web/src', dirname(file), match[3] ?? match[4]!)),
      }),
    ),
  );
  const elsewhere = taken.filter(({ path }) => !path.startsWith('web/src/'));

  it('take from the house only its words, the contract and the SDK', () => {
    const known = /^src\/(?:api\/contract\/|sdk\/(?:client|transport)\.ts$|store\/model\.ts$)/;
    expect(elsewhere.filter(({ path }) => !known.test(path)).map(({ file, path }) => `${file} → ${path}`)).toEqual([]);
  });

  it('ship no validator: of the contract only types, but for what has none in it', () => {
    const bare = /^src\/(?:sdk\/|store\/model\.ts$|api\/contract\/(?:ws-limits|asset-file)\.ts$)/;
    const values = elsewhere.filter(({ path, type }) => !type && !bare.test(path));
    expect(values.map(({ file, path }) => `${file} → ${path}`)).toEqual([]);
  });

  it('have rooms that do not know each other but for their kit and what they lend', () => {
    const lent = /^web\/src\/(?:kit\/|credentials\/|files\/files-drawer\.tsx$|watch\/share-dialog\.tsx$)/;
    const wrong = taken.filter(({ file, path }) => {
      const room = file.split('/')[0]!;
      return (
        file.includes('/') && path.startsWith('web/src/') && !path.startsWith(`web/src/${room}/`) && !lent.test(path)
      );
    });
    expect(wrong.map(({ file, path }) => `${file} → ${path}`)).toEqual([]);
  });

  it('are short, named like everything else, and ask nobody on the internet', () => {
    const named = /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/;
    expect(own.filter((file) => !named.test(basename(file)) || /utils|helpers|misc/.test(file))).toEqual([]);
    expect([...text].filter(([, code]) => code.split('\n').length > 400).map(([file]) => file)).toEqual([]);
    expect([...text].filter(([, code]) => /\b(TODO|FIXME|XXX)\b/.test(code)).map(([file]) => file)).toEqual([]);
    const outward = /(?:fetch|import|src|href|url)\s*[=(]\s*[{('"`]*https?:/;
    expect([...text].filter(([, code]) => outward.test(code)).map(([file]) => file)).toEqual([]);
  });
});

describe('a file', () => {
  it('has a kebab-case name and no junk drawer', () => {
    expect(
      files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)) || /utils|helpers|misc/.test(file)),
    ).toEqual([]);
  });

  it('is short enough to read', () => {
    expect([...source].filter(([, text]) => text.split('\n').length > 400).map(([file]) => file)).toEqual([]);
  });

  it('has named exports only, and nothing left for later', () => {
    expect(holding(/^export default/m, () => false)).toEqual([]);
    expect(holding(/\b(TODO|FIXME|XXX)\b/, () => false)).toEqual([]);
  });

  it('knows no machine but the one it runs on', () => {
    expect(holding(/['"`]\/(work|home|root)\//, () => false)).toEqual([]);
  });
});
