import type { Command } from 'commander';
import type { ReviewView } from '../../api/contract/commands.ts';
import type { Column } from '../output/table.ts';
import { absoluteTime, bothTimes } from '../output/time.ts';
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
        run.list(
          rows,
          columns(io.now(), io.stdout.isTTY === true),
          options.all ? 'No command ever waited for approval.' : 'No command waits for approval.',
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
      value: (row) => (short ? absoluteTime(Date.parse(row.askedAt)) : bothTimes(row.askedAt, now)),
    },
    { title: 'USER', value: (row) => row.user, flexible: true },
    { title: 'ASSET', value: (row) => row.asset, flexible: true },
    { title: 'ACCOUNT', value: (row) => row.account, flexible: true },
    { title: 'COMMAND', value: (row) => row.line, flexible: true },
    { title: 'FILTER', value: (row) => row.filter, flexible: true, optional: true },
    { title: 'REVIEWERS', value: (row) => row.reviewers.join(', '), flexible: true, optional: true },
    { title: 'STATE', value: state, flexible: true },
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
