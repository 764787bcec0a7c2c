import { createHash, type Hash } from 'node:crypto';
import type { ExitStatus } from '../../kernel/channel.ts';
import type { Clock } from '../../kernel/clock.ts';
import { stripped } from '../../kernel/printable.ts';
import { commandOf, type Program } from '../../kernel/program.ts';
import type { Action, Millis } from '../../store/model.ts';
import { missingText } from '../missing-right.ts';
import type { Recorder } from '../recorder.ts';
import type { TransferEntry, TransferLog } from '../transfers.ts';
import type { EndReason } from '../types.ts';
import { canBegin } from './first-bytes.ts';
import { type ExecPlan, type PlannedTransfer, planOf } from './plan.ts';
import { rsyncTransfers, SecludedArguments } from './rsync-command.ts';
import { scpPath } from './scp-paths.ts';
import { ScpWatch } from './scp-watch.ts';

/** Files of one session that are told in its recording. */
const MOST_TOLD = 20_000;
const LONGEST_TOLD = 1024;

export interface ExecTransfersHost {
  readonly clock: Clock;
  readonly recorder: Pick<Recorder, 'line'>;
  readonly transfers: Pick<TransferLog, 'add'>;
  /** Of a command on a terminal, which nobody looks into: what has passed so far. */
  readonly bytes: { readonly in: number; readonly out: number } | undefined;
  may(action: Action): boolean;
}

/**
 * The files that one exec request moves. They need their rights before anything is dialled and as long as they run;
 * what passes is only looked at. Of scp each file is known, of the others what the command says of them.
 */
