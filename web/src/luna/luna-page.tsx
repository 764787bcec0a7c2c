import { Box, Drawer, Group } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconBolt, IconBroadcast, IconMenu2, IconSettings } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useMe } from '../kit/me.ts';
import { useDocumentTitle } from '../kit/page.tsx';
import { useTell } from '../kit/tell.tsx';
import { UserMenu } from '../kit/user-menu.tsx';
import { useWords } from '../kit/words.ts';
import { BatchBar } from './batch-bar.tsx';
import { pastedText } from './clipboard.ts';
import { useClosing } from './closing.tsx';
import { useDeepLink } from './deep-link.ts';
import { Dialogs } from './dialogs.tsx';
import { Edge } from './edge.tsx';
import { FilesSide } from './files-side.tsx';
import { FirstSteps } from './first-steps.tsx';
import { FullScreen, HeadIcon } from './head-icon.tsx';
import { pressed } from './keys.ts';
import { askLink } from './links.tsx';
import classes from './luna.module.css';
import { batchOpen, dialog } from './opened.ts';
import { PaneArea } from './pane-area.tsx';
import { usePasting } from './pasting.tsx';
import { useTerminalSettings } from './preferences.ts';
import { recall, remember, remembered } from './remembered.ts';
import { Sidebar } from './sidebar.tsx';
import { useStore } from './store.ts';
import { TabStrip, tabName } from './tab-strip.tsx';
import { toolWords } from './tool-words.ts';
import { words } from './words.ts';
import { enterWorkspace, focusedShell, workspace } from './workspace.ts';

/** The room with the terminals. */
export default function LunaPage() {
  const t = useWords(words);
  const tools = useWords(toolWords);
  const me = useMe();
  // before anything below reads what is remembered
  recall(me.id ?? me.name);
  const tell = useTell();
  const close = useClosing();
  const paste = usePasting();
  const { change } = useTerminalSettings();
  const { tabs, active } = useStore(workspace);
  const { width, collapsed } = useStore(remembered);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const batch = useStore(batchOpen);
  const [drawer, setDrawer] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const tab = tabs.find((one) => one.id === active);
  useDocumentTitle(tab ? tabName(tab) : t.title);

  const deeds = {
    palette: () => dialog.set({ kind: 'palette' }),
    close: () => {
      const shell = focusedShell();
      if (shell) close.pane(shell.id);
    },
    fontSize: (fontSize: number) => change({ fontSize }),
    paste: async () => {
      const shell = focusedShell();
      const text = await pastedText();
      if (text === undefined) tell.failed(new Error(t.pasteByKeys));
      else if (shell) paste(shell, text);
    },
  };
  const now = useRef({ deeds, paste, t, tell });
  now.current = { deeds, paste, t, tell };
  useEffect(() => {
    const leave = enterWorkspace(
      {
        taken: (event) => {
          if (event.type !== 'keydown') return false;
          const taken = pressed(event, true, now.current.deeds);
          if (taken) event.preventDefault();
          return taken;
        },
        link: (url) => askLink(url, now.current.t),
        paste: (shell, text) => now.current.paste(shell, text),
        copied: () => now.current.tell.done(now.current.t.copied),
        ended: () => {},
      },
      me.id,
    );
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || (event.target as Element | null)?.closest?.('.bastion-terminal')) return;
      if (pressed(event, false, now.current.deeds)) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      leave();
    };
  }, [me.id]);
  // behind the effect above: what it opens belongs to the person that one lets in
  useDeepLink();

  const side = (
    <Sidebar
      search={search}
      onOpened={() => setDrawer(false)}
      onCollapse={() => (narrow ? setDrawer(false) : remember({ collapsed: true }))}
    />
  );
  const showSide = !narrow && !collapsed;
  return (
    <div className={classes.page}>
      {showSide && (
        <>
          <Box w={width} className={classes.side}>
            {side}
          </Box>
          <Edge
            label={t.sideEdge}
            width={width}
            min={200}
            max={480}
            from="left"
            onChange={(to, done) => (done ? remember({ width: to }) : remembered.patch({ width: to }))}
          />
        </>
      )}
      {narrow && (
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          size={300}
          padding={0}
          withCloseButton={false}
          styles={{ body: { height: '100%' } }}
        >
          {side}
        </Drawer>
      )}
      <main className={classes.main}>
        <Group gap={4} wrap="nowrap" className={classes.top} component="header">
          {!showSide && (
            <HeadIcon
              label={t.showSide}
              icon={<IconMenu2 size={18} />}
              onClick={() => (narrow ? setDrawer(true) : remember({ collapsed: false }))}
            />
          )}
          <TabStrip />
          <HeadIcon label={tools.quick} icon={<IconBolt size={18} />} onClick={() => dialog.set({ kind: 'quick' })} />
          <HeadIcon
            label={tools.batch}
            icon={<IconBroadcast size={18} />}
            pressed={batch}
            onClick={() => batchOpen.set(!batch)}
          />
          <HeadIcon
            label={tools.settings}
            icon={<IconSettings size={18} />}
            onClick={() => dialog.set({ kind: 'settings' })}
          />
          {!narrow && <FullScreen />}
          <UserMenu />
        </Group>
        <div className={classes.middle}>
          <Box flex={1} miw={0} pos="relative">
            <PaneArea />
            {tabs.length === 0 && (
              <FirstSteps
                onSearch={() => {
                  if (narrow) setDrawer(true);
                  else remember({ collapsed: false });
                  setTimeout(() => search.current?.focus());
                }}
              />
            )}
          </Box>
          <FilesSide narrow={narrow} />
        </div>
        {batch && (
          <BatchBar
            onClose={() => {
              batchOpen.set(false);
              focusedShell()?.focus();
            }}
          />
        )}
      </main>
      <Dialogs />
    </div>
  );
}
