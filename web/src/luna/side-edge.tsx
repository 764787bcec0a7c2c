import { useWords } from '../kit/words.ts';
import classes from './luna.module.css';
import { remember, remembered } from './remembered.ts';
import { useStore } from './store.ts';
import { words } from './words.ts';

const MIN = 200;
const MAX = 480;
const STEP = 16;
const bound = (width: number) => Math.min(MAX, Math.max(MIN, width));

/** The border of the side bar, by which it is made wider. */
export function SideEdge() {
  const t = useWords(words);
  const { width } = useStore(remembered);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved is no <hr>
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t.sideEdge}
      aria-valuenow={width}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      className={classes.sideEdge}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) remembered.patch({ width: bound(event.clientX) });
      }}
      onPointerUp={() => remember({})}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') remember({ width: bound(width - STEP) });
        if (event.key === 'ArrowRight') remember({ width: bound(width + STEP) });
      }}
    />
  );
}
