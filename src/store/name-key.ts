/** What two names that differ only in case or in Unicode composition have in common: names are compared by it everywhere. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
