import type { ClientChannel, ClientSink, ExitStatus, Size } from '../../kernel/channel.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { SshClientChannel } from '../../kernel/ssh2/channel.ts';

/** What is typed while nobody listens is kept up to here; then the client waits. */
const MAX_HELD = 64 * 1024;

/**
 * The person's channel with changing readers: dialogues, the menu, sessions. What arrives in between is held for the
 * next one. The gateway's own readers use `onData`; a session takes the channel over and gives it back.
 */
export class ClientPort {
  readonly channel: SshClientChannel;
  #size: Size | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #paused = false;
  #ended = false;
  #closed = false;
  #session: ClientSink | undefined;
  #reader: ((chunk: Buffer) => void) | undefined;
  readonly #resized = new Set<() => void>();
  readonly #over = new Set<() => void>();

  /** `size` is that of the terminal, undefined without one. Call it in the turn in which the channel was accepted. */
  constructor(channel: SshClientChannel, size: Size | undefined) {
    this.channel = channel;
    this.#size = size;
    this.takeBack();
  }

  get size(): Size | undefined {
    return this.#size;
  }

  get isTerminal(): boolean {
    return this.#size !== undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Reads for the gateway, first what is held. One reader at a time. */
  onData(reader: (chunk: Buffer) => void): Disposer {
    this.#reader = reader;
    process.nextTick(() => this.#flush());
    return () => {
      if (this.#reader === reader) this.#reader = undefined;
    };
  }

  onResize(listener: () => void): Disposer {
    this.#resized.add(listener);
    return () => this.#resized.delete(listener);
  }

  /** Calls back when the channel is closed or, for the gateway's own readers, its input ended. */
  onOver(listener: () => void): Disposer {
    if (this.#closed || this.#ended) process.nextTick(listener);
    else this.#over.add(listener);
    return () => this.#over.delete(listener);
  }

  /** Aborts when the channel closes. */
  onClosed(listener: () => void): Disposer {
    return this.onOver(() => {
      if (this.#closed) listener();
      else this.#over.add(listener);
    });
  }

  /** Puts bytes in front of what is held. */
  putBack(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#held.unshift(chunk);
    this.#heldBytes += chunk.length;
  }

  /** Gives the channel to a session: what is held first, everything else as it comes. */
  handOver(sink: ClientSink): void {
    this.#reader = undefined;
    this.#session = sink;
    process.nextTick(() => {
      if (this.#session !== sink) return;
      if (this.#closed) return sink.closed();
      this.channel.attach({
        data: (chunk) => sink.data(chunk),
        drain: () => sink.drain(),
        eof: () => {
          this.#ended = true;
          sink.eof();
        },
        resize: (size) => {
          if (this.#size !== undefined) this.#size = size;
          sink.resize(size);
        },
        signal: (name) => sink.signal(name),
        closed: () => {
          this.#close();
          sink.closed();
        },
      });
      // after it, because a channel forgets its pauses when it gets a reader, and what is held may be more than is taken
      for (const chunk of this.#takeHeld()) sink.data(chunk);
      if (this.#ended) sink.eof();
    });
  }

  /** The gateway reads again. */
  takeBack(): void {
    this.#session = undefined;
    this.#paused = false;
    if (this.#ended) process.nextTick(() => this.#tellOver());
    this.channel.attach({
      data: (chunk) => this.#data(chunk),
      drain: () => {},
      eof: () => {
        this.#ended = true;
        this.#tellOver();
      },
      resize: (size) => {
        if (this.#size === undefined) return;
        this.#size = size;
        for (const listener of [...this.#resized]) listener();
      },
      signal: () => {},
      closed: () => this.#close(),
    });
  }

  #data(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#flush();
    if (this.#heldBytes < MAX_HELD || this.#paused) return;
    this.#paused = true;
    this.channel.pause();
  }

  #flush(): void {
    while (this.#reader && this.#held.length > 0) {
      const chunk = this.#held.shift()!;
      this.#heldBytes -= chunk.length;
      this.#reader(chunk);
    }
    if (!this.#paused || this.#heldBytes >= MAX_HELD) return;
    this.#paused = false;
    this.channel.resume();
  }

  #takeHeld(): Buffer[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }

  #close(): void {
    this.#closed = true;
    this.#tellOver();
  }

  #tellOver(): void {
    const listeners = [...this.#over];
    this.#over.clear();
    for (const listener of listeners) listener();
  }
}

type Ending =
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'eof' }
  | { readonly kind: 'close' };

/**
 * What a session gets of the person's channel. Until `opened()` its endings are kept back, so that a session that
 * could not start leaves the channel usable for saying why. With `returns`, the end of the session gives the channel
 * back to the port instead of closing it: the menu goes on.
 */
export class SessionClient implements ClientChannel {
  readonly #port: ClientPort;
  readonly #returns: boolean;
  readonly #beforeUse: () => void;
  #endings: Ending[] | undefined = [];
  #sink: ClientSink | undefined;
  #over = false;

  constructor(port: ClientPort, options: { returns: boolean; beforeUse: () => void }) {
    this.#port = port;
    this.#returns = options.returns;
    this.#beforeUse = options.beforeUse;
  }

  /** The session stands: its endings count from now on. */
  opened(): void {
    const endings = this.#endings ?? [];
    this.#endings = undefined;
    for (const ending of endings) this.#end(ending);
  }

  /** The session is over, or did not come to be: the channel is the gateway's again, whatever the session left undone. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    this.#port.takeBack();
  }

  attach(sink: ClientSink): void {
    this.#sink = sink;
    this.#beforeUse();
    this.#port.handOver(sink);
  }

  write(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#beforeUse();
    return this.#port.channel.write(chunk);
  }

  writeError(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#beforeUse();
    return this.#port.channel.writeError(chunk);
  }

  eof(): void {
    this.#end({ kind: 'eof' });
  }

  exit(status: ExitStatus): void {
    this.#end({ kind: 'exit', status });
  }

  close(): void {
    this.#end({ kind: 'close' });
  }

  pause(): void {
    if (!this.#over) this.#port.channel.pause();
  }

  resume(): void {
    if (!this.#over) this.#port.channel.resume();
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    if (this.#endings) {
      this.#endings.push(ending);
      return;
    }
    if (!this.#returns) {
      if (ending.kind === 'exit') this.#port.channel.exit(ending.status);
      else if (ending.kind === 'eof') this.#port.channel.eof();
      else this.#port.channel.close();
    } else if (ending.kind === 'close') {
      this.#over = true;
      this.#port.takeBack();
      process.nextTick(() => this.#sink?.closed());
    }
  }
}
