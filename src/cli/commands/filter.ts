import type { Command } from 'commander';
import { type FilterView, filterAction } from '../../api/contract/filters.ts';
import { AppError } from '../../kernel/errors.ts';
import { shellWord } from '../../kernel/shell-word.ts';
import { all } from '../all.ts';
import type { Column } from '../output/table.ts';
import { bothTimes } from '../output/time.ts';
import { list, oneOf, requireChange, someOf, wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import { filterTestCommands } from './filter-test.ts';

const CLEARABLE = ['users', 'groups', 'assets', 'accounts', 'reviewers', 'comment'] as const;
type Does = (typeof filterAction.options)[number];

interface FilterFields {
  command?: string[];
  regex?: string;
  do?: Does;
  priority?: number;
  user?: string[];
  group?: string[];
  asset?: string[];
  account?: string[];
  reviewer?: string[];
  matchCase?: boolean;
  comment?: string;
  inactive?: boolean;
}

export function filterCommands(program: Command, { io, action }: Declare): void {
  const filter = program
    .command('filter')
    .summary('which commands are denied, warned about or reviewed')
    .description(
      'Which commands are denied, warned about or need approval. A guard against accidents that leaves evidence, not a sandbox: who may run a shell can get round it.',
    )
    .helpCommand(false);

  fields(filter.command('add').argument('<name>').summary('add a filter'))
    .addHelpText(
      'after',
      `
A filter that names nobody is for everybody, without assets for every asset.
Every command of a line is looked at (a; b, a | b, $(b), sudo b, …): for each the
first filter by priority decides, and the line takes the severest result.

Examples:
  bastion filter add danger --command 'rm -rf,mkfs,shutdown' --do deny
  bastion filter add reboots --command reboot --do review --reviewer carol --asset web1
  bastion filter add drops --regex 'drop +(table|database)' --do warn --priority 10`,
    )
    .action(
      action(async (run, options: FilterFields, name: string) => {
        if (options.command === undefined && options.regex === undefined)
          throw new AppError('usage', "Say which commands: --command rm,reboot or --regex 'drop +table'.");
        oneKind(options);
        if (options.do === undefined)
          throw new AppError('usage', 'Say what to do with them: --do deny, warn, review or allow.');
        const added = await (await run.client()).filters.add({ name, ...toBody(options), action: options.do });
        run.done(
          added,
          `Filter ${added.name} added. Try it: bastion filter test ${shellWord(added.name)} 'COMMAND LINE'`,
        );
      }),
    );

  filter
    .command('list')
    .summary('list filters by priority')
    .action(
      action(async (run) => {
        run.list(
          await all((await run.client()).filters.list, {}),
          columns,
          "There are no filters, so every command runs. Add one:\n  bastion filter add NAME --command 'rm -rf' --do deny",
        );
      }),
    );

  filter
    .command('show')
    .argument('<name>')
    .summary('show a filter')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).filters.show({ name });
        run.details(found, pairs(found, io.now()));
      }),
    );

  fields(filter.command('set').argument('<name>').summary('change a filter; running sessions obey within a second'))
    .description(
      'Change a filter; running sessions obey within a second. A list that is given replaces the one that was there; --command replaces --regex and the other way round.',
    )
    .addHelpText(
      'after',
      `
Examples:
  bastion filter set danger --command 'rm -rf,mkfs,shutdown,reboot'
  bastion filter set reboots --do warn --clear reviewers
  bastion filter set danger --inactive`,
    )
    .option('--rename <name>', 'new name')
    .option('--ignore-case', 'upper and lower case are the same')
    .option('--active', 'it counts')
    .option(
      '--clear <what>',
      `empty a list: ${CLEARABLE.join(', ')} (comma list). Without users and groups it is for everybody`,
      someOf(CLEARABLE),
    )
    .action(
      action(
        async (
          run,
          options: FilterFields & {
            rename?: string;
            ignoreCase?: boolean;
            active?: boolean;
            clear?: (typeof CLEARABLE)[number][];
          },
          name: string,
        ) => {
          requireChange(options);
          oneKind(options);
          const clear = new Set(options.clear);
          const changed = await (await run.client()).filters.set({
            name,
            rename: options.rename,
            ...toBody(options),
            action: options.do,
            matchCase: options.ignoreCase ? false : options.matchCase,
            active: options.inactive ? false : options.active,
            ...(clear.has('users') && { users: [] }),
            ...(clear.has('groups') && { groups: [] }),
            ...(clear.has('assets') && { assets: [] }),
            ...(clear.has('accounts') && { accounts: [] }),
            ...(clear.has('reviewers') && { reviewers: [] }),
            ...(clear.has('comment') && { comment: '' }),
          });
          run.done(changed, `Filter ${changed.name} changed.`);
        },
      ),
    );

  filter
    .command('remove')
    .argument('<name>')
    .summary('remove a filter')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).filters.remove({ name }), `Filter ${name} removed.`);
      }),
    );

  filterTestCommands(filter, action);
}

