import type { PlannedTransfer } from './plan.ts';

const SERVICES: ReadonlyMap<string, PlannedTransfer['direction']> = new Map([
  ['upload-pack', 'download'],
  ['upload-archive', 'download'],
  ['receive-pack', 'upload'],
]);
/** Options of `git` itself whose value is the next word. */
const WITH_VALUE: ReadonlySet<string> = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path']);

/** `git-upload-pack repository` or `git upload-pack repository`, and so on. */
export function gitTransfers(name: string, args: readonly string[]): readonly PlannedTransfer[] {
  const [service, ...words] = name === 'git' ? afterOwnOptions(args) : [name.slice('git-'.length), ...args];
  const direction = SERVICES.get(service ?? '');
  if (direction === undefined) return [];
  const path = words.find((word) => !word.startsWith('-')) ?? '';
  return [{ method: 'git', direction, path, needs: [direction] }];
}

function afterOwnOptions(args: readonly string[]): readonly string[] {
  let at = 0;
  while (args[at]?.startsWith('-')) at += WITH_VALUE.has(args[at]!) ? 2 : 1;
  return args.slice(at);
}
