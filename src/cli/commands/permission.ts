import type { Command } from 'commander';
import { action as actions, protocol as protocols } from '../../api/contract/common.ts';
import type { PermissionView } from '../../api/contract/permissions.ts';
import { AppError } from '../../kernel/errors.ts';
import { all } from '../all.ts';
import type { Column } from '../output/table.ts';
import { bothTimes } from '../output/time.ts';
import { type DateOption, date, labels, list, oneOf, requireChange, someOf } from '../parse.ts';
import type { Declare } from '../program.ts';

const CLEARABLE = ['users', 'groups', 'assets', 'folders', 'labels', 'protocols', 'forward-to', 'comment'] as const;
type Action = (typeof actions.options)[number];
type Protocol = (typeof protocols.options)[number];

const RECORDS = ['required', 'best-effort'] as const;
/** What a permission allows when it names no actions. */
const USUAL = actions.options.filter((one) => one !== 'forward' && one !== 'share');

interface PermissionFields {
  user?: string[];
  group?: string[];
  asset?: string[];
  folder?: string[];
  label?: string[];
  account?: string[];
  protocol?: Protocol[];
  action?: Action[];
  from?: DateOption;
  until?: DateOption;
  forwardTo?: string[];
  record?: (typeof RECORDS)[number];
  comment?: string;
  inactive?: boolean;
}

export function permissionCommands(program: Command, { io, action }: Declare): void {
  const permission = program
    .command('permission')
    .summary('who may use what, as which account')
    .description('Who may use what, as which account. Permissions add up; without one nothing is allowed.')
    .helpCommand(false);

  fields(permission.command('add').argument('<name>').summary('add a permission'), io)
    .addHelpText(
      'after',
      '\nExample:\n  bastion permission add ops --group ops --folder /prod --account root,@user --until +90d',
    )
    .action(
      action(async (run, options: PermissionFields, name: string) => {
        if (!options.account)
          throw new AppError(
            'usage',
            'Name the accounts: --account LOGIN, @all (every account), @user (named like the user) or @input (typed by the user).',
          );
        if (!options.user && !options.group) throw new AppError('usage', 'Name who may: --user or --group.');
        if (!options.asset && !options.folder && !options.label)
          throw new AppError('usage', 'Name what they may use: --asset, --folder or --label.');
        const added = await (await run.client()).permissions.add({
          name,
          ...toBody(options),
          accounts: options.account,
        });
        run.done(
          added,
          `Permission ${added.name} added.${idle(added)} See what it does: bastion access explain USER ASSET`,
        );
      }),
    );

  permission
    .command('list')
    .summary('list permissions')
    .action(
      action(async (run) => {
        run.list(
          await all((await run.client()).permissions.list, {}),
          columns(io.now()),
          'There are no permissions yet, so nobody may use anything. Add one:\n  bastion permission add NAME --user USER --asset ASSET --account LOGIN',
        );
      }),
    );

  permission
    .command('show')
    .argument('<name>')
    .summary('show a permission')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).permissions.show({ name });
        run.details(found, pairs(found, io.now()));
      }),
    );

  fields(permission.command('set').argument('<name>').summary('change a permission'), io)
    .description('Change a permission. A list that is given replaces the one that was there.')
    .option('--rename <name>', 'new name')
    .option('--active', 'it counts')
    .option('--clear <what>', `empty a list: ${CLEARABLE.join(', ')} (comma list)`, someOf(CLEARABLE))
    .action(
      action(
        async (
          run,
          options: PermissionFields & { rename?: string; active?: boolean; clear?: (typeof CLEARABLE)[number][] },
          name: string,
        ) => {
          requireChange(options);
          const clear = new Set(options.clear);
          const body = toBody(options);
          const changed = await (await run.client()).permissions.set({
            name,
            rename: options.rename,
            ...body,
            accounts: options.account,
            active: options.inactive ? false : options.active,
            ...(clear.has('users') && { users: [] }),
            ...(clear.has('groups') && { groups: [] }),
            ...(clear.has('assets') && { assets: [] }),
            ...(clear.has('folders') && { folders: [] }),
            ...(clear.has('labels') && { labels: [] }),
            ...(clear.has('protocols') && { protocols: [] }),
            ...(clear.has('forward-to') && { forwardTo: [] }),
            ...(clear.has('comment') && { comment: '' }),
          });
          run.done(changed, `Permission ${changed.name} changed.${idle(changed)}`);
        },
      ),
    );

  permission
    .command('remove')
    .argument('<name>')
    .summary('remove a permission; sessions that only it allows end')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).permissions.remove({ name }), `Permission ${name} removed.`);
      }),
    );
}

