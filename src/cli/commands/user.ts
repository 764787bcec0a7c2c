import type { Command } from 'commander';
import { role } from '../../api/contract/common.ts';
import type { LinkView, UserView } from '../../api/contract/users.ts';
import { all } from '../all.ts';
import type { Column } from '../output/table.ts';
import { bothTimes } from '../output/time.ts';
import { type DateOption, date, list, oneOf, requireChange, someOf } from '../parse.ts';
import type { Declare } from '../program.ts';
import type { Run } from '../run.ts';
import { readPublicKeys, secretsFromStdin } from '../secrets.ts';
import { credentialCommands } from './credentials.ts';

interface UserFields {
  role?: (typeof role.options)[number];
  displayName?: string;
  email?: string;
  comment?: string;
  until?: DateOption;
  passwordStdin?: boolean;
}

const NEW_PASSWORD = [{ name: 'Password', fresh: true }];

export function userCommands(program: Command, { io, action }: Declare): void {
  const user = program
    .command('user')
    .summary('people who log in')
    .description('People who log in.')
    .helpCommand(false);

  fields(user.command('add').argument('<name>').summary('add a user'), io)
    .description('Add a user. Without password and key, a one-time invite is printed.')
    .option('--group <group>', 'group the user is in (repeatable, comma list)', list)
    .option('--key-file <file>', 'public key or authorized_keys file, "-" for standard input (repeatable)', list)
    .action(
      action(async (run, options: UserFields & { group?: string[]; keyFile?: string[] }, name: string) => {
        const keys: string[] = [];
        for (const file of options.keyFile ?? []) keys.push(...(await readPublicKeys(io, file)));
        const [password] = await secretsFromStdin(io, options.passwordStdin ? NEW_PASSWORD : []);
        const client = await run.client();
        const answer = await client.users.add({
          name,
          role: options.role,
          displayName: options.displayName,
          email: options.email,
          comment: options.comment,
          groups: options.group,
          validUntil: options.until?.at,
          password: password?.exposeText(),
          keys,
        });
        const sentence = `User ${answer.user.name} added.`;
        run.done(
          { ...answer.user, invite: answer.invite },
          answer.invite ? `${sentence} There is no way to log in yet.\n${inviteText(answer.invite, run)}` : sentence,
        );
      }),
    );

  user
    .command('list')
    .summary('list users')
    .action(
      action(async (run) => {
        const users = await all((await run.client()).users.list, {});
        run.list(
          users,
          columns(io.now()),
          'There are no users yet. Add one: bastion user add NAME --key-file FILE.pub',
        );
      }),
    );

  user
    .command('show')
    .argument('<name>')
    .summary('show a user with keys and groups')
    .action(
      action(async (run, _options, name: string) => {
        const found = await (await run.client()).users.show({ name });
        const now = io.now();
        run.details(found, [
          ...userPairs(found, now),
          ['recovery codes left', found.totpEnabled ? String(found.recoveryCodesLeft) : ''],
          ...found.keys.map(
            (key) => ['key', [key.fingerprint, key.type, key.comment, key.options].filter(Boolean).join(' ')] as const,
          ),
        ]);
      }),
    );

  fields(user.command('set').argument('<name>').summary('change a user'), io)
    .description('Change a user. For groups see "bastion group join".')
    .option('--rename <name>', 'new name')
    .option('--clear <what>', 'take away: password, email, comment, display-name (comma list)', someOf(CLEARABLE))
    .action(
      action(
        async (run, options: UserFields & { rename?: string; clear?: (typeof CLEARABLE)[number][] }, name: string) => {
          requireChange(options);
          const clear = new Set(options.clear);
          const [password] = await secretsFromStdin(io, options.passwordStdin ? NEW_PASSWORD : []);
          const changed = await (await run.client()).users.set({
            name,
            rename: options.rename,
            role: options.role,
            displayName: clear.has('display-name') ? '' : options.displayName,
            email: clear.has('email') ? '' : options.email,
            comment: clear.has('comment') ? '' : options.comment,
            validUntil: options.until?.at,
            password: clear.has('password') ? null : password?.exposeText(),
          });
          run.done(changed, `User ${changed.name} changed.`);
        },
      ),
    );

  user
    .command('disable')
    .argument('<name>')
    .summary('disable a user and end everything they have open')
    .action(
      action(async (run, _options, name: string) => {
        const changed = await (await run.client()).users.disable({ name });
        run.done(changed, `User ${changed.name} is disabled; everything they had open ends.`);
      }),
    );

  user
    .command('enable')
    .argument('<name>')
    .summary('enable a disabled user')
    .action(
      action(async (run, _options, name: string) => {
        const changed = await (await run.client()).users.enable({ name });
        run.done(changed, `User ${changed.name} is enabled.`);
      }),
    );

  user
    .command('remove')
    .argument('<name>')
    .summary('remove a user; sessions and audit stay')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).users.remove({ name }), `User ${name} removed.`);
      }),
    );

  user
    .command('invite')
    .argument('<name>')
    .summary('make a new one-time invite; earlier ones stop working')
    .action(
      action(async (run, _options, name: string) => {
        const link = await (await run.client()).users.invite({ name });
        run.done(link, inviteText(link, run));
      }),
    );

  credentialCommands(user, { io, action });
}

