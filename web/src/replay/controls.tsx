import { ActionIcon, Group, Menu, Slider, Switch, Text, Tooltip } from '@mantine/core';
import {
  IconMaximize,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from '@tabler/icons-react';
import { memo, type RefObject, useState } from 'react';
import type { CommandView } from '../../../src/api/contract/commands.ts';
import { clockText } from '../kit/format.ts';
import { toggleFullScreen } from '../kit/full-screen.ts';
import { useWords } from '../kit/words.ts';
import { commandAt } from './commands.ts';
import { type Playback, SPEEDS } from './playback.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';
import { usePlayback } from './use-playback.ts';

/** More marks than this are a line, not marks. */
const MOST_TICKS = 400;

interface ControlsProps {
  readonly playback: Playback | undefined;
  /** Seconds. */
  readonly duration: number;
  readonly commands: readonly CommandView[];
  readonly whole: RefObject<HTMLElement | null>;
}

export function Controls({ playback, duration, commands, whole }: ControlsProps) {
  const t = useWords(replayWords);
  const { playing, skipIdle } = usePlayback(playback, ({ playing, skipIdle }) => ({ playing, skipIdle }));
  const jump = (by: 1 | -1) => {
    if (!playback) return;
    // a second's grace, so that "back" does not stick to the command that was just begun
    const now = commandAt(commands, playback.state.time - (by < 0 ? 1 : 0));
    const seconds = by > 0 ? (commands[now + 1]?.seconds ?? duration) : (commands[now]?.seconds ?? 0);
    void playback.seek(seconds);
  };
  return (
    <div className={classes.controls}>
      <SeekBar playback={playback} duration={duration} commands={commands} />
      <Group gap={6} wrap="nowrap">
        <Tooltip label={playing ? t.pause : t.play}>
          <ActionIcon
            variant="subtle"
            color="gray.4"
            size="lg"
            aria-label={playing ? t.pause : t.play}
            onClick={() => (playing ? playback?.pause() : void playback?.play())}
          >
            {playing ? <IconPlayerPause size={20} /> : <IconPlayerPlay size={20} />}
          </ActionIcon>
        </Tooltip>
        <ActionIcon variant="subtle" color="gray.4" aria-label={t.previous} onClick={() => jump(-1)}>
          <IconPlayerSkipBack size={16} />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray.4" aria-label={t.next} onClick={() => jump(1)}>
          <IconPlayerSkipForward size={16} />
        </ActionIcon>
        <Clock playback={playback} duration={duration} />
        <div style={{ flex: 1 }} />
        <Tooltip label={t.skipIdleHint}>
          <Switch
            size="xs"
            label={t.skipIdle}
            checked={skipIdle}
            onChange={(event) => playback?.setSkipIdle(event.currentTarget.checked)}
            styles={{ label: { color: 'inherit', whiteSpace: 'nowrap' } }}
          />
        </Tooltip>
        <Speed playback={playback} />
        <Tooltip label={t.fullScreen}>
          <ActionIcon
            variant="subtle"
            color="gray.4"
            aria-label={t.fullScreen}
            onClick={() => toggleFullScreen(whole.current)}
          >
            <IconMaximize size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </div>
  );
}

function Clock({ playback, duration }: Pick<ControlsProps, 'playback' | 'duration'>) {
  const second = usePlayback(playback, ({ time }) => Math.floor(time));
  return (
    <Text size="sm" className="mono" style={{ whiteSpace: 'nowrap' }} data-testid="clock">
      {clockText(second)} / {clockText(duration)}
    </Text>
  );
}

function Speed({ playback }: Pick<ControlsProps, 'playback'>) {
  const t = useWords(replayWords);
  const speed = usePlayback(playback, (state) => state.speed);
  return (
    <Menu position="top-end" withinPortal={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray.4" w="auto" px={6} aria-label={`${t.speed}: ${t.times(speed)}`}>
          <Text size="sm" fw={500}>
            {t.times(speed)}
          </Text>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SPEEDS.map((each) => (
          <Menu.Item key={each} fw={each === speed ? 600 : undefined} onClick={() => playback?.setSpeed(each)}>
            {t.times(each)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SeekBar({ playback, duration, commands }: Omit<ControlsProps, 'whole'>) {
  const t = useWords(replayWords);
  const time = usePlayback(playback, (state) => Math.round(state.time * 10) / 10);
  // while it is dragged it shows where it is dragged to
  const [dragged, setDragged] = useState<number>();
  return (
    <div className={classes.track}>
      <Slider
        size="sm"
        min={0}
        max={Math.max(duration, 0.1)}
        step={0.1}
        value={dragged ?? time}
        label={(value) => clockText(value)}
        styles={{ track: { '--slider-track-bg': '#3f4758' } }}
        thumbLabel={t.position}
        thumbProps={{ 'aria-valuetext': t.positionText(clockText(time), clockText(duration)) }}
        onChange={setDragged}
        onChangeEnd={(value) => {
          setDragged(undefined);
          void playback?.seek(value);
        }}
      />
      <Ticks commands={commands} duration={duration} />
    </div>
  );
}

const Ticks = memo(function Ticks({ commands, duration }: Pick<ControlsProps, 'commands' | 'duration'>) {
  if (duration <= 0 || commands.length > MOST_TICKS) return null;
  return (
    <div className={classes.ticks} aria-hidden="true">
      {commands.map(({ id, seconds, verdict }) => (
        <span
          key={id}
          className={classes.tick}
          data-verdict={verdict}
          style={{ left: `${(Math.min(seconds, duration) / duration) * 100}%` }}
        />
      ))}
    </div>
  );
});
