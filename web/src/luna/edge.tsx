import type { PointerEvent } from 'react';
import classes from './luna.module.css';

const STEP = 16;

/** The border of something beside the terminals, by which it is made wider. */
export function Edge(props: {
  readonly label: string;
  readonly width: number;
  readonly min: number;
  readonly max: number;
  /** The side of the page it is measured from. */
  readonly from: 'left' | 'right';
  /** `done`: the pointer let go. */
  readonly onChange: (width: number, done: boolean) => void;
}) {
  const { width, min, max, from, onChange } = props;
  const bound = (wanted: number) => Math.min(max, Math.max(min, wanted));
  const widthAt = (event: PointerEvent) => bound(from === 'left' ? event.clientX : innerWidth - event.clientX);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved is no <hr>
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={props.label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      className={classes.sideEdge}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) onChange(widthAt(event), false);
      }}
      onPointerUp={(event) => onChange(widthAt(event), true)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
        if (by !== undefined) onChange(bound(width + (from === 'left' ? by : -by)), true);
      }}
    />
  );
}
