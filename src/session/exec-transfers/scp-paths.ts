import { posix } from 'node:path';
import { globShape, isWild } from '../filter/glob.ts';
import type { PlannedTransfer } from './plan.ts';

/**
 * The path on the target of what an scp names. Whoever sends names a file by its last part, and whether the target of
 * an upload is a directory only the receiver knows: a file that goes to `/tmp/b` as `a` is told as `/tmp/b/a`.
 */
export function scpPath({ direction, operands = [] }: PlannedTransfer, names: readonly string[]): string {
  const [only = ''] = operands;
  if (names.length === 0) return operands.join(', ');
  if (direction === 'upload') {
    const isItself = names.length === 1 && posix.basename(only) === names[0] && !only.endsWith('/');
    return isItself ? only : join(only, names);
  }
  const [top] = names;
  const from =
    operands.find((operand) => posix.basename(operand) === top) ??
    operands.find((operand) => isWild(globShape(operand))) ??
    only;
  if (operands.length === 1 && names.length === 1 && !isWild(globShape(only))) return only;
  return join(posix.dirname(from), names);
}

function join(directory: string, names: readonly string[]): string {
  return posix.join(directory === '' ? '.' : directory, ...names);
}
