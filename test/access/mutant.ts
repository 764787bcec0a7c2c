import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../kit/process.ts';
import type { Mutation } from './mutation.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Names the guard that is off in a process. What begins with BASTION_ is configuration. */
const SWITCH = 'MUTANT';
/** The environment in which every guard is on. */
export const NO_MUTANT: NodeJS.ProcessEnv = { [SWITCH]: '' };

const PARTS = [
  'src',
  'web',
  'docs',
  'test',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.sdk.json',
  'vitest.config.ts',
];

/** A copy of the project in which every guard can be switched off by its name, and its bundle. */
export interface Mutants extends Disposable {
  readonly root: string;
  readonly main: string;
  /** The environment in which this guard is off. */
  env(mutation: Mutation): NodeJS.ProcessEnv;
}

export async function buildMutants(mutations: readonly Mutation[]): Promise<Mutants> {
  const root = mkdtempSync(join(tmpdir(), 'bastion-mutants-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  // neither the pages nor the client hold guards: the build takes them as they are
  for (const part of ['dist/web', 'dist/sdk'])
    if (existsSync(join(ROOT, part))) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [file, own] of Map.groupBy(mutations, (mutation) => mutation.file))
    writeFileSync(join(root, file), switchable(readFileSync(join(ROOT, file), 'utf8'), own));
  const built = await run(process.execPath, ['scripts/build.mjs'], { cwd: root });
  if (built.code !== 0) throw new Error(`the mutants do not build: ${built.stderr}`);
  return {
    root,
    main: join(root, 'dist/main.cjs'),
    env: ({ name }) => ({ [SWITCH]: name }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Where the guard stands in the text, if its surroundings stand there exactly once. */
export function locate(text: string, { find }: Mutation): { from: number; to: number } | undefined {
  const [before, guard, after] = find.split(/[«»]/) as [string, string, string];
  const whole = before + guard + after;
  const at = text.indexOf(whole);
  if (at < 0 || text.indexOf(whole, at + 1) >= 0) return undefined;
  return { from: at + before.length, to: at + before.length + guard.length };
}

/** Opens and closes a choice around each guard; one may stand within another. */
function switchable(text: string, mutations: readonly Mutation[]): string {
  const places = mutations.flatMap((mutation) => {
    const place = locate(text, mutation);
    return place ? [{ ...place, mutation }] : [];
  });
  const choice = ({ name, replace }: Mutation) =>
    `(process.env.${SWITCH} === ${JSON.stringify(name)} ? (${replace}) : (`;
  const edits = [
    ...places.map(({ from, to, mutation }) => ({ at: from, closes: false, rank: -to, text: choice(mutation) })),
    ...places.map(({ from, to }) => ({ at: to, closes: true, rank: -from, text: '))' })),
  ];
  // where one ends and another begins: ends first; the inner one ends first, the outer one begins first
  edits.sort((a, b) => a.at - b.at || Number(b.closes) - Number(a.closes) || a.rank - b.rank);
  let out = '';
  let done = 0;
  for (const edit of edits) {
    out += text.slice(done, edit.at) + edit.text;
    done = edit.at;
  }
  return out + text.slice(done);
}
