import type { Shell } from './shell.ts';
import type { Zmodem } from './zmodem.ts';
import type { Wanted } from './zmodem-detector.ts';

export interface TransferView {
  readonly kind: Wanted['kind'];
  readonly state: 'offer' | 'running' | 'done' | 'failed';
  /** Of the file of now. */
  readonly name: string;
  readonly done: number;
  readonly size: number;
  /** Whole files so far. */
  readonly files: number;
  readonly skipped: readonly string[];
  readonly why: 'cancelled' | 'broken' | 'too-large' | null;
}

/** A batch of files between the person and a program on the target, in the terminal's own stream. */
export class Transfer {
  readonly #shell: Shell;
  readonly #wanted: Wanted;
  #zmodem: Zmodem | undefined;

  constructor(shell: Shell, wanted: Wanted) {
    this.#shell = shell;
    this.#wanted = wanted;
    this.#show({ kind: wanted.kind, state: 'offer', name: '', done: 0, size: 0, files: 0, skipped: [], why: null });
  }

  /** Takes what the program sends; before the person has said yes it only repeats its question. */
  feed(bytes: Uint8Array<ArrayBuffer>): void {
    this.#zmodem?.feed(bytes);
  }

  room(): void {
    this.#zmodem?.room();
  }

  /** The person agrees; `files` are what is sent. */
  async accept(files: readonly File[] = []): Promise<void> {
    const { receiveFiles, sendFiles } = await import('./zmodem.ts');
    const shell = this.#shell;
    this.#change({ state: 'running' });
    const wire = { send: (bytes: Uint8Array) => shell.sendBytes(bytes), pending: () => shell.pending };
    const events: Parameters<typeof receiveFiles>[1] = {
      progress: (name, done, size) => this.#change({ name, done, size }),
      received: (name, content) => {
        save(name, content);
        this.#change({ files: (shell.view.get().transfer?.files ?? 0) + 1 });
      },
      done: (skipped, rest) => {
        this.#change({
          state: 'done',
          skipped,
          files: this.#wanted.kind === 'send' ? files.length - skipped.length : this.#files,
        });
        shell.endTransfer(rest);
      },
      failed: (why) => {
        this.#change({ state: 'failed', why });
        shell.endTransfer(new Uint8Array(0));
      },
    };
    this.#zmodem =
      this.#wanted.kind === 'receive'
        ? receiveFiles(wire, events)
        : sendFiles(files, this.#wanted.header, wire, events);
  }

  get #files(): number {
    return this.#shell.view.get().transfer?.files ?? 0;
  }

  /** Gives it up, or says no. */
  async cancel(): Promise<void> {
    if (this.#zmodem) {
      this.#zmodem.cancel();
      return;
    }
    const { ABORT } = await import('./zmodem.ts');
    this.#shell.sendBytes(ABORT);
    this.#change({ state: 'failed', why: 'cancelled' });
    this.#shell.endTransfer(new Uint8Array(0));
  }

  #show(transfer: TransferView): void {
    this.#shell.view.patch({ transfer });
  }

  #change(fields: Partial<TransferView>): void {
    const { transfer } = this.#shell.view.get();
    if (transfer) this.#show({ ...transfer, ...fields });
  }
}

const KEEP_MS = 60_000;

/** Hands a file to the browser's downloads. */
function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // the browser reads it from there a moment later
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}
