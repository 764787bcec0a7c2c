import type { Actor, AuditDraft } from '../../store/model.ts';

export interface AuditTarget {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string;
}

/** The audit row of a change that the store writes together with the change. `details` must hold no secret. */
export function done(
  actor: Actor,
  action: string,
  target: AuditTarget | null,
  details: Readonly<Record<string, unknown>> | null = null,
): AuditDraft {
  return { actor, action, outcome: 'ok', target, reason: null, details };
}

type Values = Readonly<Record<string, unknown>>;

/** What a patch changes, as `{ before, after }` with only the fields that differ. Keys that are undefined stay as they are. */
export function difference(before: object, patch: object): { before: Values; after: Values } {
  const old: Record<string, unknown> = {};
  const fresh: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    const was = (before as Values)[key];
    if (value === undefined || JSON.stringify(was) === JSON.stringify(value)) continue;
    old[key] = was ?? null;
    fresh[key] = value;
  }
  return { before: old, after: fresh };
}
