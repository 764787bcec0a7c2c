import type { Grant, Limits } from '../access/grant.ts';
import type { ClientChannel, ExitStatus, TargetChannel } from '../kernel/channel.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { CommandId, SessionId } from '../kernel/id.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import { plain } from '../kernel/printable.ts';
import type { Action, Actor, SessionRow } from '../store/model.ts';
import { CommandGate } from './commands/gate.ts';
import { CommandLog } from './commands/log.ts';
import { admitRequested } from './commands/requested-command.ts';
import { type SessionEvent, SessionEvents } from './events.ts';
import { ExecTransfers } from './exec-transfers/exec-transfers.ts';
import { LabelWatch } from './label.ts';
import { allows, LimitTimers } from './limits.ts';
import { withoutRight } from './missing-right.ts';
import { farewell, refusal, spoken } from './notices.ts';
import { Participants } from './participants.ts';
import type { Pump } from './pump.ts';
import { pumpFor } from './pumps.ts';
import { Recorder } from './recorder.ts';
import type { SessionDeps } from './registry.ts';
import { sizeOf } from './rows.ts';
import { Screen } from './screen.ts';
import { SessionRecord } from './session-record.ts';
import { TerminalPump } from './terminal-pump.ts';
import { TransferLog } from './transfers.ts';
import type { EndReason, LiveSession, OpenOptions, Watcher } from './types.ts';
import { Watchers } from './watch.ts';

