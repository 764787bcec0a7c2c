import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NO_MUTANT } from './mutant.ts';
import type { Catcher } from './mutation.ts';
import type { Answer, Ask } from './unit-runner.ts';

type UnitCatcher = Extract<Catcher, { readonly unit: string }>;

/** Runs unit tests of the mutants, one run after the other. */
export interface UnitMutants {
  /** `CAUGHT` when an assertion failed, `HUNG` when a test waited in vain that otherwise does not, else what happened. */
  tried(env: NodeJS.ProcessEnv, catcher: UnitCatcher): Promise<string>;
  stop(): Promise<void>;
}
export const CAUGHT = 'caught';
export const HUNG = 'caught by a time-out alone';

/** Under a mutation a test may wait for what never comes; and without one it may take longer than briefly. */
const BRIEFLY_MS = 5_000;
const PATIENTLY_MS = 60_000;
/** How a test says that it waited for too long. */
const TIMED_OUT = /^(?:Test|Hook) timed out in \d+ms/;

export async function startUnitMutants(root: string): Promise<UnitMutants> {
  // a Vitest of its own, which is not to take itself for a part of this one
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST')));
  const runner = fork(join(import.meta.dirname, 'unit-runner.ts'), [root], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<never>((_, reject) => {
    runner.once('exit', (code, signal) => reject(new Error(`the runner of unit tests ended: ${signal ?? code}`)));
  });
  ended.catch(() => {});
  const next = async <T>() => (await Promise.race([once(runner, 'message'), ended]))[0] as T;
  await next<'ready'>();
  const ask = async (env: NodeJS.ProcessEnv, { unit: file, test }: UnitCatcher, limitMs: number) => {
    const answered = next<Answer>();
    runner.send({ env, file, test, limitMs } satisfies Ask);
    const answer = await answered;
    if (answer.broken !== undefined) throw new Error(answer.broken);
    return answer;
  };
  const tried = async (env: NodeJS.ProcessEnv, catcher: UnitCatcher, limitMs: number): Promise<string> => {
    const { passed, failures } = await ask(env, catcher, limitMs);
    if (failures.length === 0) return `${passed} unit tests passed`;
    if (!failures.every((messages) => messages.every((message) => TIMED_OUT.test(message)))) return CAUGHT;
    // it may as well be a slow machine: then there is nothing for it but to wait for longer
    const { failures: without } = await ask(NO_MUTANT, catcher, limitMs);
    if (without.length === 0) return HUNG;
    if (limitMs < PATIENTLY_MS) return tried(env, catcher, PATIENTLY_MS);
    return `fails with the guard, too: ${without.flat().join('; ')}`;
  };
  return {
    tried: (env, catcher) => tried(env, catcher, BRIEFLY_MS),
    async stop() {
      const gone = once(runner, 'exit');
      runner.disconnect();
      await gone;
    },
  };
}
