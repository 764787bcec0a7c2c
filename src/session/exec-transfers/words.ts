/** How a command writes its short options. */
export interface ShortOptions {
  /** Letters that take a value: the rest of the word, or the next one. */
  readonly withValue: string;
}

export interface ReadWords {
  /** Letters of short options. */
  readonly letters: string;
  readonly values: ReadonlyMap<string, string>;
  /** Long options as they stand, `--name` or `--name=value`. */
  readonly long: readonly string[];
  readonly operands: readonly string[];
}

/** Reads words as getopt does: options may stand behind operands, `--` ends them. */
export function readWords(args: readonly string[], { withValue }: ShortOptions): ReadWords {
  let letters = '';
  const values = new Map<string, string>();
  const long: string[] = [];
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (word.startsWith('--')) long.push(word);
    else if (!/^-./.test(word)) operands.push(word);
    else {
      for (let n = 1; n < word.length; n++) {
        const letter = word[n]!;
        letters += letter;
        if (!withValue.includes(letter)) continue;
        values.set(letter, n + 1 < word.length ? word.slice(n + 1) : (args[++at] ?? ''));
        break;
      }
    }
  }
  return { letters, values, long, operands };
}
