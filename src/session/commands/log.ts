import { type Clock, within } from '../../kernel/clock.ts';
import { toAppError } from '../../kernel/errors.ts';
import { type CommandId, newId } from '../../kernel/id.ts';
import type { Log } from '../../kernel/log.ts';
import { plain } from '../../kernel/printable.ts';
import type { CommandReport, CommandRow, SessionRow } from '../../store/model.ts';
import type { CommandsRepository } from '../../store/store.ts';
import type { Recorder } from '../recorder.ts';

/** A longer line is cut: nobody types it, and it must not fill the log. */
const LONGEST_LINE = 16 * 1024;
const LONGEST_PATH = 4096;
/** Rows wait at most this long for company; a person's Enter keys come one by one, a script's lines by the thousand. */
const GATHER_MS = 100;
const MOST_AT_ONCE = 200;
/** A session's rows. What comes beyond them is told by one last row. */
const MOST_ROWS = 20_000;
/** Characters that wait for a store that takes nothing; the oldest rows go first, the recording has them. */
const MOST_WAITING = 16 * 1024 * 1024;
const RETRY_MS = 2000;
/** The end of a session waits no longer than this for its rows; they are written behind it then. */
const FINISH_MS = 5000;

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
 * batches, in order. Nothing here waits for the store; what it cannot take is tried again until it does.
 */
export class CommandLog {
  readonly #deps: CommandLogDeps;
  #startedAt: number;
  /** Not in the store yet; the first `#inFlight` of them are on their way. */
  readonly #waiting: CommandRow[] = [];
  #characters = 0;
  #inFlight = 0;
  /** About rows that are in the store, or on their way. */
  readonly #reports: { readonly id: CommandId; readonly report: CommandReport }[] = [];
  #count = 0;
  #lost = 0;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> | undefined;

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
  report(id: CommandId, { exitCode, reported, cwd }: CommandReport): void {
    const report = {
      exitCode,
      reported: reported === undefined ? undefined : bounded(reported, LONGEST_LINE),
      cwd: cwd === undefined ? undefined : bounded(cwd, LONGEST_PATH),
    };
    const index = this.#waiting.findIndex((row) => row.id === id);
    if (index >= this.#inFlight) {
      this.#waiting[index] = { ...this.#waiting[index]!, ...defined(report) };
    } else {
      this.#reports.push({ id, report });
      this.#gather();
    }
  }

  /** Writes what waits. Resolves when it stands in the store, or after a while without it. */
  async finish(): Promise<void> {
    this.#flush();
    if (this.#writing) await within(this.#deps.clock, FINISH_MS, this.#writing);
  }

  #put(entry: CommandEntry): CommandId {
    const { clock, recorder, row } = this.#deps;
    const late = entry.at === undefined ? 0 : clock.monotonic() - entry.at;
    const at = Math.round(clock.now() - late);
    const command: CommandRow = {
      id: newId<CommandId>(at),
      at,
      sessionId: row.id,
      userId: row.userId,
      userName: row.userName,
      assetId: row.assetId,
      assetName: row.assetName,
      account: row.account,
      line: bounded(entry.line, LONGEST_LINE),
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
    this.#characters += line.length;
    this.#makeRoom();
    if (this.#waiting.length >= MOST_AT_ONCE) this.#flush();
    else this.#gather();
    return id;
  }

  #makeRoom(): void {
    while (this.#characters > MOST_WAITING && this.#waiting.length > this.#inFlight + 1) {
      const [dropped] = this.#waiting.splice(this.#inFlight, 1);
      this.#characters -= dropped!.line.length;
      this.#lost++;
    }
  }

  #gather(): void {
    this.#cancel ??= this.#deps.clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#waiting.length === 0 && this.#reports.length === 0) return;
    this.#writing ??= this.#writeAll();
  }

  /** Until nothing waits any more, or the store is closed for good. */
  async #writeAll(): Promise<void> {
    const { clock, log, row } = this.#deps;
    for (let failures = 0; this.#waiting.length > 0 || this.#reports.length > 0; ) {
      try {
        await this.#writeSome();
        failures = 0;
      } catch (err) {
        this.#inFlight = 0;
        if (toAppError(err).code === 'shutting_down') break;
        if (failures++ === 0)
          log.error(
            { session: row.id, err },
            'commands cannot be written; it is tried again, and the recording has them',
          );
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      }
    }
    if (this.#lost > 0)
      log.error(
        { session: row.id, commands: this.#lost },
        'commands are missing from the list; the recording has them',
      );
    this.#lost = 0;
    this.#writing = undefined;
  }

  async #writeSome(): Promise<void> {
    const { commands } = this.#deps;
    const rows = this.#waiting.slice(0, MOST_AT_ONCE);
    this.#inFlight = rows.length;
    if (rows.length > 0) await commands.add(rows);
    this.#inFlight = 0;
    this.#waiting.splice(0, rows.length);
    for (const { line } of rows) this.#characters -= line.length;
    const next = this.#reports[0];
    if (!next) return;
    await commands.report(next.id, next.report);
    this.#reports.shift();
  }
}

/** Line breaks inside it stay, other control characters go. */
function bounded(text: string, longest: number): string {
  const clean = text.split('\n').map(plain).join('\n').toWellFormed();
  return clean.length <= longest ? clean : `${clean.slice(0, longest).toWellFormed()}…`;
}

function defined(report: CommandReport): Partial<CommandRow> {
  return Object.fromEntries(Object.entries(report).filter(([, value]) => value !== undefined));
}
