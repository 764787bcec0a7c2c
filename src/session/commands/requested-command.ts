import type { CommandId } from '../../kernel/id.ts';
import type { Action } from '../../store/model.ts';
import { type Admission, rule, ruled } from './admission.ts';
import { FILTER_TEXTS } from './filter-texts.ts';
import type { CommandGate } from './gate.ts';
import type { CommandLog } from './log.ts';

export interface Requested {
  readonly command: string;
  readonly gate: CommandGate;
  readonly commands: CommandLog;
  /** Of the files it moves: which action is missing at this moment, and the name of the asset. */
  readonly rights: { readonly missing: () => Action | undefined; readonly asset: string };
  /** Tells the person that they wait, and for whom. */
  readonly say: ((text: string) => void) | undefined;
  /** Each of them ends the waiting. */
  readonly signals: readonly AbortSignal[];
}

export interface Admitted {
  readonly admission: Admission;
  readonly id: CommandId | undefined;
  /** It moves files, and for want of this action it does not run. */
  readonly missing: Action | undefined;
}

/** Judges a requested command before anything is dialled, waits for a reviewer where one is needed, and lists it. */
export async function admitRequested(requested: Requested): Promise<Admitted> {
  const { command, commands, rights, say } = requested;
  // nobody need approve what may not run, and what may not run any more when it was approved does not
  let missing = rights.missing();
  const ruling = missing ? undefined : await ruleOn(requested);
  if (ruling?.runs) missing = rights.missing();
  const admission = missing ? withoutAction(missing, rights.asset, ruling) : ruling!;
  const id = commands.add({ line: command, confidence: 'exact', context: 'exec', ...ruled(admission) });
  if (admission.runs && admission.text !== undefined) say?.(admission.text);
  return { admission, id, missing };
}

function withoutAction(action: Action, asset: string, ruling: Admission | undefined): Admission {
  const reviewer = ruling?.reviewer ?? null;
  return { runs: false, verdict: 'deny', filter: null, reviewer, text: FILTER_TEXTS.mayNot(action, asset) };
}

async function ruleOn({ command, gate, say, signals }: Requested): Promise<Admission> {
  const ruling = rule(gate, command);
  if (ruling.kind === 'decided') return ruling.admission;
  const waiting = await ruling.ask();
  const cancel = () => waiting.cancel();
  for (const signal of signals) {
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel);
  }
  try {
    say?.(waiting.text);
    return await waiting.settled;
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
  }
}