/** One owner for one recorded use of one asset, from the first row to the last. */
export class Session implements LiveSession {
  readonly id: SessionId;
  readonly grant: Grant;
  readonly ended: Promise<EndReason>;
  readonly participants: Participants;
  readonly #deps: SessionDeps;
  readonly #options: OpenOptions;
  readonly #screen: Screen | undefined;
  readonly #watchers: Watchers | undefined;
  readonly #recorder: Recorder;
  readonly #record: SessionRecord;
  readonly #gate: CommandGate;
  readonly #commands: CommandLog;
  readonly #transfers: TransferLog;
  /** Of a command that moves files. */
  readonly #exec: ExecTransfers | undefined;
  readonly #events = new SessionEvents();
  readonly #dial = new AbortController();
  #pump: Pump | undefined;
  #timers: LimitTimers | undefined;
  #limits: Limits;
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
    this.participants = new Participants({
      notice: (text) => {
        if (!this.#reason) this.#tell(text);
      },
      input: (chunk) => {
        if (this.#pump instanceof TerminalPump) this.#pump.typed(chunk);
      },
    });
    this.participants.onChange(() => this.#events.emit({ kind: 'people', people: this.participants.announced }));
    if (options.pty) {
      this.#screen = new Screen(sizeOf(options.pty.size), deps.clock);
      this.#watchers = new Watchers(this.#screen);
    }
    const { clock, log, store, reviews, config } = deps;
    const { recording_limit, exec_output_limit } = config.session;
    this.#recorder = new Recorder({
      // of files it has a line for each, which nothing else can stand for
      limit: this.#screen || grant.use === 'files' ? recording_limit : exec_output_limit,
      screen: this.#screen,
      clock,
      events: { drained: () => this.#pump?.recorderDrained(), failed: (error) => this.#recordingFailed(error) },
    });
    const recorder = this.#recorder;
    this.#record = new SessionRecord(deps, id, grant, options, recorder);
    const row = this.#record.row();
    this.#commands = new CommandLog({ commands: store.commands, recorder, clock, log, row });
    const drained = () => this.#pump?.rowsDrained();
    this.#transfers = new TransferLog({ transfers: store.transfers, clock, log, grant, row, drained });
    this.#exec = ExecTransfers.of(options.program, {
      clock,
      recorder,
      transfers: this.#transfers,
      bytes: this.#screen && this.#record.bytes,
      may: this.may,
    });
    this.#gate = new CommandGate({ reviews, log, row: () => this.row() }, grant.limits.commands);
  }

  get locked(): boolean {
    return this.#lockedBy !== undefined;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Not yet on its way out. */
  get isLive(): boolean {
    return this.#reason === undefined;
  }

  get isTerminal(): boolean {
    return this.#screen !== undefined;
  }

  /** Whether it must not run unrecorded. */
  get #mustRecord(): boolean {
    return this.#limits.record === 'required' && this.#deps.config.session.recording === 'required';
  }

  /** Whether the permission allows this now. */
  readonly may = (action: Action): boolean => allows(this.#limits, action, this.#deps.clock.now());

  row(): SessionRow {
    return this.#record.row();
  }

  onEvent(listener: (event: SessionEvent) => void): Disposer {
    return this.#events.add(listener);
  }

  farewell(reason: EndReason): string | undefined {
    return farewell(reason, { asset: this.grant.asset.name, ...this.#limits });
  }

  /** Recording, row, dialling, wiring, in this order. Rejects with an AppError; then nothing is left open. */
  async start(client: ClientChannel): Promise<void> {
    const leave = () => void this.end({ cause: 'client-closed' });
    this.#options.signal.addEventListener('abort', leave);
    try {
      await this.#begin();
      const target = await this.#reach();
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
    this.#events.emit({ kind: 'locked', by: this.#lockedBy });
    this.#tell(this.#lockText());
  }

  unlock(by: string): void {
    if (this.#lockedBy === undefined || this.#reason) return;
    this.#lockedBy = undefined;
    this.#pump?.unlock();
    this.#events.emit({ kind: 'locked', by: null });
    this.#tell(`Unlocked by ${plain(by)}.`);
  }

  watch(watcher: Watcher): Disposer {
    if (!this.#watchers) {
      throw new AppError(
        'unsupported',
        this.grant.use === 'forward'
          ? `Session ${this.id} is a forwarded connection: of what goes through it there is nothing to watch but its counts.`
          : `Session ${this.id} has no terminal to watch; what it did so far is in its recording, which may be replayed now.`,
      );
    }
    if (this.#reason) throw new AppError('not_found', `Session ${this.id} has ended; replay it instead.`);
    return this.#watchers.add(watcher, this.locked ? [this.#lockText()] : []);
  }

  /** The bastion goes down in so long, which is for everybody: a sentence on terminals, an event for who listens. */
  goingDown(graceMs: number): void {
    if (this.#reason) return;
    this.#tell(`The bastion is going down in ${spoken(graceMs)}: save your work and log out.`);
    this.#events.emit({ kind: 'warning', cause: 'shutdown', seconds: Math.ceil(graceMs / 1000) });
  }

  /** What a permission says now holds from now on. */
  replaceLimits(limits: Limits): void {
    this.#limits = limits;
    this.#timers?.replace(limits);
    this.#gate.replace(limits.commands);
    this.#events.emit({ kind: 'limits', limits });
    if (!this.may('share')) this.#deps.shares.removeOf(this.id);
    const missing = this.#pump && this.#exec?.missing();
    if (missing) void this.end(withoutRight(missing));
    if (this.#unrecorded && this.#mustRecord)
      void this.end({
        cause: 'recording-failed',
        detail: 'it runs unrecorded, and its permission requires a recording now',
      });
  }

  /** Its recording and its row. */
  async #begin(): Promise<void> {
    try {
      const unrecorded = await this.#record.beginRecording(this.#mustRecord);
      this.#commands.begin();
      this.#unrecorded = unrecorded !== undefined;
      await this.#record.create(unrecorded);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#reason ??= { cause: 'recording-failed', detail: error.message };
      this.#resolveEnded(this.#reason);
      throw error;
    }
  }

  /** Its target. What goes wrong on the way there is the end of it, and nothing was recorded. */
  async #reach(): Promise<TargetChannel> {
    try {
      await this.#admitCommand();
      return await this.#connect();
    } catch (thrown) {
      const error = this.#reason ? this.#endedEarly(this.#reason) : toAppError(thrown);
      this.#reason ??= { cause: 'connect-failed', detail: error.message };
      await this.#commands.finish();
      await this.#transfers.finish();
      await this.#record.dropRecording();
      await this.#writeEnd(this.#reason);
      throw error;
    }
  }

  /** Rejects with `forbidden` when the requested command may not run; then nothing was dialled. */
  async #admitCommand(): Promise<void> {
    const { say, signal } = this.#options;
    const { command } = this.row();
    if (command === null) return;
    const signals = [this.#dial.signal, signal];
    const rights = { missing: () => this.#exec?.missing(), asset: this.grant.asset.name };
    const requested = { command, gate: this.#gate, commands: this.#commands, rights, say, signals };
    const { admission, id, missing } = await admitRequested(requested);
    this.#command = id;
    if (admission.runs) return;
    if (missing) this.#exec?.denied(missing);
    this.#reason ??= { cause: 'command-denied', detail: admission.text };
    throw this.#endedEarly(this.#reason);
  }

  async #connect(): Promise<TargetChannel> {
    const { pty, program, env, shareKey, agent, banner, progress, signal } = this.#options;
    if (signal.aborted) this.#reason ??= { cause: 'client-closed' };
    if (this.#reason) throw this.#endedEarly(this.#reason);
    const request = { pty, program, env, shareKey, agent, banner, progress };
    const target = await this.#deps.connector.open(this.grant, request, this.#dial.signal);
    if (!this.#reason) return target;
    target.attach(DEAF);
    target.close();
    throw this.#endedEarly(this.#reason);
  }

  /** Synchronous: a target channel wants its sink at once. */
  #wire(client: ClientChannel, target: TargetChannel): void {
    const host = {
      asset: plain(this.grant.asset.name),
      via: this.#options.via,
      client,
      target,
      recorder: this.#recorder,
      gate: this.#gate,
      commands: this.#commands,
      transfers: this.#transfers,
      label: this.#labelWatch(),
      exec: this.#exec,
      clock: this.#deps.clock,
      bytes: this.#record.bytes,
      may: this.may,
      touched: () => timers.touch(),
      exited: (status: ExitStatus) => {
        this.#record.exit = status;
        this.#exec?.exited(status);
        if (this.#command && status.kind === 'code') this.#commands.report(this.#command, { exitCode: status.code });
      },
      over: (reason: EndReason) => void this.end(reason),
      failed: (err: unknown) => {
        this.#deps.log.error({ session: this.id, err }, 'what passes in a session cannot be handled');
        void this.end({
          cause: 'protocol-error',
          detail: 'something went wrong; the log of the bastion has the details',
        });
      },
    };
    const timers = new LimitTimers(this.#deps.clock, this.#limits, this.isTerminal, {
      over: (cause) => void this.end({ cause }),
      warn: (cause, seconds) => this.#events.emit({ kind: 'warning', cause, seconds }),
    });
    this.#timers = timers;
    const [screen, watchers, { participants }] = [this.#screen, this.#watchers, this];
    const terminal = screen && watchers && { screen, watchers, participants };
    this.#pump = pumpFor(host, this.grant.use, this.#options.program, terminal);
    if (this.locked) this.#pump.lock();
    this.#pump.attach();
  }

  /** Of a command without a terminal. */
  #labelWatch(): LabelWatch | undefined {
    if (this.grant.use !== 'exec' || this.isTerminal) return undefined;
    return new LabelWatch(this.row().command ?? '', (name) => {
      this.#options.label?.found(name);
      this.#record.labelled(this.#options.label?.name ?? name);
    });
  }

  async #close(): Promise<void> {
    const reason = this.#reason ?? { cause: 'client-closed' };
    this.#timers?.stop();
    const text = this.farewell(reason);
    try {
      this.#pump?.finish(reason, text);
    } catch (error) {
      // a channel that cannot even be closed must not keep the row open
      this.#deps.log.error({ session: this.id, err: error }, 'a channel cannot be closed');
    }
    const { endedAt: _, state: __, label: ___, ...end } = this.#record.endOf(reason);
    this.#exec?.finish(reason);
    await this.#commands.finish();
    await this.#transfers.finish();
    await this.#recorder.finish(end);
    this.#watchers?.ended(reason);
    await this.#writeEnd(reason);
  }

  /** The last row and audit, and then `ended`, whatever happens. */
  async #writeEnd(reason: EndReason): Promise<void> {
    await this.#record.end(reason, this.#endedBy);
    this.#resolveEnded(reason);
  }

  #recordingFailed(error: Error): void {
    this.#deps.log.error({ session: this.id, err: error }, 'a recording cannot go on');
    const detail = (error as NodeJS.ErrnoException).code ?? error.message;
    if (this.#mustRecord) {
      void this.end({ cause: 'recording-failed', detail });
      return;
    }
    this.#unrecorded = true;
    this.#record.unrecorded(detail);
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
}

const DEAF = { data() {}, stderr() {}, drain() {}, eof() {}, exit() {}, closed() {} };
