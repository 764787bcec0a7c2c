import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { keepAddons } from '../../kernel/addons.ts';
import { AppError } from '../../kernel/errors.ts';
import { inExecutable } from '../../kernel/inside.ts';
import { type Client, createClient } from '../../sdk/client.ts';
import { socketTransport } from '../../sdk/node.ts';
import { becomeOwner } from '../data-dir.ts';
import { VERSION } from '../version.ts';
import { checkConfigFile, checkDisk, checkFiles, checkWritable } from './files.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { checkClock, checkLimits, checkNative } from './machine.ts';
import { checkFreeListeners, checkHeldListeners, checkNames } from './network.ts';
import { checkTls } from './tls.ts';

export interface DoctorOptions {
  readonly configFile?: string | undefined;
  readonly data?: string | undefined;
  /** Read everything, however long that takes. */
  readonly deep: boolean;
}

export interface DoctorReport {
  readonly version: string;
  readonly data: string | null;
  /** `silent`: it holds its data, and does not answer. */
  readonly daemon: 'running' | 'silent' | 'stopped';
  readonly checks: readonly Finding[];
}

/** A daemon that hangs is told of, and not waited for. */
const ANSWER_MS = 5000;

type Daemon = Awaited<ReturnType<Client['system']['status']>> & {
  readonly pid: number | undefined;
  /** Null when it runs without one, or with one that is not found from here. */
  readonly configFile: string | null;
};

/**
 * Looks at everything the bastion stands on and changes none of it, beside a running daemon, on the data of a stopped
 * one, and before the first start. AppError `forbidden` for who may not see the data.
 */
export async function examine({ configFile, data, deep }: DoctorOptions): Promise<DoctorReport> {
  let loaded: LoadedConfig;
  try {
    loaded = loadConfig({ file: configFile, data });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const todo = 'Correct it first (bastion config check); what depends on it is looked at then.';
    const checks = [
      fail('configuration', error.message, todo),
      await checkClock('', undefined),
      checkLimits(undefined),
    ];
    return { version: VERSION, data: null, daemon: 'stopped', checks };
  }
  const dataDir = resolve(loaded.config.data);
  const report = (daemon: DoctorReport['daemon'], checks: Finding[]): DoctorReport => ({
    version: VERSION,
    data: dataDir,
    daemon,
    checks: [checkConfigFile(loaded.file), ...checks],
  });
  if (!isThere(dataDir)) return report('stopped', await beforeFirstStart(loaded.config, dataDir));
  enter(dataDir);
  const daemon = await askDaemon(dataDir);
  // who names only the data means the configuration the daemon runs with
  if (daemon && configFile === undefined) loaded = loadConfig({ file: daemon.configFile ?? undefined, data: dataDir });
  const { held, checks } = await ofData(loaded.config, dataDir, daemon, deep);
  return report(daemon ? 'running' : held ? 'silent' : 'stopped', checks);
}

async function beforeFirstStart(config: Config, dataDir: string): Promise<Finding[]> {
  return [
    ok('data', `${dataDir} is not there yet: bastion serve makes it.`),
    ...(await checkFreeListeners(config)),
    ...checkTls(config.http, dataDir, undefined),
    ...(await checkDisk(dataDir, config.session.disk_reserve)),
    await checkClock(dataDir, undefined),
    checkLimits(undefined),
    // the executable has its native parts in the data directory
    ...(inExecutable ? [] : [await checkNative()]),
    ...(await checkNames([], config.http.public_url)),
  ];
}

async function ofData(config: Config, dataDir: string, daemon: Daemon | undefined, deep: boolean) {
  const startedAt = daemon && Date.parse(daemon.startedAt);
  const { held, findings, newestAudit, addresses } = await dataFindings(dataDir, daemon !== undefined, deep);
  const listeners = daemon
    ? checkHeldListeners(config, daemon.listeners)
    : held
      ? []
      : await checkFreeListeners(config);
  const checks = [
    ...(daemon ? [versionFinding(daemon)] : []),
    ...(await checkFiles(dataDir)),
    ...(await checkDisk(dataDir, config.session.disk_reserve)),
    await checkWritable(dataDir),
    ...findings,
    ...listeners,
    ...checkTls(config.http, dataDir, startedAt),
    ...(await checkNames(addresses, config.http.public_url)),
    await checkClock(dataDir, newestAudit),
    checkLimits(daemon?.pid),
    await checkNative(),
  ];
  return { held, checks };
}

/** With the lock where no daemon has it, so that none begins to work on what is being looked at. */
async function dataFindings(dataDir: string, running: boolean, deep: boolean) {
  const { checkData } = await import('./data.ts');
  if (!existsSync(join(dataDir, 'bastion.db'))) {
    return {
      held: running,
      findings: [ok('database', 'There is none yet: bastion serve makes it.')],
      newestAudit: undefined,
      addresses: [],
    };
  }
  if (running) return { held: true, ...(await checkData(dataDir, true, deep)) };
  const { acquireLock } = await import('../../store/lock.ts');
  const { COMMAND_PURPOSE, inTurn } = await import('../turn.ts');
  try {
    const release = await inTurn(async () => acquireLock(dataDir, COMMAND_PURPOSE));
    try {
      return { held: false, ...(await checkData(dataDir, false, deep)) };
    } finally {
      release();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'busy') throw error;
    const todo = 'Wait if it has just been started; else see its log, and end it if it hangs.';
    const silent = fail('daemon', `${error.message.split('. ')[0]}, which does not answer.`, todo);
    const { findings, ...rest } = await checkData(dataDir, true, deep);
    return { ...rest, held: true, findings: [silent, ...findings] };
  }
}

function versionFinding({ version, pid, liveSessions }: Daemon): Finding {
  const who = pid === undefined ? 'It runs' : `It runs as process ${pid}`;
  const sessions = `${liveSessions} live ${liveSessions === 1 ? 'session' : 'sessions'}`;
  if (version === VERSION) return ok('daemon', `${who}, with ${sessions}.`);
  const text = `It is bastion ${version}, and this is ${VERSION}.`;
  return warn('daemon', text, `Restart it when its sessions may end (${liveSessions} live now).`);
}

/** The daemon that answers on its socket; undefined where none does. */
async function askDaemon(dataDir: string): Promise<Daemon | undefined> {
  const socket = join(dataDir, 'admin.sock');
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const { system } = createClient({ transport: socketTransport(socket) });
    const [status, { file }] = await Promise.all([system.status({}, { signal }), system.settings({}, { signal })]);
    const configFile = file !== null && isAbsolute(file) && existsSync(file) ? file : null;
    return { ...status, configFile, pid: pidIn(join(dataDir, 'bastion.lock.json')) };
  } catch {
    // where its lock is held nevertheless, `dataFindings` says so
    return undefined;
  }
}

function pidIn(file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

function isThere(dataDir: string): boolean {
  try {
    return statSync(dataDir, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw notYours(dataDir, undefined, cause);
  }
}

/** As the owner of the data, whom root becomes. */
function enter(dataDir: string): void {
  becomeOwner(dataDir);
  const { uid } = statSync(dataDir);
  if (uid !== process.geteuid?.()) throw notYours(dataDir, uid);
  keepAddons(dataDir);
}

function notYours(dataDir: string, owner: number | undefined, cause?: unknown): AppError {
  const whose = owner === undefined ? 'are not yours' : `belong to user ${owner}`;
  const text = `The data in ${dataDir} ${whose}, and you are ${userName()}. Run this as their owner, or as root.`;
  return new AppError('forbidden', text, { cause });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.geteuid?.()}`;
  }
}
