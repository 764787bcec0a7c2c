import type { PlannedTransfer } from './plan.ts';
import { readWords } from './words.ts';

/** `scp -t target` and `scp -f file…`, which the scp of the other side runs here. */
export function scpTransfers(_name: string, args: readonly string[]): readonly PlannedTransfer[] {
  const { letters, operands } = readWords(args, { withValue: 'cDFiJlMoPSX' });
  const plan = { method: 'scp', path: operands.join(', '), operands } as const;
  return [
    ...(letters.includes('t') ? [{ ...plan, direction: 'upload', needs: ['upload'] } as const] : []),
    ...(letters.includes('f') ? [{ ...plan, direction: 'download', needs: ['download'] } as const] : []),
  ];
}
