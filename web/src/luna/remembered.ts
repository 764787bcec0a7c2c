import { Store } from './store.ts';

/** What this browser remembers of a person's way about Luna. */
export interface Remembered {
  readonly width: number;
  readonly filesWidth: number;
  readonly collapsed: boolean;
  readonly list: 'tree' | 'favourites' | 'recents';
  /** Folders that were opened or closed by hand. */
  readonly folders: Readonly<Record<string, boolean>>;
  /** Asset ids, the last one first. */
  readonly recents: readonly string[];
  /** By asset id. */
  readonly choices: Readonly<Record<string, { readonly protocol: string; readonly account: string }>>;
}

const DEFAULTS: Remembered = {
  width: 272,
  filesWidth: 460,
  collapsed: false,
  list: 'tree',
  folders: {},
  recents: [],
  choices: {},
};
const MAX_RECENTS = 30;
const MAX_CHOICES = 200;

export const remembered = new Store<Remembered>(DEFAULTS);
let key = '';

/** Takes up what this person left here. */
export function recall(person: string): void {
  if (key === `bastion-luna:${person}`) return;
  key = `bastion-luna:${person}`;
  let kept: Partial<Remembered> = {};
  try {
    kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Remembered>;
  } catch {
    // nothing that can be read: begin anew
  }
  remembered.set({ ...DEFAULTS, ...kept });
}

export function remember(fields: Partial<Remembered>): void {
  remembered.patch(fields);
  try {
    localStorage.setItem(key, JSON.stringify(remembered.get()));
  } catch {
    // for this visit only, then
  }
}

export function rememberUse(asset: string, protocol: string, account: string): void {
  const { recents, choices } = remembered.get();
  const others = Object.entries(choices).filter(([id]) => id !== asset);
  remember({
    recents: [asset, ...recents.filter((id) => id !== asset)].slice(0, MAX_RECENTS),
    choices: Object.fromEntries([...others, [asset, { protocol, account }] as const].slice(-MAX_CHOICES)),
  });
}
