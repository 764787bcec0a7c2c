import type { Command } from 'commander';
import { stringify } from 'yaml';
import { configExample, configKeys } from '../../config/reference.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';

export function systemCommands(program: Command, { action }: Declare): void {
  program
    .command('serve')
    .summary('run the daemon')
    .description(
      'Run the daemon. Needs no configuration; the first start makes the data directory and prints where it listens.',
    )
    .option('--demo', 'try it: own data in ./data-demo, loopback only, a demo user and a local shell as its target')
    .action(
      action(async (run, options: { demo?: boolean }) => {
        run.exitCode = await run.backend.serve({ ...run.place, demo: options.demo === true });
      }),
    );

  const config = program
    .command('config')
    .summary('the configuration')
    .description('The configuration.')
    .helpCommand(false);

  config
    .command('check')
    .summary('check the configuration')
    .action(
      action(async (run) => {
        const answer = await run.backend.checkConfig(run.place);
        run.done({ ok: true, ...answer }, `${answer.file ?? 'No configuration file; the defaults'}: ok`);
      }),
    );

  config
    .command('show')
    .summary('print the configuration that holds, defaults included')
    .action(
      action(async (run) => {
        const { file, values } = await run.backend.showConfig(run.place);
        if (run.json) return run.writeJson(values);
        run.io.stdout.write(`# ${file ?? 'no configuration file: defaults and environment'}\n${stringify(values)}`);
      }),
    );

  config
    .command('example')
    .summary('print a configuration file that holds every key with its default')
    .action(
      action(async (run) => {
        if (run.json) return run.writeJson(configKeys().map(({ path, ...rest }) => ({ key: path.join('.'), ...rest })));
        run.io.stdout.write(configExample());
      }),
    );

  const vault = program
    .command('vault')
    .summary('the secrets of accounts')
    .description('The vault that keeps the secrets of accounts.')
    .helpCommand(false);

  vault
    .command('rotate-key')
    .summary('make a new master key and seal every secret anew')
    .action(
      action(async (run) => {
        const answer = await (await run.client()).vault.rotateKey();
        run.done(
          answer,
          `There is a new master key; ${count(answer.resealed, 'secret')} sealed anew. Earlier backups still need the old key.`,
        );
      }),
    );
}
