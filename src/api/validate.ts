import type { z } from 'zod';
import { AppError } from '../kernel/errors.ts';
import { issueWords } from '../kernel/issue-words.ts';

/**
 * The mistakes of a value in one sentence: `field: what is wrong; …`, the first of each field. Never repeats the value,
 * which may be a secret.
 */
export function issuesText(error: z.ZodError): string {
  const first = new Map<string, string>();
  for (const issue of error.issues) {
    const field = issue.path.join('.');
    if (!first.has(field)) first.set(field, issueWords(issue));
  }
  return [...first].map(([field, words]) => (field === '' ? words : `${field}: ${words}`)).join('; ');
}

/**
 * The value as the schema gives it.
 * @throws AppError `invalid` that names each wrong field.
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issueWords(issue) }));
  throw new AppError('invalid', issuesText(result.error), { details: { issues } });
}
