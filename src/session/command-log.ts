import type { Clock } from '../kernel/clock.ts';
import { type CommandId, newId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import { plain } from '../kernel/printable.ts';
import type { CommandReport, CommandRow, SessionRow } from '../store/model.ts';
import type { CommandsRepository } from '../store/store.ts';
import type { Recorder } from './recorder.ts';

/** A longer line is cut: nobody types it, and it must not fill the log. */
const LONGEST_LINE = 16 * 1024;
/** Rows wait at most this long for company; a person's Enter keys come one by one, a script's lines by the thousand. */
const GATHER_MS = 100;
const MOST_AT_ONCE = 200;
/** A session's rows. What comes beyond them is told by one last row. */
const MOST_ROWS = 20_000;
const RETRY_MS = 2000;

/** What is known of a command when it is run. */
export type CommandEntry = Pick<CommandRow, 'line' | 'confidence' | 'context'> &
  Partial<Pick<CommandRow, 'verdict' | 'filter' | 'reviewer'>> & {
    /** When its Enter came, by the monotonic clock; now when absent. */
    readonly at?: number | undefined;
  };

export interface CommandLogDeps {
  readonly commands: Pick<CommandsRepository, 'add' | 'report'>;
  readonly recorder: Pick<Recorder, 'command'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly row: Pick<SessionRow, 'id' | 'userId' | 'userName' | 'assetId' | 'assetName' | 'account'>;
}

/**
 * What one session ran: each command goes into the recording at once, which a crash leaves, and into the store in
 * batches. Nothing here waits for the store, and what it cannot take yet is tried again.
 */
export class CommandLog {
  readonly #deps: CommandLogDeps;
  #startedAt: number;
  #waiting: CommandRow[] = [];
  #count = 0;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: CommandLogDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.monotonic();
  }

  /** The recording has begun: offsets count from now. */
  begin(): void {
    this.#startedAt = this.#deps.clock.monotonic();
  }

  /** The id is for `report`; undefined when the session has reached its most rows. */
  add(entry: CommandEntry): CommandId | undefined {
    if (this.#count > MOST_ROWS) return undefined;
    if (this.#count++ === MOST_ROWS) {
      const line = `more than ${MOST_ROWS} commands: those that follow are not listed`;
      this.#put({ line, confidence: 'unparsed', context: entry.context });
      return undefined;
    }
    return this.#put(entry);
  }

  /** Adds what became known of a command later. */
  report(id: CommandId, report: CommandReport): void {
    const row = this.#waiting.find((waiting) => waiting.id === id);
    if (row) {
      this.#waiting[this.#waiting.indexOf(row)] = { ...row, ...defined(report) };
      return;
    }
    // after the row it belongs to
    this.#writing = this.#writing
      .then(() => this.#deps.commands.report(id, report))
      .catch((err: unknown) => this.#deps.log.warn({ session: this.#deps.row.id, err }, 'a report cannot be written'));
  }

  /** Writes what waits. Resolves when it stands in the store, or could not be written after two tries. */
  async finish(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #put(entry: CommandEntry): CommandId {
    const { clock, recorder, row } = this.#deps;
    const late = entry.at === undefined ? 0 : clock.monotonic() - entry.at;
    const at = clock.now() - late;
    const command: CommandRow = {
      id: newId<CommandId>(at),
      at: Math.round(at),
      sessionId: row.id,
      userId: row.userId,
      userName: row.userName,
      assetId: row.assetId,
      assetName: row.assetName,
      account: row.account,
      line: bounded(entry.line),
      confidence: entry.confidence,
      context: entry.context,
      verdict: entry.verdict ?? 'pass',
      filter: entry.filter ?? null,
      reviewer: entry.reviewer ?? null,
      exitCode: null,
      reported: null,
      cwd: null,
      offset: Math.max(0, Math.round(clock.monotonic() - late - this.#startedAt)),
    };
    const { id, line, confidence, context, verdict, filter, reviewer, offset } = command;
    recorder.command({ id, at: command.at, line, confidence, context, verdict, filter, reviewer, offset });
    this.#waiting.push(command);
    if (this.#waiting.length >= MOST_AT_ONCE) this.#flush();
    else this.#cancel ??= clock.after(GATHER_MS, () => this.#flush());
    return id;
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const rows = this.#waiting;
    this.#waiting = [];
    if (rows.length > 0) this.#writing = this.#writing.then(() => this.#write(rows));
  }

  async #write(rows: readonly CommandRow[]): Promise<void> {
    const { commands, clock, log, row } = this.#deps;
    try {
      await commands.add(rows);
    } catch {
      await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      await commands.add(rows).catch((err: unknown) => {
        log.error(
          { session: row.id, err, commands: rows.length },
          'commands cannot be written; the recording has them',
        );
      });
    }
  }
}

/** One line for a list: line breaks inside it stay, other control characters go. */
function bounded(line: string): string {
  const clean = line.split('\n').map(plain).join('\n');
  return clean.length <= LONGEST_LINE ? clean : `${clean.slice(0, LONGEST_LINE)}…`;
}

function defined(report: CommandReport): Partial<CommandRow> {
  return Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined));
}
