/** Prompts remembered per session: shells within shells, one after the other. */
const MOST = 24;
const LONGEST = 400;

/** The prompts of a session at which commands were seen. */
export class KnownPrompts {
  /** The last used at the end. */
  readonly #prompts = new Set<string>();

  learn(prompt: string): void {
    if (prompt.trim() === '' || prompt.length > LONGEST) return;
    this.#prompts.delete(prompt);
    this.#prompts.add(prompt);
    if (this.#prompts.size > MOST) this.#prompts.delete(this.#prompts.values().next().value!);
  }

  has(prompt: string): boolean {
    return this.#prompts.has(prompt) || (prompt.trim() !== '' && [...this.#prompts].some((one) => alike(one, prompt)));
  }

  /** The longest known prompt this row begins with, over again where it stands there twice; '' when none. */
  startOf(row: string): string {
    let start = this.#startOf(row);
    for (let next = start; next !== '' && start.length < LONGEST; start += next)
      next = this.#startOf(row.slice(start.length));
    return start;
  }

  #startOf(row: string): string {
    let longest = '';
    for (const prompt of this.#prompts) {
      if (prompt.length <= longest.length) continue;
      const start = row.slice(0, prompt.length);
      if (start === prompt || alike(start, prompt)) longest = start;
    }
    return longest;
  }
}

/** The same but for digits: a clock, a counter. */
export function alike(one: string, other: string): boolean {
  return one.length === other.length && /\d/.test(one) && one.replace(/\d/g, '0') === other.replace(/\d/g, '0');
}

/** Ends as prompts of shells, databases and network devices do. */
export function looksLikePrompt(text: string): boolean {
  return /[$#%>❯❱»›λ⟩→➜▶]\s*$|\S[:?\])]\s*$/u.test(text);
}

/** As above, and such that an empty line does nothing but bring a fresh prompt. */
export function takesEmptyLine(prompt: string): boolean {
  return /[$#%❯❱»›λ➜]\s*$/u.test(prompt) || /(?:[^\s>]|>>)>\s*$/u.test(prompt);
}