/** What is said of destinations that do nothing. */
function idle({ actions: allowed, forwardTo }: PermissionView): string {
  return forwardTo.length === 0 || allowed.includes('forward')
    ? ''
    : ' It forwards nothing: --forward-to counts only together with the action forward.';
}

function toBody(options: PermissionFields) {
  return {
    users: options.user,
    groups: options.group,
    assets: options.asset,
    folders: options.folder,
    labels: options.label,
    protocols: options.protocol,
    actions: options.action,
    from: options.from?.at,
    until: options.until?.at,
    forwardTo: options.forwardTo,
    record: options.record,
    comment: options.comment,
    active: options.inactive ? false : undefined,
  };
}

function fields(command: Command, io: Declare['io']): Command {
  return command
    .option('--user <user>', 'who (repeatable, comma list, as all lists here)', list)
    .option('--group <group>', 'who: everybody in the group', list)
    .option('--asset <asset>', 'what', list)
    .option('--folder <path>', 'what: everything in the folder and below', list)
    .option('--label <key=value>', 'what: everything with the label', labels)
    .option('--account <login>', 'as whom: logins, @all, @user or @input', list)
    .option('--protocol <protocol>', 'only with these protocols (default: every)', someOf(protocols.options))
    .option(
      '--action <action>',
      `${actions.options.join(', ')} (default: all but forward and share)`,
      someOf(actions.options),
    )
    .option('--from <date>', 'not before: 2026-12-31, 2026-12-31T18:00, +8h, none', date('from', io))
    .option('--until <date>', 'not after', date('until', io))
    .option(
      '--forward-to <host:port>',
      'with action forward, where to: db1:5432, *.lan:443, 10.0.*:*, [fd00::5]:22, sockets (/run/*), @asset (default: the asset itself)',
      list,
    )
    .option(
      '--record <policy>',
      'required (a session that cannot be recorded does not run) or best-effort',
      oneOf(RECORDS),
    )
    .option('--comment <text>', 'a note')
    .option('--inactive', 'it does not count for now');
}

const who = (row: PermissionView) =>
  [...row.users, ...row.groups.map((group) => `group ${group}`)].join(', ') || 'nobody';
const what = (row: PermissionView) => [...row.assets, ...row.folders, ...row.labels].join(', ') || 'nothing';

function actionsText(row: PermissionView): string {
  const usual = row.actions.length === USUAL.length && USUAL.every((one) => row.actions.includes(one));
  return usual ? 'usual' : row.actions.join(', ');
}

function state(row: PermissionView, now: number): string {
  if (!row.active) return 'inactive';
  if (row.until !== null && Date.parse(row.until) <= now) return 'expired';
  return row.from !== null && Date.parse(row.from) > now ? 'not yet' : 'active';
}

function columns(now: number): Column<PermissionView>[] {
  return [
    { title: 'NAME', value: (row) => row.name, flexible: true },
    { title: 'WHO', value: who, flexible: true },
    { title: 'WHAT', value: what, flexible: true },
    { title: 'ACCOUNTS', value: (row) => row.accounts.join(', '), flexible: true },
    { title: 'PROTOCOLS', value: (row) => row.protocols.join(', '), flexible: true },
    { title: 'ACTIONS', value: actionsText, flexible: true },
    { title: 'STATE', value: (row) => state(row, now) },
    { title: 'UNTIL', value: (row) => bothTimes(row.until, now) },
  ];
}

function pairs(row: PermissionView, now: number): [string, string][] {
  return [
    ['name', row.name],
    ['state', state(row, now)],
    ['users', row.users.join(', ')],
    ['groups', row.groups.join(', ')],
    ['assets', row.assets.join(', ')],
    ['folders', row.folders.join(', ')],
    ['labels', row.labels.join(', ')],
    ['accounts', row.accounts.join(', ')],
    ['protocols', row.protocols.join(', ') || 'every'],
    ['actions', row.actions.join(', ')],
    ['from', bothTimes(row.from, now)],
    ['until', bothTimes(row.until, now)],
    ['forward to', row.forwardTo.join(', ') || (row.actions.includes('forward') ? 'the asset itself' : '')],
    ['recording', row.record],
    ['comment', row.comment],
    ['added', bothTimes(row.createdAt, now)],
    ['id', row.id],
  ];
}
