import type { z } from 'zod';
import { AppError } from '../kernel/errors.ts';

/** The mistakes of a value in one sentence: `field: what is wrong; …`. Never repeats the value, which may be a secret. */
export function issuesText(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
    .join('; ');
}

/**
 * The value as the schema gives it.
 * @throws AppError `invalid` that names each wrong field.
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  throw new AppError('invalid', issuesText(result.error), { details: { issues } });
}
