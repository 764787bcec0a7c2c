export type State = 'ok' | 'warn' | 'fail';

/** One line of the doctor. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  /** What was found. */
  readonly text: string;
  /** What to do about it; null when nothing is to be done. */
  readonly todo: string | null;
}

export const ok = (name: string, text: string): Finding => ({ name, state: 'ok', text, todo: null });
export const warn = (name: string, text: string, todo: string): Finding => ({ name, state: 'warn', text, todo });
export const fail = (name: string, text: string, todo: string): Finding => ({ name, state: 'fail', text, todo });

export const DAY_MS = 86_400_000;

/** The first of many, and how many more there are. */
export function some(all: readonly string[], shown = 3): string {
  const rest = all.length - shown;
  return rest > 0 ? `${all.slice(0, shown).join(', ')} and ${rest} more` : all.join(', ');
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
