import type { Command } from 'commander';
import type { AuditView } from '../../api/contract/audit.ts';
import { exportText } from '../export.ts';
import type { Column } from '../output/table.ts';
import { byteSize, secondOf } from '../output/time.ts';
import { oneOf, past, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect } from '../sessions.ts';
import { auditVerifyCommand } from './audit-verify.ts';

interface ListOptions {
  readonly action?: string;
  readonly actor?: string;
  readonly target?: string;
  readonly outcome?: AuditView['outcome'];
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

export function auditCommands(program: Command, declare: Declare): void {
  const { io, action } = declare;
  const audit = program
    .command('audit')
    .summary('who did what')
    .description('Who did what: logins, decisions, changes, sessions.')
    .helpCommand(false);

  audit
    .command('list')
    .summary('list audit rows, newest first')
    .option('--action <action>', 'only this action, such as login or user.create')
    .option('--actor <name>', 'only what this person did')
    .option('--target <name>', 'only what was done to this')
    .option('--outcome <outcome>', 'only ok, denied or failed', oneOf(['ok', 'denied', 'failed'] as const))
    .option('--since <date>', 'only from then on: a date, or 7d, 12h back', past('from', io))
    .option('--until <date>', 'only up to then', past('until', io))
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .action(
      action(async (run, { limit, ...filter }: ListOptions) => {
        const client = await run.client();
        const rows = await collect((page) => client.audit.list({ ...filter, ...page }), limit);
        run.list(rows, columns(io.stdout.isTTY === true ? io.now() : undefined), 'Nothing is written there.');
      }),
    );

  auditVerifyCommand(audit, declare);

  audit
    .command('head')
    .summary('print the signed end of the log, to be kept elsewhere')
    .description(
      'Print the signed end of the log. Kept on another machine, it shows later whether the log up to here was rewritten or cut: bastion audit verify --head FILE',
    )
    .option('--to <file>', 'write it to this file')
    .action(
      action(async (run, options: { to?: string }) => {
        const head = await (await run.client()).audit.head();
        if (options.to === undefined) {
          run.io.stdout.write(`${JSON.stringify(head)}\n`);
          return;
        }
        await exportText(io, options.to, async function* () {
          yield `${JSON.stringify(head)}\n`;
        });
        if (options.to !== '-')
          run.done({ file: options.to, ...head }, `${options.to}: row ${head.seq} of ${head.chain}`);
      }),
    );

  audit
    .command('export')
    .summary('write the log as JSON Lines that verify by themselves')
    .description(
      'Write the log as JSON Lines with its hashes and signed head. Verify it anywhere: bastion audit verify --file FILE',
    )
    .requiredOption('--to <file>', 'where to write it, "-" for standard output')
    .option('--since <date>', 'only rows from then on: a date, or 7d, 12h back', past('from', io))
    .action(
      action(async (run, options: { to: string; since?: string }) => {
        const client = await run.client();
        const { to, since } = options;
        const bytes = await exportText(io, to, (stop) => client.audit.export({ since }, stop));
        if (to !== '-')
          run.done(
            { file: to, bytes },
            `${to}: ${byteSize(bytes)}. Verify it anywhere: bastion audit verify --file ${to}`,
          );
      }),
    );
}

/** `now` for a terminal, where what is usual is left out. */
const columns = (now: number | undefined): Column<AuditView>[] => [
  { title: 'SEQ', value: (row) => String(row.seq), align: 'right', optional: true },
  { title: 'TIME', value: (row) => secondOf(row.at, now) },
  { title: 'WHO', value: (row) => row.actor.name, flexible: true },
  { title: 'FROM', value: (row) => row.actor.ip ?? row.actor.via, optional: 'first' },
  { title: 'ACTION', value: (row) => row.action },
  { title: 'OUTCOME', value: (row) => row.outcome },
  {
    title: 'TARGET',
    value: (row) => (row.target ? `${row.target.kind} ${row.target.name}` : ''),
    flexible: true,
    least: 12,
  },
  { title: 'REASON', value: (row) => row.reason ?? '', flexible: true, least: 12 },
];
