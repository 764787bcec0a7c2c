import type { Command } from 'commander';
import { protocol } from '../../api/contract/common.ts';
import { clean } from '../output/text.ts';
import { oneOf } from '../parse.ts';
import type { Declare } from '../program.ts';

export function accessCommands(program: Command, { action }: Declare): void {
  const access = program
    .command('access')
    .summary('why somebody may, or may not')
    .description('Why somebody may, or may not.')
    .helpCommand(false);

  access
    .command('explain')
    .argument('<user>')
    .argument('<asset>')
    .summary('say why, or why not, a user may use an asset, rule by rule')
    .option('--account <login>', 'as this account')
    .option('--protocol <protocol>', 'with this protocol', oneOf(protocol.options))
    .action(
      action(
        async (
          run,
          options: { account?: string; protocol?: (typeof protocol.options)[number] },
          user: string,
          asset: string,
        ) => {
          const answer = await (await run.client()).access.explain({ user, asset, ...options });
          if (run.json) return run.writeJson(answer);
          const as = answer.account === null ? '' : ` as ${answer.account}`;
          const by = answer.protocol === null ? '' : ` with ${answer.protocol}`;
          const lines = [
            `${answer.user} ${answer.allowed ? 'may' : 'may NOT'} use ${answer.asset}${as}${by}.`,
            ...answer.trace.map((rule) => `  - ${rule}`),
          ];
          if (answer.allowed) {
            if (answer.accounts.length > 0) lines.push(`accounts     ${answer.accounts.join(', ')}`);
            lines.push(`actions      ${answer.actions.join(', ')}`, `permissions  ${answer.permissions.join(', ')}`);
            // what accounts together may is not what each of them may
            if (answer.account === null && answer.accounts.length > 1)
              lines.push(
                `Of one account, with where forwarding may go: ${run.commandLine(`access explain ${user} ${asset} --account ${answer.accounts[0]}`)}`,
              );
          }
          run.io.stdout.write(lines.map((line) => `${clean(line)}\n`).join(''));
        },
      ),
    );
}
