import { basename } from 'node:path';
import { Argument, type Command } from 'commander';
import { AppError } from '../../kernel/errors.ts';
import { all } from '../all.ts';
import { bothTimes } from '../output/time.ts';
import { type DateOption, date } from '../parse.ts';
import type { Declare } from '../program.ts';
import { count } from '../run.ts';
import { readPublicKeys } from '../secrets.ts';

/** Whom and what the bastion believes, apart from users: certificate authorities, API tokens, and who is locked out. */
export function trustCommands(program: Command, declare: Declare): void {
  tokenCommands(program, declare);
  caCommands(program, declare);
  lockoutCommands(program, declare);
}

function tokenCommands(program: Command, { io, action }: Declare): void {
  const token = program
    .command('token')
    .summary('API tokens')
    .description('API tokens: a program calls the REST API as a user.')
    .helpCommand(false);

  token
    .command('add')
    .argument('<user>')
    .summary('make an API token, shown once')
    .option('--name <name>', 'what the token is for')
    .option('--until <date>', 'when it ends: 2026-12-31, +90d, none', date('until', io))
    .action(
      action(async (run, options: { name?: string; until?: DateOption }, user: string) => {
        const answer = await (await run.client()).tokens.add({
          user,
          name: options.name,
          expiresAt: options.until?.at,
        });
        // id first: that is what "token remove" takes
        run.done(
          { ...answer.token, secret: answer.secret },
          `Token ${answer.token.id} for ${answer.token.user}. It is not shown again:\n${answer.secret}`,
        );
      }),
    );

  token
    .command('list')
    .summary('list API tokens')
    .action(
      action(async (run) => {
        const now = io.now();
        run.list(
          await all((await run.client()).tokens.list, {}),
          [
            { title: 'ID', value: (row) => row.id },
            { title: 'USER', value: (row) => row.user },
            { title: 'NAME', value: (row) => row.name, flexible: true },
            { title: 'UNTIL', value: (row) => bothTimes(row.expiresAt, now) },
            { title: 'LAST USED', value: (row) => bothTimes(row.lastUsedAt, now, 'never'), optional: true },
          ],
          'There are no API tokens yet. Make one: bastion token add USER',
        );
      }),
    );

  token
    .command('remove')
    .argument('<id>', 'id of the token, or its name where only one has it')
    .summary('remove an API token')
    .action(
      action(async (run, _options, id: string) => {
        run.done(await (await run.client()).tokens.remove({ id }), `Token ${id} removed.`);
      }),
    );
}

interface OwnAuthority {
  readonly fingerprint: string;
  readonly publicKey: string;
}

/** Both files take comments, so what is printed can be saved as it is. */
const HOW_TO_USE: Readonly<Record<'host' | 'user', (own: OwnAuthority) => string>> = {
  host: ({ fingerprint, publicKey }) =>
    `# The bastion's host authority, ${fingerprint}
# It signs for the machines people reach through the bastion with ssh -J. This line goes into the known_hosts of people.
@cert-authority * ${publicKey}`,
  user: ({ fingerprint, publicKey }) =>
    `# The bastion's user authority, ${fingerprint}
# It signs the certificates with which accounts of kind --certificate enter. On each such target save this line as
# /etc/ssh/bastion-user-ca.pub, and in sshd_config name it: TrustedUserCAKeys /etc/ssh/bastion-user-ca.pub
${publicKey}`,
};

function caCommands(program: Command, { io, action }: Declare): void {
  const ca = program
    .command('ca')
    .summary('certificate authorities: whom the bastion trusts, and its own')
    .description(
      'Authorities of OpenSSH certificates: those whose certificates log in to the bastion (add, list, remove), and its own two (show).',
    )
    .helpCommand(false);

  ca.command('add')
    .argument('<name>')
    .summary('let certificates of an authority log in to the bastion')
    .requiredOption('--key-file <file>', "the authority's public key")
    .action(
      action(async (run, options: { keyFile: string }, name: string) => {
        const [key, ...more] = await readPublicKeys(io, options.keyFile);
        if (more.length > 0)
          throw new AppError(
            'usage',
            `${basename(options.keyFile)}: there is more than one key in it; an authority has one.`,
          );
        const added = await (await run.client()).authorities.add({ name, key: key! });
        run.done(added, `Certificates signed by ${added.fingerprint} are trusted now.`);
      }),
    );

  ca.command('list')
    .summary('list the authorities whose certificates log in')
    .action(
      action(async (run) => {
        const now = io.now();
        run.list(
          await (await run.client()).authorities.list(),
          [
            { title: 'NAME', value: (row) => row.name, flexible: true },
            { title: 'FINGERPRINT', value: (row) => row.fingerprint },
            { title: 'TYPE', value: (row) => row.type, optional: true },
            { title: 'ADDED', value: (row) => bothTimes(row.createdAt, now), optional: true },
          ],
          'No certificate authority is trusted yet. Trust one: bastion ca add NAME --key-file CA.pub',
        );
      }),
    );

  ca.command('remove')
    .argument('<name>', 'name, id or fingerprint')
    .summary('no longer trust a certificate authority')
    .action(
      action(async (run, _options, name: string) => {
        run.done(
          await (await run.client()).authorities.remove({ name }),
          `Certificate authority ${name} is no longer trusted.`,
        );
      }),
    );

  ca.command('show')
    .addArgument(new Argument('[kind]', 'only this one').choices(['host', 'user']))
    .summary("print the public keys of the bastion's own authorities, ready for a file")
    .description(
      "The public keys of the bastion's own authorities with what they are for, as lines that may go into a file as they are: `user` for sshd on targets, `host` for the known_hosts of people.",
    )
    .action(
      action(async (run, _options, kind: 'host' | 'user' | undefined) => {
        const own = await (await run.client()).authorities.own();
        const shown = own.filter((row) => kind === undefined || row.kind === kind);
        run.done(kind === undefined ? shown : shown[0], shown.map((row) => HOW_TO_USE[row.kind](row)).join('\n\n'));
      }),
    );
}

function lockoutCommands(program: Command, { io, action }: Declare): void {
  const lockout = program
    .command('lockout')
    .summary('users locked out after wrong passwords')
    .description('Users locked out after too many wrong passwords from one address.')
    .helpCommand(false);

  lockout
    .command('list')
    .summary('list failed logins that are counted or locked')
    .action(
      action(async (run) => {
        const now = io.now();
        run.list(
          await (await run.client()).lockouts.list(),
          [
            { title: 'USER', value: (row) => row.user, flexible: true },
            { title: 'ADDRESS', value: (row) => row.ip },
            { title: 'FAILURES', value: (row) => String(row.failures), align: 'right' },
            { title: 'LAST', value: (row) => bothTimes(row.lastAt, now), optional: true },
            { title: 'LOCKED UNTIL', value: (row) => bothTimes(row.until, now) },
          ],
          'Nobody is locked out.',
        );
      }),
    );

  lockout
    .command('clear')
    .argument('<user>')
    .summary('let a user try again from every address')
    .action(
      action(async (run, _options, user: string) => {
        const answer = await (await run.client()).lockouts.clear({ user });
        run.done(answer, `${user} may try again; ${count(answer.cleared, 'address', 'addresses')} cleared.`);
      }),
    );
}