const CLEARABLE = ['password', 'email', 'comment', 'display-name'] as const;

function fields(command: Command, io: Declare['io']): Command {
  return command
    .option('--role <role>', role.options.join(', '), oneOf(role.options))
    .option('--display-name <text>', 'name for people to read')
    .option('--email <address>', 'mail address')
    .option('--comment <text>', 'a note')
    .option('--until <date>', 'last day or moment the user may log in: 2026-12-31, +30d, none', date('until', io))
    .option('--password-stdin', 'read the password from standard input; on a terminal it is asked for');
}

function inviteText(link: LinkView, run: Run): string {
  const command = run.commandLine(`user accept-invite ${link.token}`);
  const ways = link.url === null ? `  ${command}` : `  ${link.url}\nor, on this machine:\n  ${command}`;
  return `One-time invite, until ${bothTimes(link.expiresAt, run.io.now())}:\n${ways}`;
}

function userState(user: UserView, now: number): string {
  if (user.disabled) return 'disabled';
  return user.validUntil !== null && Date.parse(user.validUntil) <= now ? 'expired' : 'active';
}

const factors = (user: UserView) =>
  [user.keyCount > 0 ? 'key' : '', user.hasPassword ? 'password' : '', user.totpEnabled ? 'totp' : '']
    .filter(Boolean)
    .join(', ') || 'none';

function columns(now: number): Column<UserView>[] {
  return [
    { title: 'NAME', value: (user) => user.name },
    { title: 'DISPLAY NAME', value: (user) => user.displayName, flexible: true },
    { title: 'ROLE', value: (user) => user.role },
    { title: 'STATE', value: (user) => userState(user, now) },
    { title: 'FACTORS', value: factors },
    { title: 'GROUPS', value: (user) => user.groups.join(', '), flexible: true },
    { title: 'UNTIL', value: (user) => bothTimes(user.validUntil, now), optional: true },
    { title: 'LAST LOGIN', value: (user) => bothTimes(user.lastLoginAt, now, 'never'), optional: true },
  ];
}

function userPairs(user: UserView, now: number): [string, string][] {
  return [
    ['name', user.name],
    ['display name', user.displayName],
    ['email', user.email],
    ['role', user.role],
    ['state', userState(user, now)],
    ['factors', factors(user)],
    ['groups', user.groups.join(', ')],
    ['valid until', bothTimes(user.validUntil, now)],
    ['last login', bothTimes(user.lastLoginAt, now, 'never')],
    ['added', bothTimes(user.createdAt, now)],
    ['comment', user.comment],
    ['id', user.id],
  ];
}
