/** What a terminal sends for the keys that corpus files name as `<name>`. */
const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  esc: '\x1b',
  space: ' ',
  backspace: '\x7f',
  delete: '\x1b[3~',
  insert: '\x1b[2~',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  'page-up': '\x1b[5~',
  'page-down': '\x1b[6~',
  'ctrl-left': '\x1b[1;5D',
  'ctrl-right': '\x1b[1;5C',
};

/** Keys that move in application cursor mode send SS3 instead of CSI. */
const APPLICATION = new Set(['up', 'down', 'right', 'left', 'home', 'end']);

/** One press of a key: what it sends, and whether it is a character that is normally echoed. */
export interface Press {
  readonly bytes: string;
  readonly printable: boolean;
}

/** Takes `echo hi<enter>` apart. A name in angle brackets that is no key stands for itself. */
export function presses(text: string, applicationCursor: () => boolean): (() => Press)[] {
  return [...text.matchAll(/<([a-z0-9-]+)>|\P{M}\p{M}*(?:\u200d\P{M}\p{M}*)*/gsu)].flatMap(([all, name]) => {
    const control = /^ctrl-([a-z])$/.exec(name ?? '');
    if (control) return [key(() => String.fromCharCode(control[1]!.charCodeAt(0) - 96))];
    const alt = /^alt-(\S)$/.exec(name ?? '');
    if (alt) return [key(() => `\x1b${alt[1]}`)];
    const bytes = name === undefined ? undefined : KEYS[name];
    if (bytes !== undefined)
      return [key(() => (applicationCursor() && APPLICATION.has(name!) ? bytes.replace('[', 'O') : bytes))];
    return name === undefined
      ? [() => ({ bytes: all, printable: true })]
      : [...all].map((char) => () => ({ bytes: char, printable: true }));
  });
}

function key(bytes: () => string): () => Press {
  return () => ({ bytes: bytes(), printable: false });
}
