/** Where to go after signing in: only an address of these pages, never one of somebody else's. */
export function nextAddress(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  return /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next) && !/^\/login(?:[/?#]|$)/.test(next) ? next : '/';
}
