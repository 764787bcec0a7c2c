import type { CommandRow, CommandVerdict } from '../../store/model.ts';
import type { PendingReview } from '../reviews.ts';
import { FILTER_TEXTS } from './filter-texts.ts';
import type { CommandGate } from './gate.ts';

/** What becomes of a line, and what its row says. */
export interface Admission {
  readonly runs: boolean;
  readonly verdict: CommandVerdict;
  readonly filter: string | null;
  readonly reviewer: string | null;
  /** For the person: why it does not run, a warning, or by whom it was approved. */
  readonly text: string | undefined;
}

/** A line that waits for a reviewer. */
export interface Waiting {
  /** For the person: who may approve. */
  readonly text: string;
  readonly settled: Promise<Admission>;
  /** The person does not want to wait any longer; `settled` follows. */
  cancel(): void;
}

/** Either it is decided, or somebody has to be asked. Asking never rejects: what cannot be asked does not run. */
export type Ruling =
  | { readonly kind: 'decided'; readonly admission: Admission }
  | { readonly kind: 'review'; readonly ask: () => Promise<Waiting> };

/** Judges one line, typed or requested, by the rules as they stand now. */
export function rule(gate: CommandGate, line: string): Ruling {
  const { action, rule, command } = gate.judge(line);
  const filter = rule?.name ?? null;
  const decided = (runs: boolean, verdict: CommandVerdict, text?: string): Ruling => ({
    kind: 'decided',
    admission: { runs, verdict, filter, reviewer: null, text },
  });
  if (!rule || action === 'allow') return decided(true, 'pass');
  if (action === 'warn') return decided(true, 'warn', FILTER_TEXTS.warned(command, rule.name));
  if (action === 'deny') return decided(false, 'deny', FILTER_TEXTS.forbidden(command, rule.name));
  const ask = async (): Promise<Waiting> => {
    const review = await gate.review(line, rule);
    return review ? waiting(review, command, rule.name) : unasked(command, rule.name);
  };
  return { kind: 'review', ask };
}

/** What the row of a command says about how it was judged. */
export function ruled(admission: Admission | undefined): Pick<CommandRow, 'verdict' | 'filter' | 'reviewer'> {
  const { verdict, filter, reviewer } = admission ?? { verdict: 'pass', filter: null, reviewer: null };
  return { verdict, filter, reviewer };
}

function waiting(review: PendingReview, command: string, filter: string): Waiting {
  const settled = review.settled.then((outcome): Admission => {
    if (outcome.kind === 'approved')
      return { runs: true, verdict: 'approved', filter, reviewer: outcome.by, text: FILTER_TEXTS.approved(outcome.by) };
    const reviewer = outcome.kind === 'refused' ? outcome.by : null;
    return { runs: false, verdict: outcome.kind, filter, reviewer, text: FILTER_TEXTS.notApproved(outcome) };
  });
  return { text: FILTER_TEXTS.waits(command, review.reviewers), settled, cancel: () => review.cancel() };
}

function unasked(command: string, filter: string): Waiting {
  const text = FILTER_TEXTS.cannotAsk(command);
  const settled = Promise.resolve<Admission>({ runs: false, verdict: 'cancelled', filter, reviewer: null, text });
  return { text, settled, cancel: () => {} };
}
