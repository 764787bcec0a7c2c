import { type RefObject, useEffect } from 'react';
import { toggleFullScreen } from '../kit/full-screen.ts';
import type { Playback } from './playback.ts';

const STEP = 5;

/** Space, arrows and F, wherever on the page, but not while somebody types. */
export function useKeys(playback: Playback | undefined, whole: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (!playback) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (target?.closest('input, select, textarea, [role="dialog"], [role="slider"], [role="tab"], [role="menuitem"]'))
        return;
      const { time, playing } = playback.state;
      if (event.key === ' ') {
        // a button that has the keyboard is not pressed beside
        if (target?.closest('button, a')) target.blur();
        if (playing) playback.pause();
        else void playback.play();
      } else if (event.key === 'ArrowLeft') void playback.seek(time - STEP);
      else if (event.key === 'ArrowRight') void playback.seek(time + STEP);
      else if (event.key === 'f') toggleFullScreen(whole.current);
      else if (event.key === '.') void playback.step();
      else return;
      event.preventDefault();
      // the player has keys of its own
      event.stopPropagation();
    };
    document.addEventListener('keydown', press, true);
    return () => document.removeEventListener('keydown', press, true);
  }, [playback, whole]);
}
