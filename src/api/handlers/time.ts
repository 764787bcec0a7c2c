import type { Millis } from '../../store/model.ts';

/** Milliseconds since 1970 as the API writes times. */
export function iso(at: Millis): string {
  return new Date(at).toISOString();
}

export function isoOrNull(at: Millis | null): string | null {
  return at === null ? null : iso(at);
}

/** A time of the API in milliseconds since 1970. */
export function millis(text: string): Millis {
  return Date.parse(text);
}

export function millisOrNull(text: string | null): Millis | null {
  return text === null ? null : millis(text);
}

export function millisOrUndefined(text: string | undefined): Millis | undefined {
  return text === undefined ? undefined : millis(text);
}
