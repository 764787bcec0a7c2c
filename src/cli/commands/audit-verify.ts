import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type AuditFinding, type AuditHead, auditHead, type VerifySummary } from '../../api/contract/audit.ts';
import { AppError } from '../../kernel/errors.ts';
import type { OutputStream } from '../io.ts';
import { clean } from '../output/text.ts';
import { absoluteTime } from '../output/time.ts';
import type { Declare } from '../program.ts';
import { count, type Run } from '../run.ts';

interface Options {
  readonly head?: string;
  readonly file?: string;
  readonly key?: string;
  readonly recordings: boolean;
}

type Found = Omit<AuditFinding, 'kind'>;

export function auditVerifyCommand(audit: Command, { action }: Declare): void {
  audit
    .command('verify')
    .summary('find out whether the log or a recording was changed')
    .description(
      'Find out whether rows of the log were changed, removed, put in or moved, and whether recordings are those that were stored. Exit code 1 when something is wrong. With --file it verifies an exported file, without a daemon or its data.',
    )
    .addHelpText(
      'after',
      `
Examples:
  bastion audit verify
  bastion audit verify --head head.json            made earlier: bastion audit head --to head.json
  bastion audit verify --file audit.jsonl          made by: bastion audit export --to audit.jsonl`,
    )
    .option('--head <file>', 'also compare with a head that was kept: "bastion audit head --to FILE"')
    .option('--no-recordings', 'leave out the recordings, which takes long when there are many')
    .option('--file <file>', 'verify this exported file')
    .option('--key <key>', 'with --file: the public key, or its fingerprint, that must have signed it')
    .action(
      action(async (run, options: Options) => {
        const head = options.head === undefined ? undefined : await readHead(options.head);
        if (options.key !== undefined && options.file === undefined)
          throw new AppError('usage', '--key belongs to --file; the log itself is verified with its own key.');
        if (options.file === undefined) await verifyLog(run, head, options.recordings);
        else await verifyFile(run, options.file, head, options.key);
      }),
    );
}

async function verifyLog(run: Run, head: AuditHead | undefined, recordings: boolean): Promise<void> {
  const client = await run.client();
  const findings: Found[] = [];
  let summary: VerifySummary | undefined;
  const progress = new Progress(run.io.stderr);
  for await (const event of client.audit.verify({ head, recordings })) {
    if (event.kind === 'progress') progress.show(`${event.done} of ${event.of} ${event.what}`);
    else if (event.kind === 'finding') {
      findings.push(event);
      progress.clear();
      tell(run, event);
    } else summary = event;
  }
  progress.clear();
  if (!summary) throw new AppError('internal', 'The verification broke off. Try again.');
  const { kind: _, ...rest } = summary;
  const { older } = rest;
  const notes = [
    summary.recordings === null ? 'Recordings were left out.' : '',
    older > 0
      ? `The first ${count(older, 'row')} were there before the chain began: what they said before is not proven.`
      : '',
  ];
  end(run, rest, findings, summary.findings, notes);
}

async function verifyFile(run: Run, file: string, head: AuditHead | undefined, key: string | undefined): Promise<void> {
  const { findings, findingCount, ...summary } = await run.backend.verifyAuditFile(file, { head, key });
  for (const finding of findings) tell(run, finding);
  const trusted = key !== undefined || head !== undefined;
  const notes = [trusted ? '' : 'Compare this key with that of your bastion: bastion audit head'];
  end(run, summary, findings, findingCount, notes);
}

function tell(run: Run, { seq, at, id, text }: Found): void {
  if (run.json) return;
  const where = [at === null ? '' : time(at), seq === null ? '' : `row ${seq}`, id === null ? '' : `(${id})`];
  run.io.stdout.write(`${clean(['FOUND', ...where, text].filter((part) => part !== '').join(' '))}\n`);
}

interface Summed {
  readonly chain: string;
  readonly rows: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly recordings?: number | null;
  readonly head: string | null;
}

function end(run: Run, summary: Summed, findings: readonly Found[], total: number, notes: readonly string[]): void {
  run.exitCode = total === 0 ? 0 : 1;
  const { rows, firstSeq, lastSeq, from, until, recordings, head, chain } = summary;
  const span = from && until ? ` (${firstSeq} to ${lastSeq}, ${time(from)} to ${time(until)})` : '';
  const also = typeof recordings === 'number' ? ` and ${count(recordings, 'recording')}` : '';
  const lines = [
    total === 0
      ? `${count(rows, 'row')}${span}${also} verified: nothing was changed.`
      : `${count(rows, 'row')}${span}${also} read: ${count(total, 'finding')}.`,
    `Signed by ${chain}.`,
    head === null ? '' : `The saved head: ${head}.`,
    ...notes,
  ];
  run.done(
    { ok: total === 0, ...summary, findings, findingCount: total },
    lines.filter((line) => line !== '').join('\n'),
  );
}

/** A time that is none, in a row somebody wrote, is shown as it stands. */
function time(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : absoluteTime(at, true);
}

async function readHead(file: string): Promise<AuditHead> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new AppError('not_found', `There is no file ${file}.`, { cause });
    throw new AppError('usage', `${file} cannot be read (${code}).`, { cause });
  }
  try {
    return auditHead.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('usage', `${file} holds no head of an audit log. Make one: bastion audit head --to FILE`, {
      cause,
    });
  }
}

/** A line that is written over, on a terminal only. */
class Progress {
  readonly #out: OutputStream;
  #shown = false;

  constructor(out: OutputStream) {
    this.#out = out;
  }

  show(text: string): void {
    if (!this.#out.isTTY) return;
    this.#out.write(`\r\x1b[K${text}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#out.write('\r\x1b[K');
    this.#shown = false;
  }
}
