import type { Program, SessionProgram } from '../kernel/program.ts';
import type { Use } from '../store/model.ts';
import { sftpServerIn } from './sftp-server.ts';

/** The right that a program needs. An SFTP server is one however it is started. */
export function useOf(program: SessionProgram): Exclude<Use, 'forward'>;
export function useOf(program: Program): Use;
export function useOf(program: Program): Use {
  if (program.kind === 'subsystem') return program.name === 'sftp' ? 'files' : 'exec';
  if (program.kind === 'exec') return sftpServerIn(program.command) === 'alone' ? 'files' : 'exec';
  return program.kind;
}
