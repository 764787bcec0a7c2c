import { OPEN } from '../../kernel/sftp/wire.ts';

/** So many are remembered, the latest ones: a client renames what it has just sent. */
const MOST = 1000;
const LONGEST_PATH = 4096;

const NEW = [OPEN.write | OPEN.create | OPEN.truncate, OPEN.write | OPEN.create | OPEN.exclusive];

/**
 * The paths of files that this session made, or of which it left nothing as it was: who may upload may give them
 * another name, as clients do that send to a name of their own first.
 */
export class OwnFiles {
  /** Their bytes as Latin-1, the oldest first. */
  readonly #paths = new Set<string>();

  /** A file was opened. */
  opened(path: Buffer, flags: number): void {
    if (NEW.some((all) => (flags & all) === all)) this.add(path);
  }

  add(path: Buffer): void {
    if (path.length > LONGEST_PATH) return;
    this.#paths.add(path.toString('latin1'));
    if (this.#paths.size > MOST) this.#paths.delete(this.#paths.values().next().value!);
  }

  has(path: Buffer): boolean {
    return path.length <= LONGEST_PATH && this.#paths.has(path.toString('latin1'));
  }

  /** It has another name from now on, or none. Whether it was one. */
  remove(path: Buffer): boolean {
    return path.length <= LONGEST_PATH && this.#paths.delete(path.toString('latin1'));
  }
}