export class ExecTransfers {
  readonly #host: ExecTransfersHost;
  readonly #startedAt: Millis;
  readonly #scp: ScpWatch | undefined;
  /** Of what tar writes or reads, by direction. */
  readonly #hashes: { upload: Hash | undefined; download: Hash | undefined } = {
    upload: undefined,
    download: undefined,
  };
  #plan: ExecPlan;
  #secluded: SecludedArguments | undefined;
  #exit: ExitStatus | undefined;
  /** What the standard output begins with. */
  #first: 'theirs' | 'other' | undefined;
  readonly #passed = { in: 0, out: 0 };
  #rows = 0;

  constructor(plan: ExecPlan, host: ExecTransfersHost) {
    this.#plan = plan;
    this.#host = host;
    this.#startedAt = host.clock.now();
    const [first, ...more] = plan.transfers;
    if (first && more.length === 0 && !host.bytes) {
      if (first.method === 'scp') this.#scp = this.#watch(first);
      if (first.method === 'tar') this.#hashes[first.direction] = createHash('sha256');
    }
    if (plan.transfers.some(({ secluded }) => secluded)) this.#secluded = new SecludedArguments();
  }

  /** Those of this command; undefined when it makes none. */
  static of(program: Program, host: ExecTransfersHost): ExecTransfers | undefined {
    const command = commandOf(program);
    if (command === undefined) return undefined;
    const plan = planOf(command);
    return plan.needs.length > 0 ? new ExecTransfers(plan, host) : undefined;
  }

  /** Whether the standard output is theirs, and for no recording. What turns out to be something else is none. */
  get carriesFiles(): boolean {
    return this.#plan.carriesFiles && this.#first !== 'other' && !this.#scp?.lost;
  }

  /** The action that is missing for it at this moment. */
  missing(): Action | undefined {
    return this.#plan.needs.find((action) => !this.#host.may(action));
  }

  /** It does not begin for want of this action. */
  denied(action: Action): void {
    const detail = missingText(action);
    for (const transfer of this.#plan.transfers) this.#add(transfer, { result: 'denied', detail, bytes: 0 });
  }

  /** A piece on its way to the target. */
  input(chunk: Buffer): void {
    if (this.#secluded) this.#argument(this.#secluded, chunk);
    this.#passed.in += chunk.length;
    this.#hashes.upload?.update(chunk);
    this.#look('upload', chunk);
  }

  /** A piece of the standard output on its way to the person. */
  output(chunk: Buffer): void {
    this.#first ??= this.#plan.transfers.some(({ method }) => canBegin(method, chunk)) ? 'theirs' : 'other';
    this.#passed.out += chunk.length;
    this.#hashes.download?.update(chunk);
    this.#look('download', chunk);
  }

  exited(status: ExitStatus): void {
    this.#exit = status;
  }

  /** The session is over: what is not in the list yet comes there. */
  finish(reason: EndReason): void {
    const failure = this.#failure(reason);
    if (this.#scp && !this.#scp.lost) {
      this.#scp.end(failure ?? 'it was not completed');
      if (this.#rows > 0 || failure === undefined) return;
    }
    const detail = this.#scp?.lost ? 'what they said was no scp: its files are not known' : null;
    for (const transfer of this.#plan.transfers) {
      const passed = this.#host.bytes ?? this.#passed;
      const bytes = transfer.direction === 'upload' ? passed.in : passed.out;
      // a tar in the middle of a pipe
      if (transfer.method === 'tar' && bytes === 0 && failure === undefined) continue;
      const result = failure === undefined ? 'ok' : 'failed';
      const sha256 = failure === undefined ? (this.#hashes[transfer.direction]?.digest('hex') ?? null) : null;
      this.#add(transfer, { result, detail: failure ?? detail, bytes, sha256 });
    }
  }

  #failure(reason: EndReason): string | undefined {
    const exit = this.#exit;
    if (exit === undefined) {
      const why = reason.detail === undefined ? '' : ` (${reason.detail})`;
      return `the session ended: ${reason.cause}${why}`;
    }
    if (exit.kind === 'signal') return `ended by signal ${exit.signal}`;
    return exit.code === 0 ? undefined : `exit ${exit.code}`;
  }

  #look(from: 'upload' | 'download', chunk: Buffer): void {
    const scp = this.#scp;
    if (!scp) return;
    if (this.#plan.transfers[0]?.direction === from) scp.sender(chunk);
    else scp.receiver(chunk);
  }

  /** What a secluded rsync is told only now counts as if it had stood in the command. */
  #argument(secluded: SecludedArguments, chunk: Buffer): void {
    const more = secluded.take(chunk);
    if (more === undefined) return;
    this.#secluded = undefined;
    const transfers = this.#plan.transfers.flatMap((transfer) =>
      transfer.secluded && more
        ? rsyncTransfers('rsync', [...transfer.secluded.filter((word) => word !== '.'), ...more])
        : [transfer],
    );
    const needs = new Set<Action>([...this.#plan.needs, ...transfers.flatMap((transfer) => transfer.needs)]);
    if (more === null) needs.add('upload').add('download').add('delete');
    this.#plan = { ...this.#plan, transfers, needs: [...needs] };
  }

  #watch(transfer: PlannedTransfer): ScpWatch {
    return new ScpWatch({
      now: () => this.#host.clock.now(),
      path: (names) => scpPath(transfer, names),
      began: (path, size) => {
        if (this.#rows < MOST_TOLD)
          this.#tell(`file transfer begins: scp ${transfer.direction} of ${told(path)}, ${size} bytes`);
      },
      ended: (file) => this.#add(transfer, file),
    });
  }

  #add(
    transfer: PlannedTransfer,
    known: Pick<TransferEntry, 'bytes' | 'result' | 'detail'> & Partial<TransferEntry>,
  ): void {
    const { method, direction, path } = transfer;
    const detail = known.detail === null ? null : known.detail.slice(0, LONGEST_TOLD);
    const begun = { method, direction, path, startedAt: this.#startedAt, sha256: null, partial: false };
    const entry: TransferEntry = { ...begun, ...known, detail };
    this.#host.transfers.add(entry);
    if (this.#rows++ >= MOST_TOLD) return;
    const hash = entry.sha256 === null ? '' : `, sha256 ${entry.sha256}`;
    const how = entry.result === 'ok' ? '' : `, ${entry.result}`;
    const why = detail === null ? '' : `: ${told(detail)}`;
    this.#tell(`file transfer: ${method} ${direction} of ${told(entry.path)}, ${entry.bytes} bytes${hash}${how}${why}`);
  }

  #tell(text: string): void {
    this.#host.recorder.line(text);
  }
}

function told(text: string): string {
  return stripped(text, LONGEST_TOLD);
}
