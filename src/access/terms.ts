import { forcedSftp } from '../auth/key-options.ts';
import type { Action, Millis, RecordPolicy, User } from '../store/model.ts';
import type { Facts } from './facts.ts';
import { forwardPatterns } from './forward.ts';
import type { Rule } from './rules.ts';

/** What a key whose command is `internal-sftp -R` does not give. */
const CHANGING: readonly Action[] = ['upload', 'delete'];

/** What holds while the right is used; `Limits` without what the configuration adds. */
export interface Terms {
  readonly until: Millis | null;
  readonly actions: ReadonlySet<Action>;
  readonly actionUntil: ReadonlyMap<Action, Millis>;
  readonly record: RecordPolicy;
  readonly forwardTo: readonly string[];
}

/**
 * What the permissions that give an account amount to. Per action the latest end counts. Recording is best-effort
 * only when every permission that allows the needed action says so: one that requires it wins. The end is also that
 * of the user and of the key.
 */
export function termsOf(rules: readonly Rule[], facts: Facts, user: User, needed: Action): Terms {
  const permissions = rules.map((rule) => rule.permission);
  const actions = new Set(permissions.flatMap((permission) => permission.actions));
  const allowing = (action: Action) => permissions.filter((permission) => permission.actions.includes(action));
  const ends = new Map<Action, Millis>();
  for (const action of actions) {
    const untils = allowing(action).map((permission) => permission.until);
    if (!untils.includes(null)) ends.set(action, Math.max(...untils.map(Number)));
  }
  if (facts.key?.portForwarding === false) actions.delete('forward');
  if (forcedSftp(facts.key?.forceCommand)?.readOnly) for (const action of CHANGING) actions.delete(action);
  const forwardTo = actions.has('forward') ? allowing('forward').flatMap(forwardPatterns) : [];
  const bounds = [ends.get(needed), user.validUntil, facts.key?.expiresAt].filter((end) => typeof end === 'number');
  return {
    until: bounds.length === 0 ? null : Math.min(...bounds),
    actions,
    actionUntil: ends,
    record: allowing(needed).every((permission) => permission.record === 'best-effort') ? 'best-effort' : 'required',
    forwardTo: [...new Set(forwardTo)],
  };
}
