/** What a schema library tells of one mistake. */
interface Issue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly origin?: string | undefined;
  readonly minimum?: number | bigint | undefined;
  readonly maximum?: number | bigint | undefined;
}

/** A mistake in a value, in words for people where the schema says none of its own. */
export function issueWords(issue: Issue): string {
  const { code, origin, minimum, maximum, message } = issue;
  if (code === 'too_small' && message.startsWith('Too small')) {
    if (origin === 'string')
      return Number(minimum) === 1 ? 'must not be empty' : `needs at least ${minimum} characters`;
    return origin === 'array' ? `needs at least ${minimum}` : `must be at least ${minimum}`;
  }
  if (code === 'too_big' && message.startsWith('Too big')) {
    if (origin === 'string') return `is longer than ${maximum} characters`;
    return origin === 'array' ? `holds more than ${maximum}` : `must be at most ${maximum}`;
  }
  return message;
}
