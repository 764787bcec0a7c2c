import { Argument, type Command } from 'commander';
import { candidateLines, namesOf } from '../completion/names.ts';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.ts';
import { manualPage } from '../manual.ts';
import { NAME_KINDS, type NameKind, outline } from '../outline.ts';
import type { Declare } from '../program.ts';

/** Whoever presses TAB waits no longer than this. */
const PATIENCE_MS = 1500;

export function completionCommands(program: Command, { io, action }: Declare): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .summary('print the completion script for a shell')
    .description(
      'Print the completion script for a shell. Commands and options are in it; names of users, assets, sessions and so on are asked from the running daemon, where there is one and you may. "bastion install" puts it in its place; for yourself alone:\n\n' +
        '  bash  bastion completion bash > ~/.local/share/bash-completion/completions/bastion\n' +
        '  zsh   bastion completion zsh > ~/.zfunc/_bastion, with fpath+=~/.zfunc before compinit\n' +
        '  fish  bastion completion fish > ~/.config/fish/completions/bastion.fish',
    )
    .action(
      action(async (run, _options, shell: Shell) => {
        run.io.stdout.write(completionScript(shell, outline(program)));
      }),
    );

  // what the scripts call: never asks, never complains
  program
    .command('completion-names', { hidden: true })
    .addArgument(new Argument('<kind>').choices(NAME_KINDS))
    .argument('[typed]')
    .action(
      action(async (run, _options, kind: NameKind, typed: string | undefined) => {
        try {
          const signal = AbortSignal.timeout(PATIENCE_MS);
          run.io.stdout.write(candidateLines(await namesOf(await run.daemon(), kind, typed ?? '', signal)));
        } catch {
          run.exitCode = 1;
        }
      }),
    );

  program
    .command('manual')
    .summary('print the manual page')
    .description(
      'Print the manual page, which "bastion install" puts in its place. To read it: bastion manual | man -l -',
    )
    .action(
      action(async (run) => {
        run.io.stdout.write(manualPage(outline(program), io));
      }),
    );
}
