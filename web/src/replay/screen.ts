import { create, type Player, type Source } from 'asciinema-player';
import 'asciinema-player/dist/bundle/asciinema-player.css';
import type { PlaybackScreen } from './playback.ts';

interface Driver {
  play(): void;
  pause(): void;
  seek(): boolean;
  stop(): void;
  getTiming(): { time: number; rate: number };
}
type Dispatch = (event: string, data: unknown) => void;

/**
 * asciinema-player's terminal, told what to show by a driver of ours: the player's own loads a whole recording, or knows
 * its speed and its pauses once and for all.
 */
export function openScreen(place: HTMLElement): Promise<PlaybackScreen & { dispose(): void }> {
  return new Promise((resolve) => {
    let player: Player | undefined;
    const driver = ({ dispatch }: { dispatch: Dispatch }): Driver => {
      resolve({
        reset: (cols, rows) => dispatch('reset', { size: { cols, rows }, init: '', theme: null }),
        resize: (cols, rows) => dispatch('resize', { cols, rows }),
        feed: (text) => {
          if (text !== '') dispatch('output', text);
        },
        dispose: () => player?.dispose(),
      });
      return { play() {}, pause() {}, seek: () => false, stop() {}, getTiming: () => ({ time: 0, rate: 0 }) };
    };
    player = create(driver as unknown as Source, place, {
      controls: false,
      fit: 'both',
      cursorMode: 'steady',
      theme: 'asciinema',
      terminalFontFamily: getComputedStyle(document.documentElement).getPropertyValue(
        '--mantine-font-family-monospace',
      ),
    });
  });
}
