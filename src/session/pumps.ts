import { AppError } from '../kernel/errors.ts';
import { commandOf, type Program } from '../kernel/program.ts';
import type { Use } from '../store/model.ts';
import { readsCommands } from './commands/stdin-shell.ts';
import { ExecPump } from './exec-pump.ts';
import { FilesPump } from './files/files-pump.ts';
import { ForwardPump } from './forward-pump.ts';
import type { Pump, PumpHost } from './pump.ts';
import { type TerminalParts, TerminalPump } from './terminal-pump.ts';

/** The pump that carries this use: one kind for each kind of channel. */
export function pumpFor(host: PumpHost, use: Use, program: Program, terminal: TerminalParts | undefined): Pump {
  if (use === 'files') return new FilesPump(host);
  if (use === 'forward') return new ForwardPump(host);
  if (use !== 'shell' && use !== 'exec') throw new AppError('unsupported', `There are no sessions for ${use} here.`);
  if (terminal) return new TerminalPump(host, terminal);
  return new ExecPump(host, program.kind !== 'subsystem' && readsCommands(commandOf(program)));
}
