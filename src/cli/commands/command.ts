import type { Command } from 'commander';
import type { CommandView } from '../../api/contract/commands.ts';
import { exportLines } from '../export.ts';
import type { Column } from '../output/table.ts';
import { secondOf } from '../output/time.ts';
import { oneOf, past, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect, shortId, withWholeSession } from '../sessions.ts';

const VERDICTS = ['pass', 'warn', 'deny', 'approved', 'refused', 'cancelled'] as const;

interface Filters {
  user?: string;
  asset?: string;
  account?: string;
  session?: string;
  verdict?: (typeof VERDICTS)[number];
  text?: string;
  since?: string;
  until?: string;
}

export function commandCommands(program: Command, { io, action }: Declare): void {
  const command = program
    .command('command')
    .summary('what was run')
    .description('What was run: every command with how it is known, what the filters said, and where to see it.')
    .helpCommand(false);

  filters(command.command('list').summary('list commands, newest first'), io)
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .addHelpText(
      'after',
      `
HOW a command is known: exact (the request itself), screen (as it stood on the
terminal), typed (as the keys came), unparsed (something ran, the line is not
known). REPLAY is what "bastion session replay" takes to show it.

Examples:
  bastion command list --user alice --since 7d --text 'rm -rf'
  bastion command list --verdict deny`,
    )
    .action(
      action(async (run, options: Filters & { limit: number }) => {
        const client = await run.client();
        const { limit, ...chosen } = options;
        const query = await withWholeSession(client, chosen);
        const rows = await collect((page) => client.commands.list({ ...query, ...page }), limit);
        const none = Object.keys(chosen).length === 0 ? 'No command was run yet.' : 'No command fits.';
        const short = io.stdout.isTTY === true;
        run.list(rows, columns(io.now(), short), none);
        if (short && !run.json && rows.length > 0)
          io.stderr.write(`See one: ${run.commandLine('session replay REPLAY')}\n`);
      }),
    );

  filters(command.command('export').summary('write commands as JSON Lines, newest first'), io)
    .requiredOption('--to <file>', 'where to write them, "-" for standard output')
    .action(
      action(async (run, options: Filters & { to: string }) => {
        const client = await run.client();
        const { to, ...chosen } = options;
        const query = await withWholeSession(client, chosen);
        await exportLines(run, to, 'command', (stop) => client.commands.export(query, stop));
      }),
    );
}

function filters(command: Command, io: Declare['io']): Command {
  return command
    .option('--user <user>', 'only of this user')
    .option('--asset <asset>', 'only on this asset')
    .option('--account <login>', 'only as this account')
    .option('--session <id>', 'only of this session')
    .option('--verdict <verdict>', `only with this verdict: ${VERDICTS.join(', ')}`, oneOf(VERDICTS))
    .option('--text <text>', 'only with this text in the line, whatever the case')
    .option('--since <date>', 'not before: 2026-12-31, 2026-12-31T18:00, or 7d, 12h back', past('from', io))
    .option('--until <date>', 'not after', past('until', io));
}

const TOLD = { exec: '', shell: '', stdin: ' (stdin)', multiplexer: ' (multiplexer)', program: ' (program)' } as const;

function ruling(row: CommandView): string {
  if (row.reviewer !== null) return `${row.verdict} by ${row.reviewer}`;
  return row.filter === null || row.verdict === 'pass' ? row.verdict : `${row.verdict} (${row.filter})`;
}

/** `short` for a terminal: what is usual is left out, so that the command finds room. */
function columns(now: number, short: boolean): Column<CommandView>[] {
  return [
    { title: 'TIME', value: (row) => secondOf(row.at, short ? now : undefined) },
    { title: 'USER', value: (row) => row.user, flexible: true, optional: true },
    { title: 'ASSET', value: (row) => row.asset, flexible: true, optional: true },
    { title: 'ACCOUNT', value: (row) => row.account, flexible: true, optional: true },
    { title: 'COMMAND', value: (row) => row.line, flexible: true, least: 20 },
    {
      title: 'VERDICT',
      value: (row) => (short && row.verdict === 'pass' ? '' : ruling(row)),
      flexible: true,
      least: 8,
    },
    { title: 'HOW', value: (row) => `${row.confidence}${TOLD[row.context]}`, flexible: true, optional: true },
    {
      title: 'REPLAY',
      value: (row) => `${short ? shortId(row.session) : row.session} --at ${Math.floor(row.seconds)}`,
    },
    {
      title: 'EXIT',
      value: (row) => (row.exitCode === null ? '' : String(row.exitCode)),
      align: 'right',
      optional: true,
    },
  ];
}
