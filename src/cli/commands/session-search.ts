import type { Command } from 'commander';
import type { OutputHitView } from '../../api/contract/search.ts';
import { type Column, tableWidth } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { secondOf } from '../output/time.ts';
import { past, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect, shortId } from '../sessions.ts';

/** This part of the width stands before what was found, so that a narrow terminal still shows it. */
const BEFORE = 1 / 7;

interface Options {
  readonly user?: string;
  readonly asset?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** `session search TEXT`. */
export function searchCommand(session: Command, { io, action }: Declare): void {
  session
    .command('search')
    .argument('<text>', 'what was shown, whatever the case')
    .summary('search what sessions showed, those that ended last first')
    .description('Search the output of recorded sessions, those that ended last first. Each search is audited.')
    .option('--user <user>', 'only of this user')
    .option('--asset <asset>', 'only on this asset')
    .option('--since <date>', 'not before: 2026-12-31, 2026-12-31T18:00, or 7d, 12h back', past('from', io))
    .option('--until <date>', 'not after', past('until', io))
    .option('--limit <number>', 'at most so many lines', wholeNumber(1), 20)
    .addHelpText(
      'after',
      `
The text is found anywhere in a line; several spaces count as one. Sessions that
still run are not searched, and of very long ones the first 64 MiB of text are.
REPLAY is what "bastion session replay" takes to show the line come.

Examples:
  bastion session search 'permission denied' --user alice --since 7d
  bastion session search 磁盘 --asset web1`,
    )
    .action(
      action(async (run, { limit, ...filter }: Options, text: string) => {
        const client = await run.client();
        const hits = await collect((page) => client.search.output({ text, ...filter, ...page }), limit);
        const width = tableWidth(io.stdout);
        run.list(hits, columns(io.now(), width), 'No recorded session showed this.');
        const first = hits[0];
        if (first && width !== undefined && !run.json)
          io.stderr.write(`See the first: ${run.commandLine(`session ${replay(first, true)}`)}\n`);
      }),
    );
}

function columns(now: number, width: number | undefined): Column<OutputHitView>[] {
  const short = width !== undefined;
  return [
    { title: 'TIME', value: ({ at }) => secondOf(at, short ? now : undefined) },
    { title: 'USER', value: ({ user }) => user, flexible: true },
    { title: 'ASSET', value: ({ asset }) => asset, flexible: true, optional: true },
    { title: 'ACCOUNT', value: ({ account }) => account, flexible: true, optional: true },
    { title: 'REPLAY', value: (hit) => replay(hit, short).slice('replay '.length) },
    {
      title: 'LINE',
      value: (hit) => `${before(hit, width)}${clean(hit.match)}${hit.after}`,
      flexible: true,
      least: 28,
      emphasis: (hit) => [before(hit, width).length, before(hit, width).length + clean(hit.match).length],
    },
  ];
}

function replay({ session, seconds }: OutputHitView, short: boolean): string {
  return `replay ${short ? shortId(session) : session} --at ${seconds}`;
}

function before(hit: OutputHitView, width: number | undefined): string {
  const text = clean(hit.before);
  const room = width === undefined ? text.length : Math.floor(width * BEFORE);
  return text.length > room ? `…${text.slice(-room).toWellFormed()}` : text;
}
