import type { Grant, Limits } from '../access/grant.ts';
import type { ClientChannel, ExitStatus, TargetChannel } from '../kernel/channel.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { CommandId, SessionId } from '../kernel/id.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import { plain } from '../kernel/printable.ts';
import type { Action, Actor, AuditDraft, SessionRow } from '../store/model.ts';
import type { SessionEnd } from '../store/store.ts';
import { CommandGate } from './commands/gate.ts';
import { CommandLog } from './commands/log.ts';
import { admitRequested } from './commands/requested-command.ts';
import { ExecTransfers, withoutRight } from './exec-transfers/exec-transfers.ts';
import { LabelWatch } from './label.ts';
import { allows, LimitTimers } from './limits.ts';
import { farewell, refusal } from './notices.ts';
import type { Pump } from './pump.ts';
import { pumpFor } from './pumps.ts';
import { Recorder } from './recorder.ts';
import { beginRecording, dropRecording } from './recording-begin.ts';
import type { SessionDeps } from './registry.ts';
import { endAudit, endOf, firstRow, ownAudit, sizeOf, spoolHeader } from './rows.ts';
import { Screen } from './screen.ts';
import { TerminalPump } from './terminal-pump.ts';
import { TransferLog } from './transfers.ts';
import type { EndReason, LiveSession, OpenOptions, Watcher } from './types.ts';
import { Watchers } from './watch.ts';

/** One owner for one recorded use of one asset, from the first row to the last. */
export class Session implements LiveSession {
  readonly id: SessionId;
  readonly grant: Grant;
  readonly ended: Promise<EndReason>;
  readonly #deps: SessionDeps;
  readonly #options: OpenOptions;
  readonly #screen: Screen | undefined;
  readonly #watchers: Watchers | undefined;
  readonly #recorder: Recorder;
  readonly #gate: CommandGate;
  readonly #commands: CommandLog;
  readonly #transfers: TransferLog;
  /** Of a command that moves files. */
  readonly #exec: ExecTransfers | undefined;
  readonly #dial = new AbortController();
  readonly #bytes = { in: 0, out: 0 };
  #row: SessionRow;
  #pump: Pump | undefined;
  #timers: LimitTimers | undefined;
  #limits: Limits;
  #exit: ExitStatus | undefined;
  /** The row of the requested command. */
  #command: CommandId | undefined;
  /** Runs without a recording, which its permission allowed when that began. */
  #unrecorded = false;
  #lockedBy: string | undefined;
  #reason: EndReason | undefined;
  #endedBy: Actor | undefined;
  #resolveEnded: (reason: EndReason) => void = () => {};

