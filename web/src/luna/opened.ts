import type { Shell } from './shell.ts';
import { Store } from './store.ts';

/** The dialog that is open over Luna; there is one at a time. */
export type Dialog =
  | { readonly kind: 'settings' | 'palette' }
  /** `start`: the command that is wanted. */
  | { readonly kind: 'quick'; readonly start?: string }
  | { readonly kind: 'client'; readonly asset: string; readonly account?: string | undefined }
  | { readonly kind: 'share'; readonly session: string };

export const dialog = new Store<Dialog | undefined>(undefined);

/** Whose files stand beside the terminals. */
export interface FilesOf {
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: 'ssh' | undefined;
}
export const filesOf = new Store<FilesOf | undefined>(undefined);

export const batchOpen = new Store(false);

/** The files of the account a terminal runs under. */
export function showFiles(shell: Shell): void {
  const { id, account, protocol } = shell.view.get().wish;
  filesOf.set({ asset: id, account, ...(protocol === 'ssh' && { protocol }) });
}

export function showClient(shell: Shell): void {
  const { id, account } = shell.view.get().wish;
  dialog.set({ kind: 'client', asset: id, account });
}
