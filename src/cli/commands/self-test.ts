import type { Command } from 'commander';
import { clean } from '../output/text.ts';
import type { Declare } from '../program.ts';

const NAME_WIDTH = 33;

export function selfTestCommand(program: Command, { action }: Declare): void {
  program
    .command('self-test')
    .summary('try on this machine everything the bastion stands on')
    .description(
      'Try on this machine what the bastion stands on: native parts, database, threads, pages, and an SSH login whose recording is read back. Works in a temporary directory of its own, below the one that --data names if it is given, and touches no other data.',
    )
    .action(
      action(async (run) => {
        const { version, checks } = run.backend.selfTest(run.place);
        const done = [];
        for await (const check of checks) {
          done.push(check);
          if (run.json) continue;
          const { name, ok, milliseconds, detail } = check;
          const time = `${milliseconds} ms`.padStart(8);
          run.io.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(NAME_WIDTH)}${time}  ${clean(detail)}\n`);
        }
        const failed = done.filter(({ ok }) => !ok).length;
        if (run.json) run.writeJson({ ok: failed === 0, version, checks: done });
        else if (failed === 0) run.io.stdout.write(`bastion ${version} works on this machine.\n`);
        else run.io.stderr.write(`bastion ${version} does not work on this machine.\n`);
        if (failed > 0) run.exitCode = 1;
      }),
    );
}
