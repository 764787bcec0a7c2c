import type { Command } from 'commander';
import type { ReviewView } from '../../api/contract/commands.ts';
import type { Column } from '../output/table.ts';
import { bothTimes, secondOf } from '../output/time.ts';
import { wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { collect, findReview, shortId } from '../sessions.ts';

const ID = 'id, or a beginning or end of it that only one has';

export function reviewCommands(program: Command, { io, action }: Declare): void {
  const review = program
    .command('review')
    .summary('commands that wait for approval')
    .description(
      'Commands that wait for approval. An approval lets the command run once; nobody decides about their own.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  bastion review list\n  bastion review approve 7k2m     the end of an id is enough',
    )
    .helpCommand(false);

  review
    .command('list')
    .summary('list commands that wait, newest first')
    .option('--all', 'also those that were decided')
    .option('--limit <number>', 'at most so many', wholeNumber(1), 50)
    .action(
      action(async (run, options: { all?: boolean; limit: number }) => {
        const client = await run.client();
        const state = options.all ? 'all' : 'pending';
        const rows = await collect((page) => client.reviews.list({ ...page, state }), options.limit);
        const short = io.stdout.isTTY === true;
        run.list(
          rows,
          columns(io.now(), short),
          options.all ? 'No command ever waited for approval.' : 'No command waits for approval.',
        );
        if (short && !run.json && rows.some((row) => row.state === 'pending'))
          io.stderr.write(
            `The whole command: ${run.commandLine('review show ID')}. To decide: review approve ID, review deny ID\n`,
          );
      }),
    );

  review
    .command('show')
    .argument('<id>', ID)
    .summary('show a command that waits, or waited')
    .action(
      action(async (run, _options, id: string) => {
        const found = await findReview(await run.client(), id);
        run.details(found, pairs(found, io.now()));
      }),
    );

  for (const [verb, summary, done] of [
    ['approve', 'let a waiting command run, once', 'Approved'],
    ['deny', 'refuse a waiting command; the user is told by whom', 'Refused'],
  ] as const) {
    review
      .command(verb)
      .argument('<id>', ID)
      .summary(summary)
      .action(
        action(async (run, _options, id: string) => {
          const client = await run.daemon();
          const { id: found } = await findReview(client, id);
          const settled = await client.reviews[verb]({ id: found });
          run.done(settled, `${done}: \`${settled.line}\` of ${title(settled)}.`);
        }),
      );
  }
}

const title = (row: ReviewView) => `${row.user} as ${row.account} on ${row.asset}`;

function state(row: ReviewView): string {
  return row.settledBy === null ? row.state : `${row.state} by ${row.settledBy}`;
}

function columns(now: number, short: boolean): Column<ReviewView>[] {
  return [
    { title: 'ID', value: (row) => (short ? shortId(row.id) : row.id) },
    {
      title: 'ASKED',
      value: (row) => (short ? secondOf(row.askedAt, now) : bothTimes(row.askedAt, now)),
      optional: true,
    },
    { title: 'USER', value: (row) => row.user, flexible: true },
    { title: 'ASSET', value: (row) => row.asset, flexible: true },
    { title: 'ACCOUNT', value: (row) => row.account, flexible: true, optional: true },
    { title: 'COMMAND', value: (row) => row.line, flexible: true, least: 24 },
    { title: 'STATE', value: (row) => (short && row.state === 'pending' ? '' : state(row)), flexible: true, least: 10 },
    { title: 'FILTER', value: (row) => row.filter, flexible: true, optional: true },
    { title: 'REVIEWERS', value: (row) => row.reviewers.join(', '), flexible: true, optional: true },
  ];
}

function pairs(row: ReviewView, now: number): [string, string][] {
  return [
    ['id', row.id],
    ['state', state(row)],
    ['command', row.line],
    ['user', row.user],
    ['asset', row.asset],
    ['account', row.account],
    ['filter', row.filter],
    ['reviewers', row.reviewers.join(', ')],
    ['asked', bothTimes(row.askedAt, now)],
    ['decided', bothTimes(row.settledAt, now)],
    ['session', row.session],
  ];
}