function oneKind({ command, regex }: FilterFields): void {
  if (command !== undefined && regex !== undefined)
    throw new AppError('usage', 'A filter has either words or an expression: give --command or --regex, not both.');
}

function toBody(options: FilterFields) {
  return {
    words: options.command,
    regex: options.regex,
    priority: options.priority,
    matchCase: options.matchCase,
    users: options.user,
    groups: options.group,
    assets: options.asset,
    accounts: options.account,
    reviewers: options.reviewer,
    comment: options.comment,
    active: options.inactive ? false : undefined,
  };
}

function fields(command: Command): Command {
  return command
    .option(
      '--command <command>',
      'these commands by name, with arguments where they matter: rm, "git push --force" (repeatable, comma list, as all lists here)',
      list,
    )
    .option('--regex <regex>', 'what this regular expression (RE2) finds, anywhere in the line or a command of it')
    .option(
      '--do <action>',
      'deny, warn (it runs, the user is told), review (it waits until somebody approves) or allow',
      oneOf(filterAction.options),
    )
    .option('--priority <number>', '1 to 100, the smaller is asked first (default: 50)', wholeNumber(1, 100))
    .option('--user <user>', 'for whom (default: everybody)', list)
    .option('--group <group>', 'for everybody in the group', list)
    .option('--asset <asset>', 'on what (default: every asset)', list)
    .option('--account <login>', 'as whom (default: every account)', list)
    .option('--reviewer <user>', 'with review: who may approve (default: every administrator)', list)
    .option('--match-case', 'upper and lower case are different')
    .option('--comment <text>', 'a note')
    .option('--inactive', 'it does not count for now');
}

const everyone = (row: FilterView) =>
  row.forAllUsers ? 'everybody' : [...row.users, ...row.groups.map((group) => `group ${group}`)].join(', ') || 'nobody';
const everything = (row: FilterView) => (row.forAllAssets ? 'every asset' : row.assets.join(', ') || 'nothing');
const minded = (row: FilterView) => (row.regex === null ? row.words.join(', ') : `/${row.regex}/`);

const columns: Column<FilterView>[] = [
  { title: 'NAME', value: (row) => row.name, flexible: true, least: 10 },
  { title: 'PRIORITY', value: (row) => String(row.priority), align: 'right' },
  { title: 'DOES', value: (row) => row.action },
  { title: 'COMMANDS', value: minded, flexible: true, least: 16 },
  { title: 'WHO', value: everyone, flexible: true },
  { title: 'WHAT', value: everything, flexible: true },
  { title: 'ACCOUNTS', value: (row) => row.accounts.join(', '), flexible: true, optional: true },
  { title: 'REVIEWERS', value: (row) => row.reviewers.join(', '), flexible: true, optional: true },
  { title: 'STATE', value: (row) => (row.active ? 'active' : 'inactive') },
];

function pairs(row: FilterView, now: number): [string, string][] {
  return [
    ['name', row.name],
    ['state', row.active ? 'active' : 'inactive'],
    ['does', row.action],
    ['commands', row.words.join(', ')],
    ['regex', row.regex ?? ''],
    ['case', row.matchCase ? 'matters' : 'does not matter'],
    ['priority', String(row.priority)],
    ['who', everyone(row)],
    ['what', everything(row)],
    ['accounts', row.accounts.join(', ') || 'every'],
    ['reviewers', row.action === 'review' ? row.reviewers.join(', ') || 'every administrator' : ''],
    ['comment', row.comment],
    ['added', bothTimes(row.createdAt, now)],
    ['id', row.id],
  ];
}
