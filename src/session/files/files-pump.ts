import { SftpError } from '../../kernel/sftp/wire.ts';
import type { Action } from '../../store/model.ts';
import { HOLD } from '../holds.ts';
import type { PumpHost } from '../pump.ts';
import { StreamPump } from '../stream-pump.ts';
import type { EndReason } from '../types.ts';
import { Exchange } from './exchange.ts';

/**
 * Carries SFTP. Neither file contents nor packets are recorded: the recording has a line for each thing that is done
 * with a file.
 */
export class FilesPump extends StreamPump {
  readonly #exchange: Exchange;
  /** While what the client sent is read: what goes to it now is our own answers. */
  #answering = false;
  /** It does not take our answers, so it is to ask nothing more. */
  #unread = false;
  readonly #told = new Set<Action>();

  constructor(host: PumpHost) {
    super(host);
    const { client, target, transfers, clock } = host;
    this.#exchange = new Exchange({
      asset: host.asset,
      method: host.via === 'web' ? 'web' : 'sftp',
      may: (action) => host.may(action),
      now: () => clock.now(),
      toTarget: (chunk) => {
        if (!target.write(chunk)) this.clientHolds.hold(HOLD.slowReader);
      },
      toClient: (chunk) => {
        if (client.write(chunk)) return;
        this.targetHolds.hold(HOLD.slowReader);
        this.#unread ||= this.#answering;
      },
      tell: (line) => this.#tell(line),
      transfer: (entry) => {
        if (!transfers.add(entry)) this.clientHolds.hold(HOLD.rows);
      },
      denied: (action, text) => this.#denied(action, text),
    });
  }

  override recorderDrained(): void {
    super.recorderDrained();
    this.clientHolds.release(HOLD.recorder);
  }

  override finish(reason: EndReason, text: string | undefined): void {
    if (!this.done) this.#exchange.end(`not closed when the session ended: ${reason.cause}`);
    super.finish(reason, text);
  }

  protected input(chunk: Buffer): void {
    this.#answering = true;
    try {
      this.#exchange.fromClient(chunk);
    } catch (error) {
      this.#broken('client', error);
    }
    this.#answering = false;
    this.#arrange();
  }

  protected inputEnd(): void {
    this.host.target.eof();
  }

  protected output(chunk: Buffer): void {
    try {
      this.#exchange.fromTarget(chunk);
    } catch (error) {
      this.#broken('target', error);
    }
    this.#arrange();
  }

  protected override clientDrained(): void {
    this.#unread = false;
    super.clientDrained();
    this.#arrange();
  }

  #arrange(): void {
    if (this.#unread || this.#exchange.crowded) this.clientHolds.hold(HOLD.answers);
    else this.clientHolds.release(HOLD.answers);
  }

  /** What cannot be read ends the session: whatever came behind it could not be judged. */
  #broken(side: 'client' | 'target', error: unknown): void {
    if (!(error instanceof SftpError)) this.host.failed(error);
    else this.host.over({ cause: 'protocol-error', detail: `the ${side} broke the SFTP protocol: ${error.message}` });
  }

  #tell(line: string): void {
    if (this.host.recorder.line(line)) return;
    this.clientHolds.hold(HOLD.recorder);
    this.targetHolds.hold(HOLD.recorder);
  }

  /** Most clients show stderr, and not the text of a STATUS. */
  #denied(action: Action, text: string): void {
    if (this.#told.has(action)) return;
    this.#told.add(action);
    this.notice(`${text}.`);
  }
}
