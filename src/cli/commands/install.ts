import { isAbsolute, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/schema.ts';
import { AppError } from '../../kernel/errors.ts';
import { inExecutable } from '../../kernel/inside.ts';
import { type FileState, place } from '../install/files.ts';
import { plan, sysusersFile } from '../install/plan.ts';
import { startService, systemdRuns } from '../install/system.ts';
import { CONFIG_FILE, STATE_DIR } from '../install/unit.ts';
import { outline } from '../outline.ts';
import { wholeNumber } from '../parse.ts';
import type { Declare } from '../program.ts';
import type { Run } from '../run.ts';

interface InstallOptions {
  readonly root: string;
  readonly prefix: string;
  readonly user: string;
  readonly dryRun?: boolean;
  readonly start: boolean;
}

const TELLS: Readonly<Record<FileState, string>> = {
  written: 'new',
  replaced: 'replaced',
  unchanged: 'as before',
  kept: 'yours, kept',
};

const POLL_MS = 100;

export function installCommands(program: Command, { io, action }: Declare): void {
  program
    .command('install')
    .summary('set it up as a service of this machine')
    .description(
      'Put this executable, its systemd service with a user of its own, a configuration, the manual page and completions in their places, and start the service. Run again, it replaces what a newer version brings; the configuration stays as it is, and a running service is not restarted, because that ends sessions.',
    )
    .option('--root <dir>', 'put everything below this directory, for packages and images; starts nothing', '/')
    .option('--prefix <dir>', 'where programs go', absolute, '/usr/local')
    .option('--user <name>', 'whom the service runs as', userName, 'bastion')
    .option('--no-start', 'put the files there and start nothing')
    .option('--dry-run', 'only say what would be done')
    .action(
      action(async (run, options: InstallOptions) => {
        const root = resolve(options.root);
        const dryRun = options.dryRun === true;
        const executable = inExecutable ? process.execPath : undefined;
        const wanted = plan(outline(program), io, { ...options, root, executable });
        const files = wanted.map((one) => {
          const state = place(root, one, dryRun);
          if (!run.json) io.stdout.write(`${TELLS[state].padEnd(12)}${join(root, one.path)}\n`);
          return { path: join(root, one.path), state };
        });
        const starts = executable !== undefined && options.start && root === '/' && !dryRun && systemdRuns();
        const service = starts ? startService(sysusersFile(options.prefix)) : 'untouched';
        if (run.json) run.writeJson({ files, service, dryRun });
        else {
          const changed = files.some(({ state }) => state === 'written' || state === 'replaced');
          io.stdout.write(`\n${nextSteps({ ...options, root, dryRun, service, changed })}\n`);
        }
        if (executable !== undefined) return;
        io.stderr.write(
          'bastion: This runs from a checkout, so neither the program nor its service was installed. Make the executable with ./scripts/package and run: dist/bastion install\n',
        );
        run.exitCode = 1;
      }),
    );

  program
    .command('health')
    .summary('say whether the daemon answers; for service managers and containers')
    .option('--wait <time>', 'wait for it so long: 30s, 10m', duration, 0)
    .option('--pid <pid>', 'wait no longer than this process lives', wholeNumber(1))
    .action(
      action(async (run, { wait, pid }: { wait: number; pid?: number }) => {
        const status = await answered(run, io.now() + wait, pid);
        run.done(status, `Bastion ${status.version} answers, for ${status.uptimeSeconds} s.`);
      }),
    );
}

async function answered(run: Run, until: number, pid: number | undefined) {
  for (;;) {
    try {
      return await (await run.daemon()).system.status();
    } catch (error) {
      const early = error instanceof AppError && error.code === 'needs_daemon';
      if (!early || run.io.now() >= until || (pid !== undefined && !lives(pid))) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // one that is somebody else's lives
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Outcome extends InstallOptions {
  readonly service: 'started' | 'running' | 'untouched';
  /** Whether a file was written, or would be. */
  readonly changed: boolean;
}

function nextSteps({ root, prefix, dryRun, service, changed }: Outcome): string {
  if (dryRun) return 'Nothing was done (--dry-run).';
  if (root !== '/') return `Everything is below ${root}. On the machine itself: systemctl enable --now bastion`;
  const first = {
    started: `The service runs. Its first lines, with the link that makes the first administrator: journalctl -u bastion`,
    running: changed
      ? 'The service runs what was there before. A restart ends the sessions after their grace: systemctl restart bastion'
      : 'The service runs.',
    untouched: `Nothing was started. To do so: systemd-sysusers ${sysusersFile(prefix)} && systemctl daemon-reload && systemctl enable --now bastion`,
  }[service];
  return [
    first,
    `Configuration: ${CONFIG_FILE}; data: ${STATE_DIR}.`,
    'To remove it: systemctl disable --now bastion, then remove the files above. Data and user stay until you remove them, too.',
  ].join('\n');
}

function absolute(path: string): string {
  if (!isAbsolute(path) || /\s/.test(path))
    throw new InvalidArgumentError('It must be an absolute path without blanks.');
  return resolve(path);
}

function userName(name: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) throw new InvalidArgumentError('It must be the name of a system user.');
  return name;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`"${text}" is not a time such as 30s or 10m.`);
  return ms;
}
