/** One field that an audit row tells of. */
export interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Details = Readonly<Record<string, unknown>> | null;

/** What `{ before, after }` of a row says, field by field; undefined when the row tells of no change. */
export function changesOf(details: Details): Change[] | undefined {
  const [before, after] = [fieldsOf(details?.before), fieldsOf(details?.after)];
  if (!before && !after) return undefined;
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields.map((field) => ({ field, before: before?.[field], after: after?.[field] }));
}

/** Everything else that is told. */
export function restOf(details: Details): [string, unknown][] {
  if (!details) return [];
  const isChange = changesOf(details) !== undefined;
  return Object.entries(details).filter(([key]) => !isChange || (key !== 'before' && key !== 'after'));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** A value as one reads it: lists by their items, the rest as JSON. Undefined where there is nothing. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined;
    return value.map((item) => valueText(item) ?? 'null').join(', ');
  }
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);
}
