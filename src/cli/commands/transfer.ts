import type { Command } from 'commander';
import type { TransferView } from '../../api/contract/commands.ts';
import { exportLines } from '../export.ts';
import type { Column } from '../output/table.ts';
import { byteSize, secondOf } from '../output/time.ts';
import { past, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect, withWholeSession } from '../sessions.ts';

interface Filters {
  user?: string;
  asset?: string;
  session?: string;
  text?: string;
  since?: string;
  until?: string;
}

export function transferCommands(program: Command, { io, action }: Declare): void {
  const transfer = program
    .command('transfer')
    .summary('files that went through sessions')
    .description('Files that went through sessions, with size, SHA-256 of the bytes that passed, and result.')
    .helpCommand(false);

  filters(transfer.command('list').summary('list transfers, newest first'), io)
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .action(
      action(async (run, options: Filters & { limit: number }) => {
        const client = await run.client();
        const { limit, ...chosen } = options;
        const query = await withWholeSession(client, chosen);
        const rows = await collect((page) => client.transfers.list({ ...query, ...page }), limit);
        const none = Object.keys(chosen).length === 0 ? 'No file was transferred yet.' : 'No transfer fits.';
        run.list(rows, columns(io.stdout.isTTY === true ? io.now() : undefined), none);
      }),
    );

  filters(transfer.command('export').summary('write transfers as JSON Lines, newest first'), io)
    .requiredOption('--to <file>', 'where to write them, "-" for standard output')
    .action(
      action(async (run, options: Filters & { to: string }) => {
        const client = await run.client();
        const { to, ...chosen } = options;
        const query = await withWholeSession(client, chosen);
        await exportLines(run, to, 'transfer', (stop) => client.transfers.export(query, stop));
      }),
    );
}

function filters(command: Command, io: Declare['io']): Command {
  return command
    .option('--user <user>', 'only of this user')
    .option('--asset <asset>', 'only to or from this asset')
    .option('--session <id>', 'only of this session')
    .option('--text <text>', 'only with this text in the path, whatever the case')
    .option('--since <date>', 'not before: 2026-12-31, 2026-12-31T18:00, or 7d, 12h back', past('from', io))
    .option('--until <date>', 'began before', past('until', io));
}

/** `now` for a terminal, where what is usual is left out. */
const columns = (now: number | undefined): Column<TransferView>[] => [
  { title: 'TIME', value: (row) => secondOf(row.startedAt, now) },
  { title: 'USER', value: (row) => row.user, flexible: true, optional: true },
  { title: 'ASSET', value: (row) => row.asset, flexible: true, optional: true },
  { title: 'ACCOUNT', value: (row) => row.account, flexible: true, optional: true },
  { title: 'WAY', value: (row) => `${row.direction}, ${row.method}`, flexible: true, least: 14 },
  { title: 'PATH', value: (row) => row.path, flexible: true, least: 16, cut: 'start' },
  { title: 'SIZE', value: (row) => (row.result === 'denied' ? '' : byteSize(row.bytes)), align: 'right' },
  { title: 'RESULT', value: resultOf, flexible: true },
  { title: 'SHA-256', value: (row) => row.sha256 ?? '', optional: true },
];

function resultOf({ result, partial, detail }: TransferView): string {
  return `${result}${partial ? ', partial' : ''}${detail === null ? '' : `: ${detail}`}`;
}
