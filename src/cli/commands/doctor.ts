import type { Command } from 'commander';
import { tableWidth } from '../output/table.ts';
import { cleanLines, wrap } from '../output/text.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';

/** Where the texts begin: behind state and name. */
const INDENT = ' '.repeat(21);
const LABEL = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

export function doctorCommand(program: Command, { action }: Declare): void {
  program
    .command('doctor')
    .summary('look at everything the bastion stands on, and say what to do')
    .description(
      'Look at everything the bastion stands on: configuration, files and who may read them, disk, database, master key, audit log, recordings, listeners, TLS, names, clock. Each line that is not ok says what to do. Changes nothing; works while the daemon runs, when it is stopped, and before its first start. Exits with 1 when something fails.',
    )
    .option('--deep', 'read all of the database, the audit log and the list of recordings, however long that takes')
    .action(
      action(async (run, options: { deep?: boolean }) => {
        const report = await run.backend.doctor({ ...run.place, deep: options.deep === true });
        const { version, data, daemon, checks } = report;
        const failing = checks.filter(({ state }) => state === 'fail').length;
        const warned = checks.filter(({ state }) => state === 'warn').length;
        if (failing > 0) run.exitCode = 1;
        if (run.json) return run.writeJson({ ok: failing === 0, ...report });
        const place = data === null ? '' : `, data in ${data}, daemon ${daemon}`;
        const width = tableWidth(run.io.stdout);
        const room = width === undefined ? undefined : width - INDENT.length;
        const lines = checks.flatMap(({ state, name, text, todo }) => {
          const [first, ...more] = [...wrap(text, room), ...(todo === null ? [] : wrap(todo, room))];
          return [`${LABEL[state]}  ${name.padEnd(15)}${first}`, ...more.map((line) => `${INDENT}${line}`)];
        });
        const end =
          failing + warned === 0
            ? 'Nothing is to be done.'
            : [failing > 0 && `${failing} to repair`, warned > 0 && `${count(warned, 'thing')} to look at`]
                .filter(Boolean)
                .join(', ')
                .concat('.');
        run.io.stdout.write(`${cleanLines([`bastion ${version}${place}`, '', ...lines, '', end].join('\n'))}\n`);
      }),
    );
}
