import { AppError, toAppError } from '../../kernel/errors.ts';
import type { Actor, AuditDraft } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';

export interface TargetTest {
  /** Name of the asset. */
  readonly asset: string;
  /** undefined: only reach it, without logging in. */
  readonly login: string | undefined;
  readonly by: Actor;
}

/**
 * Reaches a target, logs in when a login is given, and lets go again. Resolves with one sentence that says what was
 * found; rejects with the AppError (`target_*`, `host_key_changed`) a session would have met.
 */
export type TargetTester = (test: TargetTest) => Promise<string>;

/** A failed test is an answer, not an error of the call. `audit` is written with what came of it: a test may log in. */
export async function testWith(
  tester: TargetTester | undefined,
  test: TargetTest,
  store: Pick<Store, 'audit'>,
  audit: AuditDraft,
) {
  if (!tester) {
    throw new AppError('needs_daemon', 'Testing a target needs the running daemon: start it with "bastion serve".');
  }
  const started = performance.now();
  const told = async (ok: boolean, message: string) => {
    const milliseconds = Math.round(performance.now() - started);
    await store.audit.append(ok ? audit : { ...audit, outcome: 'failed', reason: message });
    return { ok, message, milliseconds };
  };
  let message: string;
  try {
    message = await tester(test);
  } catch (error) {
    const known = toAppError(error);
    if (known.code === 'internal') throw error;
    return told(false, known.message);
  }
  return told(true, message);
}
