import type { ClientSink, Size, TargetSink } from '../kernel/channel.ts';
import { rule } from './commands/admission.ts';
import { CommandGuard } from './commands/guard.ts';
import { CommandReader } from './commands/reader.ts';
import { HOLD } from './holds.ts';
import { wrapped } from './notice-wrap.ts';
import type { Participants } from './participants.ts';
import { Pump, type PumpHost } from './pump.ts';
import type { Screen } from './screen.ts';
import type { EndReason } from './types.ts';
import type { Watchers } from './watch.ts';
import { unfinished } from './zmodem/reports.ts';
import { ZmodemWatch } from './zmodem/watch.ts';

/** What only a terminal has. */
export interface TerminalParts {
  readonly screen: Screen;
  readonly watchers: Watchers;
  readonly participants: Participants;
}

/** Carries a terminal. Per chunk of output: no copy, no string, no promise. */
export class TerminalPump extends Pump {
  readonly #screen: Screen;
  readonly #watchers: Watchers;
  readonly #participants: Participants;
  readonly #reader: CommandReader;
  readonly #guard: CommandGuard;
  readonly #zmodem: ZmodemWatch;
  #inputEnded = false;

  constructor(host: PumpHost, { screen, watchers, participants }: TerminalParts) {
    // one stream of keys goes to the target: who types along waits when the user does
    super(host, {
      pause: () => {
        host.client.pause();
        participants.pause();
      },
      resume: () => {
        host.client.resume();
        participants.resume();
      },
    });
    this.#screen = screen;
    this.#watchers = watchers;
    this.#participants = participants;
    const { gate, commands, clock, client, target } = host;
    this.#reader = new CommandReader({
      commands,
      clock,
      size: () => screen.size,
      ranUnjudged: (line) => this.#ranUnjudged(line),
    });
    this.#guard = new CommandGuard({
      gate,
      clock,
      reader: this.#reader,
      send: (chunk) => this.#send(chunk),
      notice: (text) => this.notice(text),
      show: (text) => {
        client.write(Buffer.from(text));
      },
      pause: () => this.clientHolds.hold(HOLD.review),
      resume: () => this.clientHolds.release(HOLD.review),
      idle: () => {
        if (this.#inputEnded && !this.done && !this.locked) target.eof();
      },
    });
    this.#zmodem = this.#watchTransfers();
  }

  notice(text: string): void {
    if (this.done || this.#zmodem.postpone(text)) return;
    // watchers show it beside the screen, as wide as theirs is
    this.#watchers.notice(text);
    const rows = wrapped(text, this.#screen.size.cols);
    this.host.client.write(Buffer.from(`\r\n${rows}\r\n`));
    this.host.recorder.notice(rows);
  }

  /** The last sentence, on a terminal that is usable again. */
  farewell(text: string): void {
    this.host.client.write(Buffer.from(this.#screen.restore()));
    this.notice(text);
  }

  /** Locked input is dropped, not kept: nobody wants it typed later. A file that is under way is given up. */
  lock(): void {
    this.#zmodem.stop({ result: 'cancelled', detail: 'the session was locked', gone: undefined });
    this.locked = true;
    this.#participants.drop();
    this.#guard.drop();
  }

  unlock(): void {
    this.locked = false;
    if (this.#inputEnded) this.host.target.eof();
  }

  override finish(reason: EndReason, text: string | undefined): void {
    if (!this.done) {
      this.#zmodem.finish(unfinished(reason));
      this.#guard.drop();
      this.#reader.finish();
    }
    super.finish(reason, text);
  }

  protected clientSink(): ClientSink {
    const { target, recorder } = this.host;
    return {
      data: (chunk) => {
        if (!this.done && !this.locked) this.#keys(chunk);
      },
      drain: () => this.targetHolds.release(HOLD.slowReader),
      eof: () => {
        this.#inputEnded = true;
        if (!this.done && !this.locked && !this.#guard.holding) target.eof();
      },
      resize: (size: Size) => {
        if (this.done) return;
        target.resize(size);
        recorder.resize(size);
        this.#screen.resize(size);
        this.#reader.resize(size);
        this.#watchers.resize(size);
      },
      signal: (name) => {
        if (this.done || this.locked) return;
        this.host.touched();
        target.signal(name);
      },
      closed: () => this.clientClosed(),
    };
  }

  protected targetSink(): TargetSink {
    const { client, recorder, bytes } = this.host;
    const screen = this.#screen;
    const watchers = this.#watchers;
    return {
      data: (chunk) => {
        if (this.done) return;
        bytes.out += chunk.length;
        if (this.#zmodem.output(chunk)) return;
        // the user first: an echo does not wait for those who look on
        this.#give(chunk);
        this.#show(chunk);
        this.#guard.output();
      },
      stderr: (chunk) => {
        if (this.done) return;
        bytes.out += chunk.length;
        if (!client.writeError(chunk)) this.targetHolds.hold(HOLD.slowReader);
        if (!recorder.stderr(chunk)) this.targetHolds.hold(HOLD.recorder);
        screen.output(chunk);
        watchers.output(chunk);
        this.#reader.output(chunk);
        this.#guard.output();
      },
      drain: () => this.clientHolds.release(HOLD.slowReader),
      eof: () => {
        if (!this.done) this.targetEof();
      },
      exit: (status) => {
        if (!this.done) this.targetExit(status);
      },
      closed: (error) => this.targetClosed(error),
    };
  }

  /** Typed by somebody who joined: goes the way of the user's keys. A file that is under way is the user's alone. */
  typed(chunk: Buffer): void {
    if (this.done || this.locked || this.#inputEnded || this.#zmodem.active) return;
    this.#keys(chunk);
  }

  #keys(chunk: Buffer): void {
    this.host.bytes.in += chunk.length;
    this.host.touched();
    if (this.#guard.holding || !this.#zmodem.input(chunk)) this.#guard.input(chunk);
  }

  #send(chunk: Buffer): void {
    if (!this.host.target.write(chunk)) this.clientHolds.hold(HOLD.slowReader);
  }

  #give(chunk: Buffer): void {
    if (!this.host.client.write(chunk)) this.targetHolds.hold(HOLD.slowReader);
  }

  /** To all who look on. */
  #show(chunk: Buffer): void {
    if (!this.host.recorder.output(chunk)) this.targetHolds.hold(HOLD.recorder);
    this.#screen.output(chunk);
    this.#watchers.output(chunk);
    this.#reader.output(chunk);
  }

  /** Files within the terminal's bytes: they pass, but they are no output and no keys. */
  #watchTransfers(): ZmodemWatch {
    const { host } = this;
    return new ZmodemWatch({
      clock: host.clock,
      may: (direction) => host.may(direction),
      show: (chunk) => this.#show(chunk),
      give: (chunk) => this.#give(chunk),
      send: (chunk) => this.#send(chunk),
      typed: (chunk) => this.#guard.input(chunk),
      touched: () => host.touched(),
      notice: (text) => this.notice(text),
      tell: (text) => {
        host.recorder.marker(text);
        this.#watchers.notice(text);
      },
      transfer: (entry) => host.transfers.add(entry),
      unproven: () => {
        const line = 'an upload without a whole file: what was sent as one is not parsed';
        host.commands.add({ line, confidence: 'unparsed', context: 'program' });
      },
    });
  }

  /** What the shell made of a line is known only when it runs: then the user is told, and the row says so. */
  #ranUnjudged(line: string) {
    const { gate } = this.host;
    if (gate.empty) return undefined;
    const { action, rule: minded } = gate.judge(line);
    if (!minded || action === 'allow') return undefined;
    const ruling = rule(gate, line);
    const text = ruling.kind === 'decided' ? ruling.admission.text : undefined;
    if (text !== undefined && action === 'warn') this.notice(text);
    return { runs: true, verdict: 'warn' as const, filter: minded.name, reviewer: null, text };
  }
}
