import type { Action } from '../../store/model.ts';
import type { PlannedTransfer } from './plan.ts';
import { readWords } from './words.ts';

/** Short options that take a value: what an rsync can do stands behind `-e`, and is no option. */
const WITH_VALUE = 'BMTef@';
/** Long options that an rsync sends with their value as the next word. */
const LONG_WITH_VALUE =
  /^--(?:compare-dest|copy-dest|link-dest|backup-dir|partial-dir|temp-dir|files-from|exclude-from|include-from|log-file|write-batch|only-write-batch|read-batch)$/;
const DELETES = /^--(?:del|delete(?:-.*)?|remove-source-files|remove-sent-files)$/;

/** `rsync --server … . path…`, which the rsync of the other side runs here. */
export function rsyncTransfers(_name: string, args: readonly string[]): readonly PlannedTransfer[] {
  if (args.includes('--daemon')) return [daemon('upload'), daemon('download')];
  if (!args.includes('--server')) return [];
  const own = args.filter((_, at) => !LONG_WITH_VALUE.test(args[at - 1] ?? ''));
  const { letters, long, operands } = readWords(own, { withValue: WITH_VALUE });
  const direction = long.includes('--sender') ? 'download' : 'upload';
  const needs: readonly Action[] = long.some((word) => DELETES.test(word)) ? [direction, 'delete'] : [direction];
  const named = operands.slice(operands[0] === '.' ? 1 : 0);
  const isSecluded = letters.includes('s') || long.includes('--protect-args') || long.includes('--secluded-args');
  const path = named.join(', ') || (isSecluded ? '(named on the connection)' : '.');
  const plan: PlannedTransfer = { method: 'rsync', direction, path, needs };
  return [isSecluded ? { ...plan, secluded: args } : plan];
}

/** The modules it gives out, and what may be done with them, stand in a file on the target. */
function daemon(direction: PlannedTransfer['direction']): PlannedTransfer {
  return { method: 'rsync', direction, path: '(a module of its daemon)', needs: [direction, 'delete'] };
}

const LONGEST_ARGUMENTS = 256 * 1024;

/**
 * What an rsync with `--secluded-args` reads first: its other arguments, a NUL behind each and one more behind the
 * last. Gathers them from the pieces in which they pass.
 */
export class SecludedArguments {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** The arguments once all of them are there, null when they are too many to be read. */
  take(chunk: Buffer): readonly string[] | null | undefined {
    this.#length += chunk.length;
    this.#parts.push(chunk);
    const last = this.#parts.at(-2)?.at(-1);
    const isWhole = chunk.includes('\0\0') || (chunk[0] === 0 && last === 0);
    if (!isWhole) return this.#length > LONGEST_ARGUMENTS ? null : undefined;
    const text = Buffer.concat(this.#parts).toString('utf8');
    return text.slice(0, text.indexOf('\0\0')).split('\0').slice(1);
  }
}
