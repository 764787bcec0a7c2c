import { Badge, Tooltip } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { useMay } from '../kit/me.ts';
import { useWords } from '../kit/words.ts';
import { adminWords } from './admin-words.ts';
import classes from './nav.module.css';
import { entryOf, NAV, type NavEntry } from './nav-entries.ts';
import { useWaiting } from './waiting.ts';

/** The menu of the console: what the role of who is signed in opens. `folded` shows icons alone. */
export function Nav({ folded, onPick }: { readonly folded: boolean; readonly onPick: () => void }) {
  const t = useWords(adminWords);
  const may = useMay();
  const waiting = useWaiting();
  const [path] = useLocation();
  const current = entryOf(path);
  const groups = NAV.map((group) => ({ ...group, entries: group.entries.filter((entry) => may(entry.needs)) }));
  return (
    <nav aria-label={t.menu} className={folded ? classes.folded : undefined}>
      {groups
        .filter((group) => group.entries.length > 0)
        .map((group) => (
          <div key={group.word} className={classes.group}>
            <div className={classes.title}>{t[group.word] as string}</div>
            {group.entries.map((entry) => (
              <Entry
                key={entry.href}
                entry={entry}
                current={entry.href === current}
                count={entry.badge ? waiting[entry.badge] : 0}
                folded={folded}
                onPick={onPick}
              />
            ))}
          </div>
        ))}
    </nav>
  );
}

function Entry(props: {
  readonly entry: NavEntry;
  readonly current: boolean;
  readonly count: number;
  readonly folded: boolean;
  readonly onPick: () => void;
}) {
  const { entry, current, count, folded, onPick } = props;
  const t = useWords(adminWords);
  const word = t[entry.word] as string;
  const Glyph = entry.icon;
  return (
    <Tooltip label={word} position="right" disabled={!folded} openDelay={100}>
      <Link
        href={entry.href}
        className={classes.entry}
        aria-current={current ? 'page' : undefined}
        aria-label={count > 0 ? `${word}, ${t.waiting(count)}` : folded ? word : undefined}
        onClick={onPick}
      >
        <Glyph size={17} stroke={1.7} />
        {!folded && <span className={classes.word}>{word}</span>}
        {count > 0 && (folded ? <span className={classes.dot} /> : <Count n={count} />)}
      </Link>
    </Tooltip>
  );
}

function Count({ n }: { readonly n: number }) {
  return (
    <Badge size="sm" color="orange" variant="filled" circle={n < 10}>
      {n > 99 ? '99+' : n}
    </Badge>
  );
}
