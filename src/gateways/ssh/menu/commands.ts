/** What a line means when Enter ends it. */
export type Command =
  | {
      readonly kind:
        | 'empty'
        | 'all'
        | 'hosts'
        | 'databases'
        | 'back'
        | 'next'
        | 'refresh'
        | 'folders'
        | 'help'
        | 'leave';
    }
  | { readonly kind: 'folder'; readonly id: number }
  | { readonly kind: 'number'; readonly number: number }
  /** `narrow`: within the list that is shown; `connect`: a single match is what was meant. */
  | { readonly kind: 'search'; readonly text: string; readonly narrow: boolean; readonly connect: boolean };

const WORDS: Readonly<Record<string, Exclude<Command['kind'], 'folder' | 'number' | 'search'>>> = {
  '': 'empty',
  p: 'all',
  h: 'hosts',
  d: 'databases',
  b: 'back',
  n: 'next',
  r: 'refresh',
  g: 'folders',
  '?': 'help',
  q: 'leave',
  exit: 'leave',
  quit: 'leave',
};

export function parseCommand(line: string): Command {
  const text = line.trim();
  const word = text.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return { kind: WORDS[word]! };
  if (/^g\s*\d{1,6}$/.test(word)) return { kind: 'folder', id: Number(word.slice(1)) };
  if (/^\d{1,6}$/.test(word)) return { kind: 'number', number: Number(word) };
  if (text.startsWith('//')) return { kind: 'search', text: text.slice(2).trim(), narrow: true, connect: false };
  if (text.startsWith('/')) return { kind: 'search', text: text.slice(1).trim(), narrow: false, connect: false };
  return { kind: 'search', text, narrow: false, connect: true };
}

/** What Enter would do, for the line below the list; undefined where the list itself shows it. */
export function commandHint(command: Command): string | undefined {
  switch (command.kind) {
    case 'all':
      return 'Enter lists every asset';
    case 'hosts':
      return 'Enter lists the hosts';
    case 'databases':
      return 'Enter lists the databases';
    case 'back':
      return 'Enter shows the page before';
    case 'next':
      return 'Enter shows the next page';
    case 'refresh':
      return 'Enter loads the list again';
    case 'folders':
      return 'Enter shows the folders';
    case 'folder':
      return `Enter lists folder ${command.id}`;
    case 'help':
      return 'Enter shows every key';
    case 'leave':
      return 'Enter leaves';
    default:
      return undefined;
  }
}
