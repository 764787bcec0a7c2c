import { AppError, toAppError } from '../../kernel/errors.ts';
import type { Actor } from '../../store/model.ts';

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

/** A failed test is an answer, not an error of the call. */
export async function testWith(tester: TargetTester | undefined, test: TargetTest) {
  if (!tester) {
    throw new AppError('needs_daemon', 'Testing a target needs the running daemon: start it with "bastion serve".');
  }
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  try {
    const message = await tester(test);
    return { ok: true, message, milliseconds: took() };
  } catch (error) {
    const known = toAppError(error);
    if (known.code === 'internal') throw error;
    return { ok: false, message: known.message, milliseconds: took() };
  }
}
