import type { CommandId } from '../kernel/id.ts';
import { type Admission, rule, ruled } from './command-admission.ts';
import type { CommandGate } from './command-gate.ts';
import type { CommandLog } from './command-log.ts';

export interface Requested {
  readonly command: string;
  readonly gate: CommandGate;
  readonly commands: CommandLog;
  /** Tells the person that they wait, and for whom. */
  readonly say: ((text: string) => void) | undefined;
  /** Each of them ends the waiting. */
  readonly signals: readonly AbortSignal[];
}

/** Judges a requested command before anything is dialled, waits for a reviewer where one is needed, and lists it. */
export async function admitRequested(
  requested: Requested,
): Promise<{ readonly admission: Admission; readonly id: CommandId | undefined }> {
  const { command, commands, say } = requested;
  const admission = await ruleOn(requested);
  const id = commands.add({ line: command, confidence: 'exact', context: 'exec', ...ruled(admission) });
  if (admission.runs && admission.text !== undefined) say?.(admission.text);
  return { admission, id };
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
