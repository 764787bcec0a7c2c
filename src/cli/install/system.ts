import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { AppError } from '../../kernel/errors.ts';

/** Whether systemd runs this machine. */
export const systemdRuns = (): boolean => existsSync('/run/systemd/system');

/** Runs a program of the system; AppError `internal` with what it said when it fails. */
function run(program: string, ...args: string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error || status !== 0)
    throw new AppError(
      'internal',
      `"${[program, ...args].join(' ')}" failed: ${(error?.message ?? stderr.trim()) || `exit ${status}`}`,
    );
}

const asks = (...args: string[]) => spawnSync('systemctl', args, { encoding: 'utf8' }).status === 0;

/**
 * Makes the user and starts the service. One that runs already is left alone, because a restart ends sessions: then
 * the answer is `running`.
 */
export function startService(sysusersFile: string): 'started' | 'running' {
  run('systemd-sysusers', sysusersFile);
  run('systemctl', 'daemon-reload');
  if (asks('is-active', '--quiet', 'bastion.service')) return 'running';
  run('systemctl', 'enable', '--now', 'bastion.service');
  return 'started';
}
