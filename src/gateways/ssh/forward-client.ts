import type { ClientChannel, ClientSink, ExitStatus } from '../../kernel/channel.ts';
import { type SshClientChannel, serverChannel } from '../../kernel/ssh2/channel.ts';
import type { ForwardOpening } from '../../kernel/ssh2/forward-opening.ts';

/** The person's side of a forwarded connection. Attaching accepts it: until then the client has no answer. */
export class ForwardClient implements ClientChannel {
  readonly #opening: ForwardOpening;
  #channel: SshClientChannel | undefined;

  constructor(opening: ForwardOpening) {
    this.#opening = opening;
  }

  attach(sink: ClientSink): void {
    const raw = this.#opening.accept();
    if (!raw) {
      process.nextTick(() => sink.closed());
      return;
    }
    this.#channel = serverChannel(raw, { terminal: false, drains: true });
    this.#channel.attach(sink);
  }

  write(chunk: Buffer): boolean {
    return this.#channel?.write(chunk) ?? true;
  }

  /** Such a channel has no second stream. */
  writeError(): boolean {
    return true;
  }

  eof(): void {
    this.#channel?.eof();
  }

  /** Nor an exit status. */
  exit(_status: ExitStatus): void {}

  pause(): void {
    this.#channel?.pause();
  }

  resume(): void {
    this.#channel?.resume();
  }

  close(): void {
    this.#channel?.close();
  }
}
