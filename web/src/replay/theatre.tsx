import { ActionIcon, Badge, CopyButton, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCheck, IconDownload, IconLayoutSidebarRight, IconLink } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { Failed } from '../kit/states.tsx';
import { useUrlState } from '../kit/url-state.ts';
import { useWords } from '../kit/words.ts';
import { useCommands } from './commands.ts';
import { Controls } from './controls.tsx';
import { Playback } from './playback.ts';
import { Recording, type RecordingIndex } from './recording.ts';
import classes from './replay.module.css';
import { ReplayBar } from './replay-bar.tsx';
import { replayWords } from './replay-words.ts';
import { openScreen } from './screen.ts';
import { SidePanel } from './side-panel.tsx';
import { useKeys } from './use-keys.ts';
import { usePlayback } from './use-playback.ts';

/** The player with all around it. */
export function Theatre({ session, index }: { readonly session: SessionView; readonly index: RecordingIndex }) {
  const t = useWords(replayWords);
  const place = useRef<HTMLDivElement>(null);
  const whole = useRef<HTMLDivElement>(null);
  const [get] = useUrlState();
  const [beginAt] = useState(() => Math.max(0, Number(get('t') ?? 0) || 0));
  const [playback, setPlayback] = useState<Playback>();
  const isWide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false });
  const [panel, setPanel] = useState(true);
  const commands = useCommands(session.id);
  useEffect(() => {
    if (!place.current) return;
    let gone = false;
    let end = () => {};
    void openScreen(place.current).then((screen) => {
      const playing = new Playback(new Recording(session.id, index), screen);
      end = () => {
        playing.stop();
        screen.dispose();
      };
      if (gone) {
        end();
        return;
      }
      setPlayback(playing);
      void playing.seek(beginAt).then(() => playing.play());
    });
    return () => {
      gone = true;
      end();
    };
  }, [session.id, index, beginAt]);
  useKeys(playback, whole);
  return (
    <>
      <ReplayBar session={session}>
        <CopyLink id={session.id} playback={playback} />
        <Tooltip label={t.downloadHint} multiline maw={260}>
          <ActionIcon
            component="a"
            href={`/api/v1/sessions/${encodeURIComponent(session.id)}/recording`}
            download={`${session.user}-${session.asset}-${session.id}.cast`}
            aria-label={t.download}
          >
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t.panel}>
          <ActionIcon
            aria-label={t.panel}
            aria-pressed={panel}
            variant={panel ? 'light' : 'subtle'}
            onClick={() => setPanel(!panel)}
          >
            <IconLayoutSidebarRight size={18} />
          </ActionIcon>
        </Tooltip>
      </ReplayBar>
      <div className={classes.body} data-wide={isWide}>
        <div className={classes.theatre} ref={whole}>
          <div className={classes.stage}>
            <div className={classes.screen} ref={place} data-testid="replay-screen" />
            <Trouble playback={playback} />
          </div>
          <Controls playback={playback} duration={index.duration} commands={commands.rows} whole={whole} />
        </div>
        {panel && <SidePanel session={session} commands={commands} playback={playback} />}
      </div>
    </>
  );
}

/** What is loaded, and what could not be. */
function Trouble({ playback }: { readonly playback: Playback | undefined }) {
  const t = useWords(replayWords);
  const { loading, error } = usePlayback(playback, ({ loading, error }) => ({ loading, error }));
  if (error !== undefined) {
    const again = () => void playback?.seek(playback.state.time);
    return (
      <div className={classes.loading}>
        <Failed error={error} retry={again} />
      </div>
    );
  }
  return loading ? (
    <Badge className={classes.loading} color="gray" variant="filled" role="status">
      {t.loading}
    </Badge>
  ) : null;
}

function CopyLink({ id, playback }: { readonly id: string; readonly playback: Playback | undefined }) {
  const t = useWords(replayWords);
  const second = usePlayback(playback, ({ time }) => Math.floor(time));
  return (
    <CopyButton value={`${location.origin}/replay/${id}?t=${second}`}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t.linkCopied : t.copyLink}>
          <ActionIcon aria-label={t.copyLink} onClick={copy} color={copied ? 'teal' : 'gray'}>
            {copied ? <IconCheck size={18} /> : <IconLink size={18} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
