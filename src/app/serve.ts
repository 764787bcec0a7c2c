import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { addressText } from '../config/schema.ts';
import { removeOldAddons } from '../kernel/addons.ts';
import { toAppError } from '../kernel/errors.ts';
import { calledAs, inExecutable, inside } from '../kernel/inside.ts';
import { createLog, type Log } from '../kernel/log.ts';
import { shellWord } from '../kernel/shell-word.ts';
import type { App } from './app.ts';
import { prepareDataDir } from './data-dir.ts';
import { demoConfig, seedDemo } from './demo.ts';
import { VERSION } from './version.ts';

export interface ServeOptions {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
  readonly demo: boolean;
}

const DEMO_DATA = './data-demo';

/** Runs the daemon until SIGTERM or SIGINT; resolves with the exit code. A second signal exits at once. */
export async function serve(options: ServeOptions): Promise<number> {
  const loaded = loadConfig({ file: options.configFile, data: options.data ?? (options.demo ? DEMO_DATA : undefined) });
  const config = options.demo ? demoConfig(loaded.config) : loaded.config;
  const log = createLog(config.log);
  // whoever read the greeting may have gone before it was written
  process.stdout.on('error', (error) => log.debug({ err: error }, 'nobody reads the standard output'));
  const dataDir = resolve(config.data);
  prepareDataDir(dataDir);
  process.umask(0o077);

  // only now, because these rooms load the addons, which the executable keeps in the data directory
  const { startApp } = await import('./app.ts');
  const end = Promise.withResolvers<number>();
  const app = await startApp({
    config,
    dataDir,
    log,
    demo: options.demo,
    configFile: loaded.file,
    onFailure: (error) => {
      log.fatal({ err: error }, 'the database thread is gone, so nothing can be audited any more: stopping');
      end.resolve(1);
    },
  });
  removeOldAddons();
  onSignals((signal, again) => {
    if (again) process.exit(1);
    log.info({ signal }, 'stopping; a second signal exits at once');
    end.resolve(0);
  });
  surviveMistakes(log);

  const lines = await greeting(app, dataDir, options);
  // Since the process began, loading included
  const milliseconds = Math.round(performance.now());
  process.stdout.write(`${lines}\nReady in ${milliseconds} ms. Ctrl-C ends it.\n\n`);
  log.info(
    { ssh: app.ssh.map(addressText), http: app.http, data: dataDir, config: loaded.file, milliseconds },
    'ready',
  );
  await app.logHead();

  const code = await end.promise;
  await app.stop();
  log.info('stopped');
  return code;
}

function onSignals(told: (signal: string, again: boolean) => void): void {
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => told(signal, signals++ > 0));
}

/** One session's surprise must not end the others: it is logged with its cause, and the process goes on. */
function surviveMistakes(log: Log): void {
  process.on('uncaughtException', (error) => log.error({ err: error }, 'an exception nobody expected'));
  process.on('unhandledRejection', (reason) => {
    const error = toAppError(reason);
    log.error({ err: error.cause ?? error }, 'a rejection nobody expected');
  });
}

async function greeting(app: App, dataDir: string, { demo }: ServeOptions): Promise<string> {
  const rows: [string, string][] = [];
  if (demo) {
    const { user, password } = await seedDemo(app.api, dataDir);
    rows.push(['Open', `${app.webAddress} as ${user}`], ['or', `ssh -p ${app.ssh[0]!.port} ${user}@127.0.0.1`]);
    rows.push(['Password', password]);
  }
  rows.push(['SSH', app.ssh.map(addressText).join(', ')], ['Web', app.http.join(', ')]);
  for (const key of app.hostKeys.filter(({ type }) => type === 'ed25519')) rows.push(['Host key', key.fingerprint]);
  rows.push(['Data', dataDir]);
  const token = await app.setupToken();
  const setUp = token
    ? `\nThere is no administrator yet. Within an hour, this makes one (a one-time set-up link):\n\n` +
      `  ${app.webAddress}/setup#${token}\n\nor, on this machine:\n\n` +
      `  ${commandWord()} --data ${shellWord(dataDir)} user accept-invite --name YOUR_NAME ${token}\n`
    : '';
  const table = rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`).join('\n');
  return `\nBastion ${VERSION}${demo ? ', demo' : ''}\n\n${table}\n${setUp}`;
}

/** How to call the command line from here: the executable as it was called; in a checkout a script beside the bundle. */
function commandWord(): string {
  const script = inside('../scripts/bastion');
  if (inExecutable || !existsSync(script)) return calledAs();
  const path = relative(process.cwd(), script);
  return path.startsWith('..') ? script : `./${path}`;
}
