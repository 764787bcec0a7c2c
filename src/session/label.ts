/**
 * Programs that bring a server of their own to the target, by what they call it. The derived ones come first: their
 * scripts speak of the one they derive from, too.
 */
const KNOWN: readonly (readonly [label: string, signs: RegExp])[] = [
  ['Cursor', /\.cursor-server|cursor-server/],
  ['Windsurf', /\.windsurf-server|windsurf-server/],
  ['VSCodium', /\.vscodium-server|codium-server/],
  ['VS Code', /vscode-server|VSCODE_/],
  ['JetBrains Gateway', /remote-dev-server|JetBrains\/RemoteDev/],
  ['Zed', /zed-remote-server/],
];
const LONGEST_SIGN = 32;
/** The script says in its first lines what it is about. */
const MOST_BYTES = 32 * 1024;

function labelOf(text: string): string | undefined {
  return KNOWN.find(([, signs]) => signs.test(text))?.[0];
}

/** What was found to be at work over one connection of a client: what is forwarded over it later belongs to that, too. */
export class ConnectionLabel {
  #name: string | undefined;

  get name(): string | undefined {
    return this.#name;
  }

  /** A more exact name replaces one that is there. */
  found(name: string): void {
    const rank = (one: string) => KNOWN.findIndex(([label]) => label === one);
    if (this.#name === undefined || rank(name) < rank(this.#name)) this.#name = name;
  }
}

/** Looks at what a command without a terminal is and at the beginning of what it is given. */
export class LabelWatch {
  readonly #found: (name: string) => void;
  #left = MOST_BYTES;
  #tail = '';

  constructor(command: string, found: (name: string) => void) {
    this.#found = found;
    this.#look(command.slice(0, MOST_BYTES));
  }

  take(chunk: Buffer): void {
    if (this.#left <= 0) return;
    const text = this.#tail + chunk.toString('latin1', 0, Math.min(chunk.length, this.#left));
    this.#left -= chunk.length;
    this.#tail = text.slice(-LONGEST_SIGN);
    this.#look(text);
  }

  #look(text: string): void {
    const name = labelOf(text);
    if (name !== undefined) this.#found(name);
  }
}
