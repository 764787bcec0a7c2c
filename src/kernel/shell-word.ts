/** In single quotes, as every POSIX shell, zsh too, reads it for one word. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** As one word for a POSIX shell, ready to be pasted: in quotes only where it needs them. */
export function shellWord(text: string): string {
  return /^[\p{L}\p{N}@%_+=:,./-]+$/u.test(text) ? text : shellQuoted(text);
}
