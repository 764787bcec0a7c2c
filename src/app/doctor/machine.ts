import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Rows are written while they are looked at, and file systems round. */
const CLOCK_SLACK_MS = 60_000;
/** A terminal takes three descriptors, a database and its threads some dozens; forwarded connections come in hundreds. */
const FEW_FILES = 4096;

/** The native parts, loaded as the daemon loads them. */
export async function checkNative(): Promise<Finding> {
  try {
    (await import('../../kernel/ssh2/native.ts')).assertSsh2();
    await import('node-pty');
    return ok('native parts', 'SSH ciphers, database and terminals are loaded.');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return fail('native parts', text, 'Install this release anew; bastion self-test tries each part.');
  }
}

/** `latest`: when the newest row of the audit log was written, as far as there is one. */
export async function checkClock(dataDir: string, latest: number | undefined): Promise<Finding> {
  const now = Date.now();
  const files = ['bastion.db', 'bastion.db-wal', 'master.key'].map((name) => join(dataDir, name));
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    ),
  );
  const newest = Math.max(latest ?? 0, ...times);
  if (newest > now + CLOCK_SLACK_MS) {
    return fail(
      'clock',
      `It says ${timeText(now)}, and the newest data are of ${timeText(newest)}: it was set back.`,
      'Set it right (timedatectl). Verification codes, expiry dates and the audit log depend on it.',
    );
  }
  if (existsSync('/run/systemd/timesync/synchronized') || existsSync('/run/chrony/chronyd.pid'))
    return ok('clock', 'It goes forward, and is kept right over the network.');
  if (existsSync('/run/systemd/timesync')) {
    return warn(
      'clock',
      'Its time service has not reached a time server yet.',
      'See timedatectl timesync-status. Verification codes fail when the clock is half a minute off.',
    );
  }
  return ok('clock', `It says ${timeText(now)}. Who keeps it right is not known here.`);
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** How many files the daemon may open, or this process where none runs. Node raises its own limit to the hard one. */
export function checkLimits(daemonPid: number | undefined): Finding {
  const name = 'limits';
  let limits: string;
  try {
    limits = readFileSync(`/proc/${daemonPid ?? 'self'}/limits`, 'utf8');
  } catch {
    return ok(name, 'This system does not tell them.');
  }
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  const whose = daemonPid === undefined ? 'A daemon started here' : 'The daemon';
  if (hard === undefined || hard === 'unlimited' || Number(hard) >= FEW_FILES)
    return ok(name, `${whose} may open ${hard ?? 'any number of'} files.`);
  return warn(
    name,
    `${whose} may open only ${hard} files: some hundred sessions use them up.`,
    `Set LimitNOFILE=65536 in its systemd unit, or ulimit -Hn 65536 before it is started.`,
  );
}
