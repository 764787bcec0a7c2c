import { Tabs } from '@mantine/core';
import { useState } from 'react';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { useWords } from '../kit/words.ts';
import { CommandList } from './command-list.tsx';
import { type Commands, useCommands } from './commands.ts';
import { FileList } from './file-list.tsx';
import { OutputSearch } from './output-search.tsx';
import type { Playback } from './playback.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';
import { SessionFacts } from './session-facts.tsx';

interface PanelProps {
  readonly session: SessionView;
  readonly commands?: Commands;
  readonly playback?: Playback | undefined;
}

/** What is known of a session, beside its picture. */
export function SidePanel({ session, commands, playback }: PanelProps) {
  const t = useWords(replayWords);
  const hasCommands = session.use === 'shell' || session.use === 'exec';
  const [tab, setTab] = useState<string | null>(hasCommands ? 'commands' : session.use === 'files' ? 'files' : 'about');
  return (
    <aside className={classes.side} aria-label={t.panel}>
      <Tabs value={tab} onChange={setTab} className={classes.panel} keepMounted={false}>
        <Tabs.List>
          {hasCommands && <Tabs.Tab value="commands">{t.commands}</Tabs.Tab>}
          {playback && <Tabs.Tab value="search">{t.search}</Tabs.Tab>}
          {session.use !== 'forward' && <Tabs.Tab value="files">{t.files}</Tabs.Tab>}
          <Tabs.Tab value="about">{t.about}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="commands" className={classes.panel}>
          {commands ? <CommandList commands={commands} playback={playback} /> : <OwnCommands session={session.id} />}
        </Tabs.Panel>
        <Tabs.Panel value="search" className={classes.panel}>
          <OutputSearch session={session} playback={playback} />
        </Tabs.Panel>
        <Tabs.Panel value="files" className={classes.panel}>
          <FileList session={session} playback={playback} />
        </Tabs.Panel>
        <Tabs.Panel value="about" className={classes.list}>
          <SessionFacts session={session} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

/** Where there is no player that has them already. */
function OwnCommands({ session }: { readonly session: string }) {
  return <CommandList commands={useCommands(session)} playback={undefined} />;
}
