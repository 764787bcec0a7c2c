import type { Clock } from '../../kernel/clock.ts';
import { looksLikePrompt, takesEmptyLine } from './prompts.ts';
import type { CommandReader, Current } from './reader.ts';

/** How long a program may take to show that its line is empty. */
const PATIENCE_MS = 250;
const END_OF_LINE = '\x05';
const KILL_LINE = '\x15';
const INTERRUPT = Buffer.from('\x03');
const ENTER = Buffer.from('\r');

export interface ClearHost {
  readonly reader: CommandReader;
  readonly clock: Clock;
  readonly send: (bytes: Buffer) => void;
  /** To the user's terminal alone. */
  readonly show: (text: string) => void;
  /** As it was when it was refused. */
  readonly current: Current;
  /** The user is told now. */
  readonly tell: () => void;
  readonly done: () => void;
}

/**
 * Takes a refused line off the target's prompt: with the keys of line editors, and where the screen shows that they did
 * not help (vi mode, another kind of editor), with Ctrl-C. An Enter
 * that brings a fresh prompt follows only when the line is seen to be empty; elsewhere the prompt is shown again.
 */
export class LineClearer {
  readonly #host: ClearHost;
  #step: 'kill' | 'interrupt' | 'over' = 'kill';
  #cancelTimer: (() => void) | undefined;

  constructor(host: ClearHost) {
    this.#host = host;
  }

  start(): void {
    const { send, current, reader } = this.#host;
    if (current.context === 'program') {
      send(INTERRUPT);
      this.#end();
      return;
    }
    if (current.lines.length === 0 || current.empty) {
      // not shown, so nobody could see it gone
      send(INTERRUPT);
      this.#end();
      return;
    }
    reader.key({ kind: 'edit' });
    send(Buffer.from(current.behind ? END_OF_LINE + KILL_LINE : KILL_LINE));
    this.#wait();
  }

  output(): void {
    if (this.#step !== 'over') this.#look();
  }

  stop(): void {
    this.#step = 'over';
    this.#cancelTimer?.();
  }

  #look(): void {
    const now = this.#host.reader.current();
    const { prompt } = this.#host.current;
    // where the prompt was not seen before, as in a search, one that is known will do
    const isPrompt = now.prompt === prompt || now.known || (this.#step === 'interrupt' && looksLikePrompt(now.prompt));
    if (now.empty && isPrompt) this.#end(now.prompt);
  }

  #wait(): void {
    this.#cancelTimer = this.#host.clock.after(PATIENCE_MS, () => {
      if (this.#step === 'kill') {
        this.#step = 'interrupt';
        this.#host.reader.key({ kind: 'interrupt', by: 'c' });
        this.#host.send(INTERRUPT);
        this.#wait();
      } else this.#end();
    });
  }

  /** `prompt`: what stands before the empty line. */
  #end(prompt?: string): void {
    this.stop();
    const { reader, send, show, tell, done } = this.#host;
    reader.cleared();
    tell();
    if (prompt !== undefined && takesEmptyLine(prompt)) {
      reader.key({ kind: 'enter', by: 'enter', bytes: 1 });
      send(ENTER);
    } else if (prompt !== undefined) show(prompt);
    done();
  }
}
