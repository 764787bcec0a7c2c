import { type Command, InvalidArgumentError } from 'commander';
import { cleanLines } from '../output/text.ts';
import type { Declare } from '../program.ts';

interface Options {
  readonly host?: string;
  readonly port?: number;
  readonly asset?: readonly string[];
  readonly knownHosts?: boolean;
}

export function sshConfigCommand(program: Command, { action }: Declare): void {
  program
    .command('ssh-config')
    .argument('<user>')
    .summary('print an ~/.ssh/config and known_hosts lines for what a user reaches')
    .description(
      'Print the part of ~/.ssh/config with which OpenSSH, scp, sftp, rsync, git, ansible and VS Code reach what this user may, by the names of the assets, and the known_hosts lines that go with it: the host keys of the bastion, and its authority, which vouches for the assets behind it. Both can be saved as they are.',
    )
    .option('--host <name>', 'how people reach the bastion, where its configuration does not say so')
    .option('--port <n>', 'on which port, where another one leads to it', port)
    .option('--asset <name...>', 'only these assets')
    .option('--known-hosts', 'only the lines for ~/.ssh/known_hosts')
    .action(
      action(async (run, { asset, knownHosts, ...where }: Options, name: string) => {
        const assets = asset?.join(',');
        const answer = await (await run.client()).sshConfig.show({ name, ...where, assets });
        if (run.json) run.writeJson(answer);
        else run.io.stdout.write(cleanLines(knownHosts ? answer.knownHosts : answer.config));
      }),
    );
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535)
    throw new InvalidArgumentError('It must be a port from 1 to 65535.');
  return number;
}
