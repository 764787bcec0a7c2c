import type { Line } from './attrs.ts';
import type { Upstream } from './upstream.ts';

/** Files and directories one client may have open at once. */
export const MOST_OPEN = 1024;

export type OpenFile =
  | { readonly kind: 'target'; readonly upstream: Upstream; readonly handle: Buffer }
  /** A directory of ours, and what of it was not told yet. */
  | { readonly kind: 'listing'; readonly path: string; readonly time: number; lines: readonly Line[] };

/** What the client has open. Its handles are numbers of ours: targets give handles of any length, and the same ones. */
export class OpenFiles {
  readonly #files = new Map<number, OpenFile>();
  #last = 0;

  get size(): number {
    return this.#files.size;
  }

  add(file: OpenFile): Buffer {
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#files.has(this.#last));
    this.#files.set(this.#last, file);
    if (file.kind === 'target') file.upstream.files++;
    const handle = Buffer.allocUnsafe(4);
    handle.writeUInt32BE(this.#last);
    return handle;
  }

  /** undefined: it was never given, or is closed. */
  get(handle: Buffer): OpenFile | undefined {
    return handle.length === 4 ? this.#files.get(handle.readUInt32BE(0)) : undefined;
  }

  remove(handle: Buffer): void {
    const file = this.get(handle);
    if (!file) return;
    this.#files.delete(handle.readUInt32BE(0));
    if (file.kind === 'target') file.upstream.files--;
  }
}
