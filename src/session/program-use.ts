import type { Program } from '../kernel/program.ts';
import type { Use } from '../store/model.ts';

/** The right that a program needs. */
export function useOf(program: Program): Use {
  if (program.kind === 'subsystem') return program.name === 'sftp' ? 'files' : 'exec';
  return program.kind;
}
