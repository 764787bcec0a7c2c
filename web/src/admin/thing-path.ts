type Kind = 'users' | 'groups' | 'assets';

/** The address of the page of one user, group or asset. */
export function thingPath(kind: Kind, name: string): string {
  return `/admin/${kind}/${encodeURIComponent(name)}`;
}

/**
 * The name in such an address; undefined in that of the list. The router half-decodes addresses, which loses names with
 * `%` or `/` in them: so it is read from the browser itself.
 */
export function thingName(): string | undefined {
  const part = location.pathname.split('/')[3];
  if (part === undefined || part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
