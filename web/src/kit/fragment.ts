/** What stands behind the `#` of the address. A `%` that begins no escape stays as it is. */
export function fragment(): string {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
