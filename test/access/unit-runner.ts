import { join } from 'node:path';
import { createVitest, type Reporter, type TestModule } from 'vitest/node';

// One Vitest for many runs: started with the directory of the mutants, it is asked over its channel for one run after
// the other and answers each. `startUnitRunner` in unit-mutants.ts is who asks.

export interface Ask {
  /** Environment in which the guard is off. */
  readonly env: NodeJS.ProcessEnv;
  /** File of unit tests without its ending. */
  readonly file: string;
  /** Part of the names of the tests to run. */
  readonly test: string;
  /** How long a test may take. */
  readonly limitMs: number;
}
export interface Answer {
  readonly passed: number;
  /** The messages of each test that failed, and of the file if it did. */
  readonly failures: readonly (readonly string[])[];
  /** It could not be run at all. */
  readonly broken?: string;
}

const [root = ''] = process.argv.slice(2);
// what Vitest gives back holds the files of all runs: those of this one are what it reports
let ended: TestModule[] = [];
const reporter: Reporter = { onTestModuleEnd: (module) => void ended.push(module) };
const vitest = await createVitest({ root, run: true, watch: false, reporters: [reporter] });
const [project] = vitest.projects;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function answer({ env, file, test, limitMs }: Ask): Promise<Answer> {
  Object.assign(process.env, env);
  ended = [];
  project!.config.testTimeout = limitMs;
  project!.config.hookTimeout = 4 * limitMs;
  const options = test === '' ? undefined : { testNamePattern: new RegExp(escaped(test)) };
  await vitest.runTestSpecifications([project!.createSpecification(join(root, `test/unit/${file}.test.ts`), options)]);
  return {
    passed: ended.flatMap((module) => [...module.children.allTests('passed')]).length,
    failures: ended.flatMap(failuresOf),
  };
}

function failuresOf(module: TestModule): string[][] {
  const suites = [module, ...module.children.allSuites()].map((suite) => suite.errors());
  const tests = [...module.children.allTests('failed')].map((test) => test.result().errors ?? []);
  return [...suites, ...tests]
    .filter((errors) => errors.length > 0)
    .map((errors) => errors.map(({ message }) => message));
}

process.on('message', (ask: Ask) => {
  answer(ask).then(
    (said) => process.send!(said),
    (error: Error) => process.send!({ passed: 0, failures: [], broken: `${error.stack}` }),
  );
});
process.on('disconnect', () => void vitest.close().then(() => process.exit()));
process.send!('ready');
