import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { shellWord } from '../../kernel/shell-word.ts';
import { sizeText } from '../../kernel/size-text.ts';
import { createLocalRecordings } from '../../storage/local.ts';
import { DatabaseLook } from '../../store/look.ts';
import { masterKeyPlace } from '../data-dir.ts';
import { VERSION } from '../version.ts';
import { DAY_MS, type Finding, fail, ok, some, warn } from './finding.ts';

/** Recordings whose files are looked for, unless all are asked for. */
const SAMPLE = 500;
const LOOK_BACK_DAYS = 7;

export interface DataFindings {
  readonly findings: readonly Finding[];
  /** When the newest row of the audit log was written. */
  readonly newestAudit?: number | undefined;
  /** Of the assets. */
  readonly addresses: readonly string[];
}

/** The database and what hangs on it. `whole`: all of it is read, however long that takes. */
export async function checkData(dataDir: string, running: boolean, whole: boolean): Promise<DataFindings> {
  const file = join(dataDir, 'bastion.db');
  const findings: Finding[] = [];
  const restore = `Stop the bastion and restore ${file} from a backup, or from a ${file}.before-… copy.`;
  try {
    using look = new DatabaseLook(file, !running);
    const { state } = look;
    if (state.foreign) {
      const todo = 'Move it away, or name the right data directory by --data.';
      return { findings: [fail('database', `${file} is of another program.`, todo)], addresses: [] };
    }
    if (state.version > look.known) {
      const todo = 'Run the release that wrote it, or a later one.';
      return { findings: [fail('database', look.newerText(VERSION), todo)], addresses: [] };
    }
    if (state.version === 0) return { findings: [ok('database', `${file} is empty.`)], addresses: [] };
    const damages = look.damages(whole);
    if (damages.length > 0) {
      const text = `${file} is damaged: ${some(damages, 2)}`;
      return { findings: [fail('database', text, restore)], addresses: [] };
    }
    findings.push(versionFinding(look, file, whole));
    findings.push(await vaultFinding(look, dataDir, running));
    findings.push(await auditFinding(look, dataDir, whole));
    findings.push(...(await recordingFindings(look, dataDir, running, whole)));
    return { findings, newestAudit: look.newestAudit(), addresses: look.addresses() };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const text = `${file} cannot be read: ${(error as Error).message}.`;
    return { findings: [...findings, fail('database', text, restore)], addresses: [] };
  }
}

function versionFinding(look: DatabaseLook, file: string, whole: boolean): Finding {
  const { version } = look.state;
  const sound = whole ? 'It is sound, read as a whole' : 'It is sound as far as a quick look tells';
  if (version === look.known) return ok('database', `${sound}; version ${version}.`);
  const text = `${sound}; version ${version}, and this release makes version ${look.known} of it at its next start.`;
  const todo = `That needs ${sizeText(look.upgradeNeeds)} free, with the copy ${file}.before-… it makes before.`;
  return warn('database', text, todo);
}

async function vaultFinding(look: DatabaseLook, dataDir: string, running: boolean): Promise<Finding> {
  const name = 'master key';
  const place = masterKeyPlace(dataDir);
  if (running && !existsSync(place.file))
    return ok(name, 'The daemon has it from elsewhere, such as a credential of its service: not looked at.');
  try {
    const { fits, opened, damaged } = await look.vault(place);
    if (!fits) {
      const todo = `Put back the key that was used with this database, or the database that was used with ${place.file}.`;
      return fail(name, `${place.file} does not belong to this database.`, todo);
    }
    if (damaged.length === 0) return ok(name, `It opens every secret (${opened}).`);
    const todo = 'Store these secrets anew (bastion account set), and see who has been at the database.';
    return fail(name, `It does not open ${damaged.length} of ${opened + damaged.length} secrets. ${damaged[0]}`, todo);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return fail(name, error.message, 'Without it nobody logs in to a target with a stored secret.');
  }
}

async function auditFinding(look: DatabaseLook, dataDir: string, whole: boolean): Promise<Finding> {
  const name = 'audit log';
  const place = masterKeyPlace(dataDir);
  if (!existsSync(place.file)) return ok(name, 'Not looked at without the master key; bastion audit verify does.');
  const walked = await look.audit(place, whole).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  if (!walked) return ok(name, 'Its chain begins at the next start, or is not to be looked at without its key.');
  const { rows, findings } = walked;
  if (findings.length === 0)
    return ok(
      name,
      whole ? `All ${rows} rows are as they were written.` : `Its last ${rows} rows are as they were written.`,
    );
  const texts = [...new Set(findings.map(({ text }) => text))];
  const todo =
    'bastion audit verify tells everything. Compare with a head that was kept elsewhere, and see who has been at it.';
  return fail(name, `${texts[0]}${texts.length > 1 ? ` And ${texts.length - 1} more.` : ''}`, todo);
}

async function recordingFindings(
  look: DatabaseLook,
  dataDir: string,
  running: boolean,
  whole: boolean,
): Promise<Finding[]> {
  const name = 'recordings';
  const found: Finding[] = [];
  const recordings = createLocalRecordings({ data: dataDir, reserve: 0, clock: systemClock });
  const expected = look.recordings(whole ? -1 : SAMPLE);
  let missing = 0;
  for (const { id, bytes } of expected) if (!(await recordings.has(id, bytes))) missing++;
  await recordings.close();
  if (missing > 0) {
    const text = `${missing} of the ${whole ? '' : 'newest '}${expected.length} are missing, or have another size than was stored.`;
    const todo = 'bastion audit verify names them. Put them back from a backup of recordings/.';
    found.push(fail(name, text, todo));
  }
  const failed = look.failedRecordings(Date.now() - LOOK_BACK_DAYS * DAY_MS);
  if (failed > 0) {
    const todo = 'bastion session list tells which; the log says why, and the spool is kept.';
    found.push(warn(name, `${failed} failed in the last ${LOOK_BACK_DAYS} days.`, todo));
  }
  found.push(...(await spoolFindings(look, dataDir, running)));
  if (found.length > 0) return found;
  if (expected.length === 0) return [ok(name, 'There are none yet.')];
  const which = whole || expected.length < SAMPLE ? `All ${expected.length}` : `The newest ${expected.length}`;
  return [ok(name, `${which} are there.`)];
}

/** What lies in the spool and belongs to no session that is live. */
async function spoolFindings(look: DatabaseLook, dataDir: string, running: boolean): Promise<Finding[]> {
  const spool = join(dataDir, 'spool');
  const names = await readdir(spool).catch(() => []);
  const damaged = names.filter((name) => name.endsWith('.damaged'));
  const known = new Set<string>(look.spooled());
  const left = names.filter((name) => name.endsWith('.spool') && !known.has(name.slice(0, -'.spool'.length)));
  const unfinished = running ? 0 : names.filter((name) => name.endsWith('.spool')).length - left.length;
  const found: Finding[] = [];
  if (damaged.length > 0) {
    const todo = `Look whether what lies before the damage is needed, then: rm ${shellWord(spool)}/*.damaged`;
    found.push(warn('recordings', `${damaged.length} damaged ones were put aside in ${spool}.`, todo));
  }
  // a session's file is there a moment before its row
  if (left.length > 0 && !running) {
    const todo = 'The next start looks at them; what stays there afterwards belongs to no session and may be removed.';
    found.push(warn('recordings', `${left.length} in ${spool} belong to no session.`, todo));
  }
  if (unfinished > 0) found.push(ok('recordings', `${unfinished} were cut short; the next start finishes them.`));
  return found;
}
