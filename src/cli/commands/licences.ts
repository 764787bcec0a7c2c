import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { inside } from '../../kernel/inside.ts';
import type { Declare } from '../program.ts';

export function licencesCommand(program: Command, { action }: Declare): void {
  program
    .command('licences')
    .alias('licenses')
    .summary('print what this is made of, and under which licences')
    .action(
      action(async (run) => {
        run.io.stdout.write(readFileSync(inside('THIRD-PARTY-LICENSES.txt')));
      }),
    );
}
