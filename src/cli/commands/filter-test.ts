import type { Command } from 'commander';
import type { FilterVerdict } from '../../api/contract/filters.ts';
import { type Column, formatTable, tableWidth } from '../output/table.ts';
import { clean } from '../output/text.ts';
import type { Declare } from '../program.ts';
import type { Run } from '../run.ts';

type Does = FilterVerdict['action'];

/** What filters would do with a command line, without running anything. */
export function filterTestCommands(filter: Command, action: Declare['action']): void {
  filter
    .command('test')
    .argument('<name>')
    .argument('<line>', 'a command line in quotes')
    .summary('say what a filter would do with a command line')
    .description('Say what a filter alone would do with a command line, whoever types it. Nothing is run.')
    .addHelpText('after', "\nExample:\n  bastion filter test danger 'cd /tmp && sudo rm -r -f x'")
    .action(
      action(async (run, _options, name: string, line: string) => {
        const client = await run.client();
        const verdict = await client.filters.test({ name, line });
        if (run.json) return run.writeJson(verdict);
        const { name: known, active } = await client.filters.show({ name });
        tell(run, verdict, `The filter "${known}" does not mind it.`);
        if (!active) run.io.stdout.write(`${clean(`The filter "${known}" is inactive: for now it does nothing.`)}\n`);
      }),
    );

  filter
    .command('explain')
    .argument('<user>')
    .argument('<asset>')
    .argument('<account>')
    .argument('<line>', 'a command line in quotes')
    .summary('say what becomes of a command line of this user there')
    .description(
      'Say what all filters together would do with a command line of this user on this account. Nothing is run.',
    )
    .addHelpText('after', "\nExample:\n  bastion filter explain alice web1 root 'reboot'")
    .action(
      action(async (run, _options, user: string, asset: string, account: string, line: string) => {
        const answer = await (await run.client()).filters.explain({ user, asset, account, line });
        if (run.json) return run.writeJson(answer);
        tell(run, answer, 'No filter minds it.');
        const asked = answer.filters.length === 0 ? 'none' : answer.filters.join(', ');
        run.io.stdout.write(
          `${clean(`Filters for ${user} as ${account} on ${asset}, in the order they are asked: ${asked}`)}\n`,
        );
      }),
    );
}

const RULINGS: Readonly<Record<Does, string>> = {
  deny: 'denied',
  review: 'needs approval',
  warn: 'runs, with a warning',
  allow: 'runs',
};

function tell(run: Run, verdict: FilterVerdict, unminded: string): void {
  const { stdout } = run.io;
  stdout.write(`${clean(sentence(verdict, unminded))}\n`);
  if (verdict.unread !== null) stdout.write(`${clean(`The line could not be taken apart: ${verdict.unread}.`)}\n`);
  if (verdict.continues) stdout.write('The line is not finished: what is typed next belongs to it.\n');
  const [first, second] = verdict.commands;
  const plain = first?.text === verdict.line && first.undecided.length === 0;
  if (second || (first && !plain)) stdout.write(`\n${formatTable(PARTS, verdict.commands, tableWidth(stdout))}`);
}

function sentence({ action, filter, command, reviewers }: FilterVerdict, unminded: string): string {
  if (filter === null) return `Runs. ${unminded}`;
  const by = `the filter "${filter}"`;
  switch (action) {
    case 'deny':
      return `Denied: ${by} forbids \`${command}\`.`;
    case 'review':
      return `Waits for approval by ${reviewers.join(' or ') || 'an administrator'}: ${by} reviews \`${command}\`.`;
    case 'warn':
      return `Runs, with a warning: ${by} warns about \`${command}\`.`;
    case 'allow':
      return `Runs: ${by} allows \`${command}\`.`;
  }
}

const PARTS: Column<FilterVerdict['commands'][number]>[] = [
  { title: 'COMMAND', value: (part) => part.text, flexible: true },
  { title: 'IN', value: (part) => part.via.join(', '), flexible: true },
  { title: 'RULING', value: (part) => RULINGS[part.action] },
  { title: 'FILTER', value: (part) => part.filter ?? '', flexible: true },
  { title: 'CANNOT TELL', value: (part) => part.undecided.join(', '), flexible: true },
];
