import type { Action, TransferDirection, TransferMethod } from '../../store/model.ts';
import type { Field } from '../filter/field.ts';
import { canMeet, isWild } from '../filter/glob.ts';
import { takenApart } from '../filter/line-filter.ts';
import { isQuiet, redirects } from '../quiet-commands.ts';
import { sftpServerIn } from '../sftp-server.ts';
import { gitTransfers } from './git-command.ts';
import { isPlainTransfer } from './plain-transfer.ts';
import { rsyncTransfers } from './rsync-command.ts';
import { scpTransfers } from './scp-command.ts';
import { tarTransfers } from './tar-command.ts';

/** Files that a command moves between the person and the target over its standard input and output. */
export interface PlannedTransfer {
  readonly method: Extract<TransferMethod, 'scp' | 'rsync' | 'git' | 'tar'>;
  readonly direction: TransferDirection;
  /** As far as the command names it. */
  readonly path: string;
  readonly needs: readonly Action[];
  /** Of scp: its operands, by which the names that pass become paths. */
  readonly operands?: readonly string[] | undefined;
  /** Of rsync: the rest of its arguments comes first on its standard input. */
  readonly secluded?: readonly string[] | undefined;
}

export interface ExecPlan {
  readonly transfers: readonly PlannedTransfer[];
  /** What the person must have the right to. */
  readonly needs: readonly Action[];
  /** The standard output is the transfer's alone: files, or the talk of a protocol. Nothing else of the line writes to it. */
  readonly carriesFiles: boolean;
}

/** Looks at the words behind the name of the command. */
type Recogniser = (name: string, args: readonly string[]) => readonly PlannedTransfer[];

const RECOGNISERS: ReadonlyMap<string, Recogniser> = new Map<string, Recogniser>([
  ['scp', scpTransfers],
  ['rsync', rsyncTransfers],
  ['git', gitTransfers],
  ['git-upload-pack', gitTransfers],
  ['git-upload-archive', gitTransfers],
  ['git-receive-pack', gitTransfers],
  ['tar', tarTransfers],
  ['gtar', tarTransfers],
  ['bsdtar', tarTransfers],
]);

const ALL: readonly Action[] = ['upload', 'download', 'delete'];

/**
 * The transfers a requested command makes, found by its words as the filter takes them apart. A line that cannot be
 * taken apart may hold any of them. Other ways to move files, as `cat > file`, are commands like any other.
 */
export function planOf(command: string): ExecPlan {
  const found = takenApart(command);
  if ('unread' in found) return { transfers: [], needs: ALL, carriesFiles: false };
  const transfers: PlannedTransfer[] = [];
  let others = redirects(command, found.commands);
  for (const one of found.commands) {
    const [head, ...fields] = one.argv;
    const args = fields.map((field) => field.text);
    const names = head ? namesOf(head) : [];
    const own = names.flatMap((name) => RECOGNISERS.get(name)!(name, args));
    transfers.push(...own);
    others ||= own.length > 0 ? !isPlainTransfer(names[0]!, one.argv) : !isQuiet(one);
  }
  // what such a server is asked cannot be judged one by one
  const needs = sftpServerIn(command) === 'mixed' ? ALL : [...new Set(transfers.flatMap((transfer) => transfer.needs))];
  // the list of files that tar writes while it reads is no file
  const followed = transfers.length === 1 || transfers.every(({ method }) => method !== 'scp');
  const carriesFiles =
    !others && followed && transfers.some(({ method, direction }) => method !== 'tar' || direction === 'download');
  return { transfers, needs, carriesFiles };
}

/** The names under which it may be known here: several when it is written as a file pattern. */
function namesOf({ shape }: Field): readonly string[] {
  const base = shape.slice(shape.lastIndexOf('/') + 1);
  if (RECOGNISERS.has(base)) return [base];
  return isWild(base) ? [...RECOGNISERS.keys()].filter((name) => canMeet(base, name)) : [];
}