  constructor(deps: SessionDeps, id: SessionId, grant: Grant, options: OpenOptions) {
    this.#deps = deps;
    this.#options = options;
    this.id = id;
    this.grant = grant;
    this.#limits = grant.limits;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    if (options.pty) {
      this.#screen = new Screen(sizeOf(options.pty.size), deps.clock);
      this.#watchers = new Watchers(this.#screen);
    }
    const { recording_limit, exec_output_limit } = deps.config.session;
    this.#recorder = new Recorder({
      // of files it has a line for each, which nothing else can stand for
      limit: this.#screen || grant.use === 'files' ? recording_limit : exec_output_limit,
      screen: this.#screen,
      clock: deps.clock,
      events: { drained: () => this.#pump?.recorderDrained(), failed: (error) => this.#recordingFailed(error) },
    });
    this.#row = firstRow(id, grant, options, deps.clock.now());
    this.#commands = new CommandLog({
      commands: deps.store.commands,
      recorder: this.#recorder,
      clock: deps.clock,
      log: deps.log,
      row: this.#row,
    });
    const { clock, log } = deps;
    this.#transfers = new TransferLog({
      transfers: deps.store.transfers,
      clock,
      log,
      grant,
      row: this.#row,
      drained: () => this.#pump?.rowsDrained(),
    });
    this.#exec = ExecTransfers.of(options.program, {
      clock,
      recorder: this.#recorder,
      transfers: this.#transfers,
      bytes: this.#screen && this.#bytes,
      may: this.#may,
    });
    this.#gate = new CommandGate(
      { reviews: deps.reviews, log: deps.log, row: () => this.row() },
      grant.limits.commands,
    );
  }

  get locked(): boolean {
    return this.#lockedBy !== undefined;
  }

  get isTerminal(): boolean {
    return this.#screen !== undefined;
  }

  /** Whether it must not run unrecorded. */
  get #mustRecord(): boolean {
    return this.#limits.record === 'required' && this.#deps.config.session.recording === 'required';
  }

  /** Whether the permission allows this now. */
  readonly #may = (action: Action): boolean => allows(this.#limits, action, this.#deps.clock.now());

  row(): SessionRow {
    return { ...this.#row, bytesIn: this.#bytes.in, bytesOut: this.#bytes.out };
  }

  /** Recording, row, dialling, wiring, in this order. Rejects with an AppError; then nothing is left open. */
  async start(client: ClientChannel): Promise<void> {
    const leave = () => void this.end({ cause: 'client-closed' });
    this.#options.signal.addEventListener('abort', leave);
    try {
      await this.#beginRow();
      await this.#admitCommand();
      const target = await this.#connect();
      try {
        this.#wire(client, target);
      } catch (error) {
        await this.end({ cause: 'connect-failed', detail: 'the channels cannot be joined' });
        throw toAppError(error);
      }
    } finally {
      this.#options.signal.removeEventListener('abort', leave);
    }
  }

  end(reason: EndReason, by?: Actor): Promise<void> {
    if (!this.#reason) {
      this.#reason = { cause: reason.cause, detail: reason.detail === undefined ? undefined : plain(reason.detail) };
      this.#endedBy = by;
      this.#dial.abort();
      if (this.#pump) void this.#close();
    }
    return this.ended.then(() => {});
  }

  lock(by: string): void {
    if (this.#lockedBy !== undefined || this.#reason) return;
    this.#lockedBy = plain(by);
    this.#pump?.lock();
    this.#tell(this.#lockText());
  }

  unlock(by: string): void {
    if (this.#lockedBy === undefined || this.#reason) return;
    this.#lockedBy = undefined;
    this.#pump?.unlock();
    this.#tell(`Unlocked by ${plain(by)}.`);
  }

  watch(watcher: Watcher): Disposer {
    if (!this.#watchers) {
      throw new AppError('unsupported', `Session ${this.id} has no terminal to watch; its recording shows its output.`);
    }
    if (this.#reason) throw new AppError('not_found', `Session ${this.id} has ended; replay it instead.`);
    return this.#watchers.add(watcher, this.locked ? [this.#lockText()] : []);
  }

  /** A sentence for the person at the terminal; commands without a terminal are left alone. */
  notice(text: string): void {
    if (!this.#reason) this.#tell(text);
  }

  /** What a permission says now holds from now on. */
  replaceLimits(limits: Limits): void {
    this.#limits = limits;
    this.#timers?.replace(limits);
    this.#gate.replace(limits.commands);
    const missing = this.#pump && this.#exec?.missing();
    if (missing) void this.end(withoutRight(missing));
    if (this.#unrecorded && this.#mustRecord)
      void this.end({
        cause: 'recording-failed',
        detail: 'it runs unrecorded, and its permission requires a recording now',
      });
  }

  async #beginRow(): Promise<void> {
    const { store } = this.#deps;
    // of a forwarded connection the row is the record
    const unrecorded = this.grant.use === 'forward' ? undefined : await this.#beginRecording();
    this.#commands.begin();
    this.#unrecorded = unrecorded !== undefined;
    const { jump } = this.#options;
    const audit = [this.#audit('session.start', { recorded: !unrecorded, ...(jump === undefined ? {} : { jump }) })];
    if (unrecorded) audit.push(this.#audit('session.unrecorded', { why: unrecorded.message }));
    if (this.#recorder.recording) this.#row = { ...this.#row, recording: 'spool' };
    try {
      await store.sessions.create(this.#row, audit);
    } catch (error) {
      await this.#dropRecording();
      throw this.#refused(toAppError(error));
    }
  }

  /** Why there is none, when the session may run without. */
  async #beginRecording(): Promise<AppError | undefined> {
    const unrecorded = await beginRecording(this.#deps, this.#recorder, spoolHeader(this.#row, this.#options.pty));
    if (!unrecorded || !this.#mustRecord) return unrecorded;
    const audit = { ...this.#audit('session.start', { recorded: false }), reason: unrecorded.message };
    await this.#deps.store.audit.append({ ...audit, outcome: 'failed' });
    throw this.#refused(unrecorded);
  }

  /** Rejects with `forbidden` when the requested command may not run; then nothing was dialled. */
  async #admitCommand(): Promise<void> {
    const { say, signal } = this.#options;
    const { command } = this.#row;
    if (command === null) return;
    const signals = [this.#dial.signal, signal];
    const rights = { missing: () => this.#exec?.missing(), asset: this.grant.asset.name };
    const requested = { command, gate: this.#gate, commands: this.#commands, rights, say, signals };
    const { admission, id, missing } = await admitRequested(requested);
    this.#command = id;
    if (admission.runs) return;
    if (missing) this.#exec?.denied(missing);
    this.#reason ??= { cause: 'command-denied', detail: admission.text };
    await this.#commands.finish();
    await this.#transfers.finish();
    await this.#dropRecording();
    await this.#writeEnd(this.#reason);
    throw this.#endedEarly(this.#reason);
  }

  async #connect(): Promise<TargetChannel> {
    const { pty, program, env, shareKey, agent, banner, progress, signal } = this.#options;
    if (signal.aborted) this.#reason ??= { cause: 'client-closed' };
    try {
      if (this.#reason) throw this.#endedEarly(this.#reason);
      const request = { pty, program, env, shareKey, agent, banner, progress };
      const target = await this.#deps.connector.open(this.grant, request, this.#dial.signal);
      if (!this.#reason) return target;
      target.attach(DEAF);
      target.close();
      throw this.#endedEarly(this.#reason);
    } catch (thrown) {
      const error = this.#reason ? this.#endedEarly(this.#reason) : toAppError(thrown);
      this.#reason ??= { cause: 'connect-failed', detail: error.message };
      await this.#dropRecording();
      await this.#writeEnd(this.#reason);
      throw error;
    }
  }

  /** Synchronous: a target channel wants its sink at once. */
  #wire(client: ClientChannel, target: TargetChannel): void {
    const host = {
      asset: plain(this.grant.asset.name),
      client,
      target,
      recorder: this.#recorder,
      gate: this.#gate,
      commands: this.#commands,
      transfers: this.#transfers,
      label: this.#labelWatch(),
      exec: this.#exec,
      clock: this.#deps.clock,
      bytes: this.#bytes,
      may: this.#may,
      touched: () => timers.touch(),
      exited: (status: ExitStatus) => {
        this.#exit = status;
        this.#exec?.exited(status);
        if (this.#command && status.kind === 'code') this.#commands.report(this.#command, { exitCode: status.code });
      },
      over: (reason: EndReason) => void this.end(reason),
    };
    const timers = new LimitTimers(
      this.#deps.clock,
      this.#limits,
      this.isTerminal,
      (cause) => void this.end({ cause }),
    );
    this.#timers = timers;
    this.#pump = pumpFor(host, this.grant.use, this.#options.program, this.#screen, this.#watchers);
    if (this.locked) this.#pump.lock();
    this.#pump.attach();
  }

  /** Of a command without a terminal. */
  #labelWatch(): LabelWatch | undefined {
    if (this.grant.use !== 'exec' || this.isTerminal) return undefined;
    return new LabelWatch(this.#row.command ?? '', (name) => {
      this.#options.label?.found(name);
      this.#row = { ...this.#row, label: this.#options.label?.name ?? name };
    });
  }

  async #close(): Promise<void> {
    const reason = this.#reason ?? { cause: 'client-closed' };
    this.#timers?.stop();
    const text = farewell(reason, { asset: this.grant.asset.name, ...this.#limits });
    try {
      this.#pump?.finish(reason, text);
    } catch (error) {
      // a channel that cannot even be closed must not keep the row open
      this.#deps.log.error({ session: this.id, err: error }, 'a channel cannot be closed');
    }
    const { endedAt: _, state: __, label: ___, ...end } = this.#endOf(reason);
    this.#exec?.finish(reason);
    await this.#commands.finish();
    await this.#transfers.finish();
    await this.#recorder.finish(end);
    this.#watchers?.ended(reason);
    await this.#writeEnd(reason);
  }

  /** The last row and audit, and then `ended`, whatever happens: a row that cannot be written now is written later. */
  async #writeEnd(reason: EndReason): Promise<void> {
    const { store, log, finished, writeLater } = this.#deps;
    const end = this.#endOf(reason);
    this.#row = { ...this.row(), ...end, endCause: end.cause, endDetail: end.detail };
    const output = this.#row.recording === 'spool' ? this.#recorder.summary() : null;
    const audit = endAudit(this.grant, this.#row, reason, this.#endedBy, output);
    const write = async () => {
      await store.sessions.end(this.id, end, audit);
      if (this.#row.recording === 'spool') finished(this.id);
    };
    await write().catch((error: unknown) => {
      log.error({ session: this.id, err: error }, 'the end of a session cannot be written; it is tried again');
      writeLater(write);
    });
    this.#resolveEnded(reason);
  }

  #endOf(reason: EndReason): SessionEnd {
    return endOf(reason, this.#exit, this.#row.label, this.#bytes, this.#deps.clock.now());
  }

  #recordingFailed(error: Error): void {
    const { log, store } = this.#deps;
    log.error({ session: this.id, err: error }, 'a recording cannot go on');
    const detail = (error as NodeJS.ErrnoException).code ?? error.message;
    if (this.#mustRecord) {
      void this.end({ cause: 'recording-failed', detail });
      return;
    }
    this.#unrecorded = true;
    store.audit.append(this.#audit('session.unrecorded', { why: detail })).catch((err: unknown) => {
      log.error({ session: this.id, err }, 'an audit row cannot be written');
    });
  }

  async #dropRecording(): Promise<void> {
    const isListed = this.#row.recording === 'spool';
    if (await dropRecording(this.#deps, this.#recorder, this.id, isListed))
      this.#row = { ...this.#row, recording: 'none' };
  }

  #refused(error: AppError): AppError {
    this.#reason ??= { cause: 'recording-failed', detail: error.message };
    this.#resolveEnded(this.#reason);
    return error;
  }

  #endedEarly(reason: EndReason): AppError {
    return refusal(reason, { asset: this.grant.asset.name, ...this.#limits });
  }

  #tell(text: string): void {
    if (this.#pump instanceof TerminalPump) this.#pump.notice(text);
  }

  #lockText(): string {
    return `Locked by ${this.#lockedBy}: what is typed is dropped until it is unlocked.`;
  }

  #audit(action: string, details: Record<string, unknown>): AuditDraft {
    return ownAudit(this.grant, this.#row, action, details);
  }
}

const DEAF = { data() {}, stderr() {}, drain() {}, eof() {}, exit() {}, closed() {} };
