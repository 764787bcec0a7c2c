import type { Command } from 'commander';
import type { AccountView } from '../../api/contract/assets.ts';
import { AppError } from '../../kernel/errors.ts';
import { all } from '../all.ts';
import type { Column } from '../output/table.ts';
import { bothTimes } from '../output/time.ts';
import { requireChange } from '../parse.ts';
import type { Declare } from '../program.ts';
import type { Run } from '../run.ts';
import { readSmallFile, secretsFromStdin } from '../secrets.ts';
import { testResult } from './asset.ts';

interface SecretOptions {
  passwordStdin?: boolean;
  keyFile?: string;
  passphraseStdin?: boolean;
  generateKey?: boolean;
  agent?: boolean;
  certificate?: boolean;
}

interface SecretFields {
  password?: string;
  privateKey?: string;
  passphrase?: string;
  generateKey?: boolean;
  agent?: boolean;
  certificate?: boolean;
}

export function accountCommands(program: Command, { action }: Declare): void {
  const account = program
    .command('account')
    .summary('logins on assets, with their secrets in the vault')
    .description('Logins on assets, with their secrets in the vault.')
    .helpCommand(false);

  secretOptions(account.command('add').argument('<asset>').argument('<login>').summary('add an account'))
    .description(
      'Add an account: with a password, a private key, a key made here, or no secret of ours: entered with the key of whoever comes (--agent) or a certificate for each login (--certificate).',
    )
    .option('--comment <text>', 'a note')
    .option('--inactive', 'nobody can use it for now')
    .action(
      action(
        async (
          run,
          options: SecretOptions & { comment?: string; inactive?: boolean },
          asset: string,
          login: string,
        ) => {
          const secret = await readSecret(run, options);
          const added = await (await run.client()).accounts.add({
            asset,
            login,
            ...secret,
            comment: options.comment,
            active: options.inactive ? false : undefined,
          });
          run.done(added, `Account ${added.login} on ${added.asset} added.${nextStep(added, secret)}`);
        },
      ),
    );

  account
    .command('list')
    .argument('[asset]')
    .summary('list accounts, of one asset or of all')
    .action(
      action(async (run, _options, asset: string | undefined) => {
        const accounts = await all((await run.client()).accounts.list, { asset });
        run.list(
          accounts,
          columns(run.io.now()),
          `There are no accounts yet. Add one: bastion account add ${asset ?? 'ASSET'} LOGIN --password-stdin`,
        );
      }),
    );

  secretOptions(account.command('set').argument('<asset>').argument('<login>').summary('change an account'))
    .description('Change an account. A new secret replaces the old one.')
    .option('--no-secret', 'take the secret away')
    .option('--rename <login>', 'new login')
    .option('--comment <text>', 'a note')
    .option('--active', 'it can be used')
    .option('--inactive', 'nobody can use it for now')
    .action(
      action(
        async (
          run,
          options: SecretOptions & {
            secret: boolean;
            rename?: string;
            comment?: string;
            active?: boolean;
            inactive?: boolean;
          },
          asset: string,
          login: string,
        ) => {
          requireChange({ ...options, secret: options.secret ? undefined : false });
          const secret = await readSecret(run, options);
          const changed = await (await run.client()).accounts.set({
            asset,
            login,
            ...secret,
            noSecret: options.secret ? undefined : true,
            rename: options.rename,
            comment: options.comment,
            active: options.inactive ? false : options.active,
          });
          run.done(changed, `Account ${changed.login} on ${changed.asset} changed.${nextStep(changed, secret)}`);
        },
      ),
    );

  account
    .command('remove')
    .argument('<asset>')
    .argument('<login>')
    .summary('remove an account with its secret')
    .action(
      action(async (run, _options, asset: string, login: string) => {
        run.done(await (await run.client()).accounts.remove({ asset, login }), `Account ${login} on ${asset} removed.`);
      }),
    );

  account
    .command('test')
    .argument('<asset>')
    .argument('<login>')
    .summary('log in with an account and out again')
    .action(
      action(async (run, _options, asset: string, login: string) => {
        testResult(run, await (await run.client()).accounts.test({ asset, login }));
      }),
    );
}

function secretOptions(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from standard input; on a terminal it is asked for')
    .option('--key-file <file>', 'private key (OpenSSH, PEM or PuTTY format)')
    .option('--passphrase-stdin', 'read the passphrase of the key from standard input')
    .option('--generate-key', 'make an ed25519 key and print its public half')
    .option('--agent', "no secret: entered with the person's own key (ssh -A)")
    .option('--certificate', 'no secret: entered with a short-lived certificate of the bastion');
}

async function readSecret(run: Run, options: SecretOptions): Promise<SecretFields> {
  const given = [
    options.passwordStdin && '--password-stdin',
    options.keyFile && '--key-file',
    options.generateKey && '--generate-key',
    options.agent && '--agent',
    options.certificate && '--certificate',
  ].filter(Boolean);
  if (given.length > 1)
    throw new AppError('usage', `${given.join(' and ')} exclude each other: an account is entered in one way.`);
  if (options.passphraseStdin && !options.keyFile)
    throw new AppError('usage', '--passphrase-stdin belongs to --key-file.');
  if (options.keyFile === '-' && options.passphraseStdin) {
    throw new AppError(
      'usage',
      'The key and its passphrase cannot both come from standard input; give the key as a file.',
    );
  }
  if (options.generateKey) return { generateKey: true };
  if (options.agent) return { agent: true };
  if (options.certificate) return { certificate: true };
  if (options.passwordStdin) {
    const [password] = await secretsFromStdin(run.io, [{ name: 'Password', fresh: true }]);
    return { password: password!.exposeText() };
  }
  if (!options.keyFile) return {};
  const privateKey = (await readSmallFile(run.io, options.keyFile, 'private key')).toString('utf8');
  if (!options.passphraseStdin) return { privateKey };
  const [passphrase] = await secretsFromStdin(run.io, [{ name: 'Passphrase' }]);
  return { privateKey, passphrase: passphrase!.exposeText() };
}

/** What must be done on the target before the account works. */
function nextStep(account: AccountView, secret: SecretFields): string {
  const { login, publicKey } = account;
  if (secret.generateKey && publicKey !== null)
    return ` Put this line into ~/.ssh/authorized_keys of ${login} there:\n${publicKey}`;
  if (secret.agent)
    return ` Whoever uses it connects with ssh -A; their own key must stand in ~/.ssh/authorized_keys of ${login} there.`;
  if (secret.certificate)
    return " Its sshd must trust the bastion's authority: `bastion ca show user` prints the key and where it belongs.";
  return '';
}

function columns(now: number): Column<AccountView>[] {
  return [
    { title: 'ASSET', value: (account) => account.asset, flexible: true },
    { title: 'LOGIN', value: (account) => account.login },
    { title: 'SECRET', value: (account) => account.secretKind },
    { title: 'STATE', value: (account) => (account.active ? '' : 'inactive') },
    { title: 'CHANGED', value: (account) => bothTimes(account.updatedAt, now) },
    { title: 'COMMENT', value: (account) => account.comment, flexible: true },
  ];
}
