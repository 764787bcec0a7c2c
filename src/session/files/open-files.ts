import { SftpError } from '../../kernel/sftp/wire.ts';
import type { TransferDirection } from '../../store/model.ts';
import type { ExchangeHost } from './exchange-host.ts';
import type { Flow, OpenFile, Trouble } from './open-file.ts';
import { transferText } from './sentences.ts';

/** OpenSSH's server has at most as many as its process may have files. */
export const MOST_OPEN = 4096;
/** §4 of the draft. */
const LONGEST_HANDLE = 256;

/** The handles the target gave, and which files are still to be told as transfers. */
export class OpenFiles {
  readonly #host: Pick<ExchangeHost, 'method' | 'tell' | 'transfer'>;
  /** By their bytes, as Latin-1. */
  readonly #handles = new Map<string, OpenFile>();
  readonly #untold = new Set<OpenFile>();
  #opening = 0;

  constructor(host: Pick<ExchangeHost, 'method' | 'tell' | 'transfer'>) {
    this.#host = host;
  }

  get full(): boolean {
    return this.#handles.size + this.#opening >= MOST_OPEN;
  }

  get(handle: Buffer): OpenFile | undefined {
    return handle.length > LONGEST_HANDLE ? undefined : this.#handles.get(keyOf(handle));
  }

  /** The target was asked for a handle. */
  opening(): void {
    this.#opening++;
  }

  /** It answered, with this handle or with none. */
  opened(file: OpenFile, handle: Buffer | undefined): void {
    this.#opening--;
    if (!handle) return;
    if (handle.length > LONGEST_HANDLE) throw new SftpError('it gave a handle that is too long');
    const before = this.#handles.get(keyOf(handle));
    if (before) this.ended(before, { result: 'failed', detail: 'the target gave its handle to another file' });
    this.#handles.set(keyOf(handle), file);
    if (!file.isDirectory) this.#untold.add(file);
  }

  /** The target is asked to close it, and may give the handle to another file before it answers. */
  closing(handle: Buffer): void {
    this.#handles.delete(keyOf(handle));
  }

  /** It was closed, or never will be. */
  ended(file: OpenFile, trouble: Trouble | undefined): void {
    if (!this.#untold.delete(file)) return;
    for (const [direction, flow] of file.transfers()) this.#told(file, direction, flow, flow.trouble ?? trouble);
  }

  /** It was not even opened. */
  denied(file: OpenFile, direction: TransferDirection, detail: string): void {
    this.#told(file, direction, file.flow(direction), { result: 'denied', detail });
  }

  /** What is still open was not closed. */
  end(why: string): void {
    for (const file of this.#untold) this.ended(file, { result: 'failed', detail: why });
  }

  #told(file: OpenFile, direction: TransferDirection, flow: Flow, trouble: Trouble | undefined): void {
    const { path, startedAt } = file;
    const { bytes, partial } = flow;
    const { result, detail } = trouble ?? { result: 'ok' as const, detail: noteOf(flow) };
    // of what was refused before its first byte there is nothing to hash
    const sha256 = result === 'denied' && bytes === 0 ? null : flow.sha256();
    const { method } = this.#host;
    this.#host.transfer({ method, direction, path, startedAt, bytes, sha256, partial, result, detail });
    // that it was refused was told already
    if (bytes > 0 || result !== 'denied') this.#host.tell(transferText(direction, path, flow, sha256, trouble));
  }
}

function noteOf({ copiedFrom }: Flow): string | null {
  return copiedFrom === undefined ? null : `copied from ${copiedFrom} on the target`;
}

const keyOf = (handle: Buffer) => handle.toString('latin1');
