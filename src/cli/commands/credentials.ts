import type { Command } from 'commander';
import qrcode from 'qrcode';
import { AppError } from '../../kernel/errors.ts';
import { ApiError, type Client } from '../../sdk/client.ts';
import { bothTimes } from '../output/time.ts';
import { list } from '../parse.ts';
import type { Declare } from '../program.ts';
import { askLine, askNewSecret, canAsk } from '../prompt.ts';
import { count, type Run } from '../run.ts';
import { readPublicKeys, secretsFromStdin } from '../secrets.ts';

/** What a user logs in with: keys, TOTP, and the invite that sets the first of them. */
export function credentialCommands(user: Command, { io, action }: Declare): void {
  const key = user
    .command('key')
    .summary('public keys of a user')
    .description('Public keys of a user.')
    .helpCommand(false);

  key
    .command('add')
    .argument('<name>')
    .summary('add the public keys of a file')
    .description(
      'Add public keys: an id_*.pub or authorized_keys file, whose options (from=, expiry-time=, restrict …) count.',
    )
    .requiredOption(
      '--key-file <file>',
      'public key or authorized_keys file, "-" for standard input (repeatable)',
      list,
    )
    .option('--totp-exempt', 'no TOTP with these keys; each must have from= in its options')
    .action(
      action(async (run, options: { keyFile: string[]; totpExempt?: boolean }, name: string) => {
        const lines: string[] = [];
        for (const file of options.keyFile) lines.push(...(await readPublicKeys(io, file)));
        const client = await run.client();
        const added = [];
        for (const line of lines)
          added.push(await client.keys.add({ name, key: line, totpExempt: options.totpExempt }));
        run.done(added, added.map((one) => `Key ${one.fingerprint} (${one.type}) added for ${name}.`).join('\n'));
      }),
    );

  key
    .command('list')
    .argument('<name>')
    .summary('list the public keys of a user')
    .action(
      action(async (run, _options, name: string) => {
        const now = io.now();
        run.list(
          await (await run.client()).keys.list({ name }),
          [
            { title: 'FINGERPRINT', value: (row) => row.fingerprint },
            { title: 'TYPE', value: (row) => row.type, optional: true },
            { title: 'COMMENT', value: (row) => row.comment, flexible: true },
            { title: 'OPTIONS', value: (row) => row.options, flexible: true },
            { title: 'TOTP', value: (row) => (row.totpExempt ? 'exempt' : '') },
            { title: 'LAST USED', value: (row) => bothTimes(row.lastUsedAt, now, 'never'), optional: true },
          ],
          `${name} has no keys yet. Add one: bastion user key add ${name} --key-file FILE.pub`,
        );
      }),
    );

  key
    .command('remove')
    .argument('<name>')
    .argument('<fingerprint>', 'as "user key list" shows it: SHA256:…')
    .summary('remove a public key')
    .action(
      action(async (run, _options, name: string, fingerprint: string) => {
        run.done(
          await (await run.client()).keys.remove({ name, fingerprint }),
          `Key ${fingerprint} of ${name} removed.`,
        );
      }),
    );

  const totp = user
    .command('totp')
    .summary('one-time codes of a user')
    .description('One-time codes (TOTP) of a user.')
    .helpCommand(false);

  totp
    .command('enable')
    .argument('<name>')
    .summary('show a QR code for an authenticator app and confirm it with a first code')
    .action(
      action(async (run, _options, name: string) => {
        const client = await run.client();
        const { uri } = await client.totp.begin({ name });
        // with --json standard output holds the result alone
        const show = run.json ? io.stderr : io.stdout;
        if (show.isTTY) {
          const code = await qrcode.toString(uri, { type: 'utf8', errorCorrectionLevel: 'L' });
          show.write(`Scan this with an authenticator app, or give it the address below:\n${code.trimEnd()}\n\n`);
        }
        show.write(`${uri}\n`);
        const { recoveryCodes } = await confirmTotp(run, client, name);
        run.done(
          { uri, recoveryCodes },
          `TOTP is on for ${name}. Recovery codes, each works once; they are not shown again:\n${recoveryCodes.map((code) => `  ${code}`).join('\n')}`,
        );
      }),
    );

  totp
    .command('reset')
    .argument('<name>')
    .summary('take TOTP off a user')
    .action(
      action(async (run, _options, name: string) => {
        run.done(await (await run.client()).totp.reset({ name }), `TOTP is off for ${name}.`);
      }),
    );

  user
    .command('accept-invite')
    .argument('<token>')
    .summary('use an invite: set the password or keys')
    .description('Use an invite: sets the password (asked for, twice) or keys of the invited user.')
    .option('--key-file <file>', 'public key file (repeatable); then no password is asked for', list)
    .option('--password-stdin', 'read the password from standard input')
    .option('--name <name>', 'for the set-up link of a new bastion: the name of its first administrator')
    .action(
      action(async (run, options: { keyFile?: string[]; passwordStdin?: boolean; name?: string }, token: string) => {
        const keys: string[] = [];
        for (const file of options.keyFile ?? []) keys.push(...(await readPublicKeys(io, file)));
        const [password] = options.passwordStdin
          ? await secretsFromStdin(io, [{ name: 'Password', fresh: true }])
          : keys.length === 0
            ? [await askNewSecret(io, 'Password', 'use --password-stdin or --key-file')]
            : [];
        const client = await run.client();
        const credentials = { token, password: password?.exposeText(), keys };
        const { name } = options.name
          ? await client.links.setup({ ...credentials, name: options.name })
          : await client.links.acceptInvite(credentials);
        const what = [password ? 'the password' : '', keys.length > 0 ? count(keys.length, 'key') : '']
          .filter(Boolean)
          .join(' and ');
        run.done({ name }, `${name} can log in now, with ${what}.`);
      }),
    );
}

/** Three tries on a terminal; one line of standard input otherwise. */
async function confirmTotp(run: Run, client: Client, name: string): Promise<{ recoveryCodes: string[] }> {
  const { io } = run;
  if (!canAsk(io)) {
    const [code] = await secretsFromStdin(io, [{ name: 'Code' }]);
    return client.totp.confirm({ name, code: code!.exposeText().trim() });
  }
  for (let tries = 0; tries < 3; tries++) {
    const code = (await askLine(io, 'First code of the app', 'give the first code on standard input')).replaceAll(
      ' ',
      '',
    );
    try {
      return await client.totp.confirm({ name, code });
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 'invalid' && error.code !== 'unauthenticated')) throw error;
      io.stderr.write(`${error.message}\n`);
    }
  }
  throw new AppError(
    'invalid',
    `TOTP is not on for ${name}: no code was right. Check the clock of the phone and begin again.`,
  );
}
