/** What two names that differ only in case or in Unicode composition have in common. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
