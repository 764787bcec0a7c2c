import { lazy, Suspense } from 'react';
import { useDeeds } from './deeds.tsx';
import { dialog } from './opened.ts';
import { PaletteBox } from './palette-box.tsx';
import { useQuickCommands } from './preferences.ts';
import { useAssets } from './sidebar.tsx';
import { useStore } from './store.ts';
import { focusedShell } from './workspace.ts';

// each is loaded when it is opened first
const Settings = lazy(() => import('./settings-dialog.tsx').then((m) => ({ default: m.SettingsDialog })));
const Quick = lazy(() => import('./quick-commands.tsx').then((m) => ({ default: m.QuickCommands })));
const Client = lazy(() => import('./client-dialog.tsx').then((m) => ({ default: m.ClientDialog })));
const Share = lazy(() => import('../watch/share-dialog.tsx').then((m) => ({ default: m.ShareDialog })));

/** The dialog that is open, if one is. */
export function Dialogs() {
  return (
    <Suspense fallback={null}>
      <Open />
    </Suspense>
  );
}

function Open() {
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
