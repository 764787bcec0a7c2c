import type { Command } from 'commander';
import type { StatisticsView } from '../../api/contract/commands.ts';
import { bar } from '../output/bar.ts';
import { type Column, formatTable, tableWidth } from '../output/table.ts';
import { absoluteTime } from '../output/time.ts';
import { past, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';

type Counted = StatisticsView['days'][number];

const BAR = 24;
/** More days than this are told by month. */
const MOST_DAYS = 62;

export function statisticsCommands(program: Command, { io, action }: Declare): void {
  program
    .command('statistics')
    .summary('sessions and commands by day, user and asset')
    .option('--since <date>', 'from: 2026-12-31, 2026-12-31T18:00, or 7d, 12h back (default: 30d)', past('from', io))
    .option('--until <date>', 'to (default: now)', past('until', io))
    .option('--top <number>', 'so many users, assets and commands', wholeNumber(1), 10)
    .addHelpText('after', '\nDays are counted in UTC.')
    .action(
      action(async (run, options: { since?: string; until?: string; top: number }) => {
        const answer = await (await run.client()).statistics.show(options);
        if (run.json) return run.writeJson(answer);
        const total = sum('', answer.days);
        const span = `from ${absoluteTime(Date.parse(answer.since))} to ${absoluteTime(Date.parse(answer.until))}`;
        if (total.sessions + total.commands === 0) {
          io.stderr.write(`No session and no command ${span}.\n`);
          return;
        }
        const width = tableWidth(io.stdout);
        const parts = [
          `${count(total.sessions, 'session')}, ${count(total.commands, 'command')}, ${total.denied} denied, ${span}.\n`,
          formatTable(...days(answer.days), width),
          ...[counted('USER', answer.users), counted('ASSET', answer.assets)]
            .filter(([, rows]) => rows.length > 0)
            .map(([columns, rows]) => formatTable(columns, rows, width)),
          answer.topCommands.length === 0 ? '' : formatTable(topColumns(answer.topCommands), answer.topCommands, width),
          answer.deniedCommands.length === 0 ? '' : formatTable(deniedColumns, answer.deniedCommands, width),
        ];
        io.stdout.write(parts.filter((part) => part !== '').join('\n'));
      }),
    );
}

/** The days from the first on which something happened; the months, when they are many. */
function days(all: readonly Counted[]): [Column<Counted>[], Counted[]] {
  const first = all.findIndex((day) => day.sessions + day.commands > 0);
  const some = all.slice(Math.max(0, first));
  const byMonth = some.length > MOST_DAYS;
  const rows = byMonth
    ? [...Map.groupBy(some, (day) => day.name.slice(0, 7))].map(([month, of]) => sum(month, of))
    : some;
  return counted(byMonth ? 'MONTH' : 'DAY', rows);
}

function sum(name: string, rows: readonly Counted[]): Counted {
  return rows.reduce(
    (all, one) => ({
      name,
      sessions: all.sessions + one.sessions,
      commands: all.commands + one.commands,
      denied: all.denied + one.denied,
    }),
    { name, sessions: 0, commands: 0, denied: 0 },
  );
}

function counted(title: string, rows: readonly Counted[]): [Column<Counted>[], Counted[]] {
  const most = Math.max(...rows.map((row) => row.commands));
  const columns: Column<Counted>[] = [
    { title, value: (row) => row.name, flexible: true, least: 12 },
    { title: 'SESSIONS', value: (row) => String(row.sessions), align: 'right' },
    { title: 'COMMANDS', value: (row) => String(row.commands), align: 'right' },
    { title: 'DENIED', value: (row) => String(row.denied), align: 'right' },
    { title: '', value: (row) => bar(row.commands, most, BAR), optional: true },
  ];
  return [columns, [...rows]];
}

function topColumns(rows: StatisticsView['topCommands']): Column<StatisticsView['topCommands'][number]>[] {
  const most = Math.max(...rows.map((row) => row.count));
  return [
    { title: 'COMMAND', value: (row) => row.name, flexible: true, least: 12 },
    { title: 'TIMES', value: (row) => String(row.count), align: 'right' },
    { title: '', value: (row) => bar(row.count, most, BAR), optional: true },
  ];
}

const deniedColumns: Column<StatisticsView['deniedCommands'][number]>[] = [
  { title: 'DENIED COMMAND', value: (row) => row.line, flexible: true, least: 24 },
  { title: 'FILTER', value: (row) => row.filter, flexible: true },
  { title: 'TIMES', value: (row) => String(row.count), align: 'right' },
];
