import { type Command, CommanderError } from 'commander';
import { AppError, ERROR_CODES } from '../kernel/errors.ts';
import { ApiError } from '../sdk/client.ts';
import type { CliBackend } from './backend.ts';
import { type CliIo, Interrupted, processIo } from './io.ts';
import { cleanLines } from './output/text.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command. Resolves with the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found,
 * 4 conflict, 130 interrupted. Never throws: every error becomes one clear message on stderr.
 */
export async function runCli(argv: readonly string[], backend: CliBackend, io: CliIo = processIo()): Promise<number> {
  let outputError: NodeJS.ErrnoException | undefined;
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    outputError ??= error;
  });
  const program = createProgram(io, backend);
  try {
    await program.command.parseAsync(argv, { from: 'user' });
    // an error of the last write comes after it
    await new Promise<void>((resolve) => io.stdout.write('', () => resolve()));
    // a reader that went away (`| head`) has seen enough
    if (outputError && outputError.code !== 'EPIPE')
      throw new Error(`The output is not whole: ${outputError.message}. Write it somewhere else.`, {
        cause: outputError,
      });
    return program.exitCode();
  } catch (error) {
    return report(error, io, program.command, argv);
  }
}

function report(error: unknown, io: CliIo, program: Command, argv: readonly string[]): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof CommanderError) {
    // help and version were printed already
    if (error.exitCode === 0) return 0;
    if (error.code !== 'commander.help') {
      tell(io, `${usageMessage(error)}\nSee "${commandWords(program, argv)} --help".`);
    }
    return ERROR_CODES.usage.exit;
  }
  if (error instanceof AppError) {
    tell(io, error.message);
    return error.exitCode;
  }
  if (error instanceof ApiError) {
    tell(io, error.message);
    return ERROR_CODES[error.code]?.exit ?? 1;
  }
  tell(io, `${error instanceof Error ? error.message : String(error)}`);
  return ERROR_CODES.internal.exit;
}

function usageMessage(error: CommanderError): string {
  const message = error.message.replace(/^error: /, '');
  // commander lists the words it got, and one of them may be a secret somebody put there by mistake
  return error.code === 'commander.excessArguments'
    ? message.replace(/ but got (\d+): [\s\S]*$/, ' but got $1.')
    : message;
}

function tell(io: CliIo, message: string): void {
  io.stderr.write(`bastion: ${cleanLines(message)}\n`);
}

/** The words of argv that name the command that was meant: `bastion user add`. */
function commandWords(program: Command, argv: readonly string[]): string {
  let at = program;
  const words = ['bastion'];
  for (const word of argv) {
    const next = at.commands.find((command) => command.name() === word);
    if (!next) continue;
    words.push(word);
    at = next;
  }
  return words.join(' ');
}
