import { Command } from 'commander';
import type { CliBackend } from './backend.ts';
import { accessCommands } from './commands/access.ts';
import { accountCommands } from './commands/account.ts';
import { assetCommands } from './commands/asset.ts';
import { commandCommands } from './commands/command.ts';
import { completionCommands } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { filterCommands } from './commands/filter.ts';
import { folderCommands } from './commands/folder.ts';
import { groupCommands } from './commands/group.ts';
import { installCommands } from './commands/install.ts';
import { licencesCommand } from './commands/licences.ts';
import { permissionCommands } from './commands/permission.ts';
import { reviewCommands } from './commands/review.ts';
import { selfTestCommand } from './commands/self-test.ts';
import { sessionCommands } from './commands/session.ts';
import { sshConfigCommand } from './commands/ssh-config.ts';
import { statisticsCommands } from './commands/statistics.ts';
import { systemCommands } from './commands/system.ts';
import { transferCommands } from './commands/transfer.ts';
import { trustCommands } from './commands/trust.ts';
import { userCommands } from './commands/user.ts';
import type { CliIo } from './io.ts';
import { Run } from './run.ts';

declare const __VERSION__: string | undefined;

/** A command's action with its run before commander's own arguments: options, then the words. */
type Action<Options, Words extends readonly unknown[]> = (run: Run, options: Options, ...words: Words) => Promise<void>;

/** What the command files need to declare their commands. */
export interface Declare {
  readonly io: CliIo;
  /** Wraps an action for commander. */
  action<Options, Words extends readonly unknown[]>(fn: Action<Options, Words>): (...args: unknown[]) => Promise<void>;
}

export interface Program {
  readonly command: Command;
  /** The exit code the command that ran chose. */
  exitCode(): number;
}

const EXAMPLES = `
Examples:
  bastion serve                                          run it; the first start prints where it listens
  bastion user add alice --key-file alice.pub
  bastion asset add web1 --address 10.0.0.5
  bastion account add web1 root --generate-key           prints the public key to put on web1
  bastion permission add ops --user alice --asset web1 --account root
  ssh -p 2222 alice@root@web1@bastion.example            then, as alice
  bastion session list --live
  bastion session watch 7k2m                             the end of an id is enough
  bastion command list --user alice --since 7d

Every command takes --help. Secrets are never arguments: they come from a file,
from standard input, or are asked for.`;

/** All commands. */
export function createProgram(io: CliIo, backend: CliBackend): Program {
  let exitCode = 0;
  const program = new Command('bastion');
  program
    .description('A jump server: who may log in where, with every session recorded.')
    .usage('COMMAND [ARGUMENTS] [OPTIONS]')
    .option('--data <dir>', "the daemon's data directory")
    .option('--config <file>', 'the configuration file')
    .option('--json', 'print JSON: an array for lists, an object otherwise')
    .version(typeof __VERSION__ === 'undefined' ? 'development' : __VERSION__, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', (context) => (context.command === program ? EXAMPLES : ''))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // told once, by whoever catches the error
      outputError: () => {},
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });

  const declare: Declare = {
    io,
    action<Options, Words extends readonly unknown[]>(fn: Action<Options, Words>) {
      return async (...args: unknown[]) => {
        // commander gives the words, the options, and the command itself
        const words = args.slice(0, -2) as unknown as Words;
        const { data, config, json } = program.opts<{ data?: string; config?: string; json?: boolean }>();
        const run = new Run(io, backend, { configFile: config, data }, json === true);
        try {
          await fn(run, args.at(-2) as Options, ...words);
          exitCode = run.exitCode;
        } finally {
          await run.close();
        }
      };
    },
  };

  program.commandsGroup('The daemon:');
  systemCommands(program, declare);
  doctorCommand(program, declare);
  selfTestCommand(program, declare);
  program.commandsGroup('People:');
  userCommands(program, declare);
  groupCommands(program, declare);
  trustCommands(program, declare);
  sshConfigCommand(program, declare);
  program.commandsGroup('Machines:');
  assetCommands(program, declare);
  accountCommands(program, declare);
  folderCommands(program, declare);
  program.commandsGroup('Rights:');
  permissionCommands(program, declare);
  accessCommands(program, declare);
  filterCommands(program, declare);
  reviewCommands(program, declare);
  program.commandsGroup('What happened:');
  sessionCommands(program, declare);
  commandCommands(program, declare);
  transferCommands(program, declare);
  statisticsCommands(program, declare);
  program.commandsGroup('This command itself:');
  installCommands(program, declare);
  completionCommands(program, declare);
  licencesCommand(program, declare);
  describe(program);
  return { command: program, exitCode: () => exitCode };
}

/** A command whose help has no description of its own says there what the list of commands says. */
function describe(command: Command): void {
  const summary = command.summary();
  if (command.description() === '' && summary !== '')
    command.description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
  for (const one of command.commands) describe(one);
}
