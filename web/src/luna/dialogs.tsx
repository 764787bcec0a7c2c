import { useEffect } from 'react';
import { fetched } from '../kit/fetched.tsx';
import { whenIdle } from '../kit/idle.ts';
import { useDeeds } from './deeds.tsx';
import { dialog } from './opened.ts';
import { PaletteBox } from './palette-box.tsx';
import { useQuickCommands } from './preferences.ts';
import { useAssets } from './sidebar.tsx';
import { useStore } from './store.ts';
import { focusedShell } from './workspace.ts';

// each is loaded when it is opened first
const Settings = fetched(async () => ({ default: (await import('./settings-dialog.tsx')).SettingsDialog }), null);
const Quick = fetched(async () => ({ default: (await import('./quick-commands.tsx')).QuickCommands }), null);
const Client = fetched(async () => ({ default: (await import('./client-dialog.tsx')).ClientDialog }), null);
const Share = fetched(async () => ({ default: (await import('../watch/share-dialog.tsx')).ShareDialog }), null);

/** The dialog that is open, if one is. */
export function Dialogs() {
  useEffect(() => whenIdle([Settings, Quick, Client, Share]), []);
  const open = useStore(dialog);
  const { commands } = useQuickCommands();
  const { data: assets } = useAssets();
  const deeds = useDeeds();
  const close = () => dialog.set(undefined);
  switch (open?.kind) {
    case 'settings':
      return <Settings onClose={close} />;
    case 'palette':
      return <PaletteBox deeds={deeds} onCommand={(start) => dialog.set({ kind: 'quick', start })} onClose={close} />;
    case 'quick':
      return <Quick start={commands.find((one) => one.id === open.start)} onClose={close} />;
    case 'client': {
      const asset = assets?.find((one) => one.id === open.asset);
      return asset ? <Client asset={asset} account={open.account} onClose={close} /> : null;
    }
    case 'share':
      return (
        <Share
          opened
          session={open.session}
          onClose={() => {
            close();
            focusedShell()?.focus();
          }}
        />
      );
    default:
      return null;
  }
}
