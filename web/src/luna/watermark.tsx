import { useEffect, useState } from 'react';
import { useFormat } from '../kit/format.ts';
import { useMe } from '../kit/me.ts';
import classes from './panes.module.css';

const MARKS = 24;
const MINUTE = 60_000;

/** The name of who looks and the time, faint over a terminal, where the house wants that: a photograph says who took it. */
export function Watermark() {
  const me = useMe();
  const { short } = useFormat();
  const [now, setNow] = useState(() => new Date().toISOString());
  useEffect(() => {
    if (!me.watermark) return;
    const timer = setInterval(() => setNow(new Date().toISOString()), MINUTE);
    return () => clearInterval(timer);
  }, [me.watermark]);
  if (!me.watermark) return null;
  const text = `${me.displayName ? `${me.displayName} (${me.name})` : me.name} ${short(now)}`;
  return (
    <div className={classes.watermark} aria-hidden="true" data-watermark="">
      {Array.from({ length: MARKS }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all the same
        <span key={at}>{text}</span>
      ))}
    </div>
  );
}
