/**
 * The byte channels of the data plane. A channel hands Buffers on by reference and never copies. Two rules hold for
 * every implementation: `write` returning false means "stop until `drain`", and after `closed` no other sink method
 * is called. No method returns a promise. Pauses count: output starts again after as many `resume` as `pause` calls, so
 * that back-pressure and a lock do not undo each other.
 */
export interface Size {
  readonly cols: number;
  readonly rows: number;
  /** Pixel size, 0 when unknown (RFC 4254 §6.2). */
  readonly width: number;
  readonly height: number;
}

export interface PtyRequest {
  readonly term: string;
  readonly size: Size;
  /** Encoded terminal modes exactly as the client sent them (RFC 4254 §8): opcode → value, ssh2's shape. */
  readonly modes: Readonly<Record<string, number>>;
}

/** How a remote program ended (RFC 4254 §6.10). */
export type ExitStatus =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string; readonly coreDumped: boolean; readonly message: string };

/** The program side, as a session sees it: what a connector opens. */
export interface TargetChannel {
  /** Must be called once, synchronously after the channel was handed out; nothing is delivered before. */
  attach(sink: TargetSink): void;
  write(chunk: Buffer): boolean;
  /** Half-close: end of the program's standard input. */
  eof(): void;
  resize(size: Size): void;
  /** A signal name without SIG (RFC 4254 §6.9). */
  signal(name: string): void;
  /** Stop and restart the program's output. */
  pause(): void;
  resume(): void;
  /** Ends the channel at once. `closed` follows. */
  close(): void;
}

export interface TargetSink {
  data(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** The target takes more input again. */
  drain(): void;
  /** The program's output ended; `exit` or `closed` may follow. */
  eof(): void;
  exit(status: ExitStatus): void;
  closed(error?: Error): void;
}

/** The person's side, as a session sees it: what a gateway hands in. */
export interface ClientChannel {
  attach(sink: ClientSink): void;
  write(chunk: Buffer): boolean;
  writeError(chunk: Buffer): boolean;
  /** End of output towards the client. */
  eof(): void;
  /** Must come before `eof` and `close`: the order exit-status, EOF, CLOSE is what clients expect. */
  exit(status: ExitStatus): void;
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ClientSink {
  data(chunk: Buffer): void;
  /** The client takes more output again. */
  drain(): void;
  /** The client closed its input. */
  eof(): void;
  resize(size: Size): void;
  signal(name: string): void;
  closed(): void;
}
