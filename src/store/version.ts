import { AppError } from '../kernel/errors.ts';
import { stripped } from '../kernel/printable.ts';

/**
 * Of a row that is edited: AppError `conflict` when the edit was made from another version than the one there is.
 * `expected` is undefined when whoever edits did not say from which.
 */
export function mustBeVersion(name: string, expected: number | undefined, version: number): void {
  if (expected !== undefined && expected !== version)
    throw new AppError(
      'conflict',
      `"${stripped(name, 80)}" was changed by somebody else meanwhile; look at it again and repeat your change.`,
      { details: { version } },
    );
}
