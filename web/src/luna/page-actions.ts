import { Store } from './store.ts';

/** What the parts of Luna ask of the page around them: dialogs and drawers of which there is one each. */
export interface LunaPage {
  files(of: { asset: string; name: string; account?: string | undefined }): void;
  share(session: string): void;
  client(of: { id: string; account?: string | undefined }): void;
}

const nothing = () => {};
export const lunaPage = new Store<LunaPage>({ files: nothing, share: nothing, client: nothing });
