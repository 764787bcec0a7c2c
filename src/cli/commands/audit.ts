import type { Command } from 'commander';
import type { AuditView } from '../../api/contract/audit.ts';
import type { Column } from '../output/table.ts';
import { absoluteTime } from '../output/time.ts';
import { wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect } from '../sessions.ts';

export function auditCommands(program: Command, { action }: Declare): void {
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
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .action(
      action(async (run, options: { action?: string; actor?: string; target?: string; limit: number }) => {
        const client = await run.client();
        const { limit, ...filter } = options;
        const rows = await collect((page) => client.audit.list({ ...filter, ...page }), limit);
        run.list(rows, columns, 'Nothing is written there.');
      }),
    );
}

const columns: Column<AuditView>[] = [
  { title: 'TIME', value: (row) => absoluteTime(Date.parse(row.at), true) },
  { title: 'WHO', value: (row) => row.actor.name, flexible: true },
  { title: 'FROM', value: (row) => row.actor.ip ?? row.actor.via },
  { title: 'ACTION', value: (row) => row.action },
  { title: 'OUTCOME', value: (row) => row.outcome },
  { title: 'TARGET', value: (row) => (row.target ? `${row.target.kind} ${row.target.name}` : ''), flexible: true },
  { title: 'REASON', value: (row) => row.reason ?? '', flexible: true },
];
