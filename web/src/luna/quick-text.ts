/** The names of what is to be filled into a quick command, `{{name}}`, each once. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*([\p{L}\p{N}_-]{1,64})\s*\}\}/gu)].map((match) => match[1]!))];
}

/** With the values put in; what has none stays as it is. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{\s*([\p{L}\p{N}_-]{1,64})\s*\}\}/gu, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  );
}

/** As a terminal takes typed lines: each ended by Enter, the last one too when it is to `run`. */
export function asTyped(text: string, run: boolean): string {
  const lines = text.replace(/[\r\n]+$/, '').split(/\r\n|\r|\n/);
  return lines.join('\r') + (run ? '\r' : '');
}
