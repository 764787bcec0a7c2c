import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Grant } from '../../src/access/grant.ts';
import { type FilterId, newId } from '../../src/kernel/id.ts';
import type { CommandRow, CommandRule, FilterAction } from '../../src/store/model.ts';
import { createLocalConnector } from '../../src/targets/pty-local.ts';
import { commandLine, endServers, SHELLS } from '../commands/shells.ts';
import { User as Person } from '../commands/user.ts';
import { eventually } from '../kit/process.ts';
import { grant, house, openOptions } from './session-kit.ts';

export const SIZE = { cols: 100, rows: 30, width: 0, height: 0 };

export function rule(action: FilterAction, words: readonly string[], over: Partial<CommandRule> = {}): CommandRule {
  return {
    id: newId<FilterId>(),
    name: `no ${words.join(' ')}`,
    priority: 50,
    action,
    words,
    regex: null,
    matchCase: true,
    reviewers: [],
    ...over,
  };
}

/** A real shell behind a session whose commands pass these rules, and somebody at its terminal. */
export async function atShell(
  name: string,
  rules: readonly CommandRule[] = [],
  options: { rc?: string; socket?: string } = {},
) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'commands-')));
  onTestFinished(async () => {
    await endServers(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const shell = SHELLS[name]!;
  for (const [index, [file, text]] of Object.entries(shell.files ?? {}).entries()) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), index === 0 ? `${text}${options.rc ?? ''}` : text);
  }
  mkdirSync(join(home, '.screens'), { mode: 0o700, recursive: true });
  const command = commandLine(shell, home, options.socket === undefined ? {} : { SOCKET: options.socket });
  const local = createLocalConnector();
  const right = localGrant(rules);
  const at = await house({
    dial: (_target, signal, request) => local.open(right, { ...request, program: { kind: 'exec', command } }, signal),
  });
  const person = new Person(SIZE);
  const session = await at.registry.open(
    right,
    person,
    openOptions({ pty: { term: 'xterm-256color', size: SIZE, modes: {} } }),
  );
  const rows = async (): Promise<CommandRow[]> =>
    (await at.store.commands.list({ session: session.id, limit: 500 })).toSorted((one, other) =>
      one.id < other.id ? -1 : 1,
    );
  return {
    ...at,
    home,
    person,
    session,
    rows,
    /** The rows once the session has ended. */
    ended: async () => {
      await session.end({ cause: 'client-closed' });
      person.dispose();
      return rows();
    },
    /** A command that waits for somebody's word. */
    pending: () => eventually('a review', async () => (await at.store.reviews.list({ state: 'pending' }))[0]),
  };
}

function localGrant(commands: readonly CommandRule[]): Grant {
  const like = grant({ commands });
  return Grant.mint({
    id: like.id,
    who: like.who,
    asset: like.asset,
    entry: like.entry,
    protocol: 'local',
    use: 'shell',
    to: null,
    permissions: like.permissions,
    limits: like.limits,
  });
}

export const brief = (rows: readonly CommandRow[]) =>
  rows.map(({ line, verdict, confidence }) => `${verdict} ${confidence} ${line}`);
