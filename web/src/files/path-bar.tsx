import { ActionIcon, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconArrowUp, IconHome, IconPencil, IconSlash } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../kit/words.ts';
import classes from './files.module.css';
import { parentOf, shownName, stepsOf } from './names.ts';
import { filesWords } from './words.ts';

/** Where one is, step by step; can also be typed. */
export function PathBar(props: { readonly path: string; readonly home: string; readonly go: (path: string) => void }) {
  const { path, home, go } = props;
  const t = useWords(filesWords);
  const [typing, setTyping] = useState(false);
  const end = useRef<HTMLSpanElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the path is another one, its end is what matters
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest', inline: 'end' });
  }, [path]);
  return (
    <>
      <Tooltip label={t.parent}>
        <ActionIcon aria-label={t.parent} disabled={path === '/'} onClick={() => go(parentOf(path))}>
          <IconArrowUp size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.home}>
        <ActionIcon aria-label={t.home} onClick={() => go(home)}>
          <IconHome size={17} />
        </ActionIcon>
      </Tooltip>
      {typing ? (
        <TextInput
          size="xs"
          flex="1 1 180px"
          aria-label={t.path}
          defaultValue={path}
          autoFocus
          onBlur={() => setTyping(false)}
          onKeyDown={(event) => {
            event.stopPropagation();
            const next = event.currentTarget.value.trim();
            if (event.key === 'Escape') setTyping(false);
            if (event.key !== 'Enter' || !next.startsWith('/')) return;
            setTyping(false);
            go(next);
          }}
        />
      ) : (
        <nav className={classes.path} aria-label={t.path}>
          <UnstyledButton className={classes.step} aria-label={t.root} onClick={() => go('/')}>
            /
          </UnstyledButton>
          {stepsOf(path).map((step, at) => (
            <span key={step.path}>
              {at > 0 && <IconSlash size={11} style={{ verticalAlign: 'middle', opacity: 0.5 }} aria-hidden="true" />}
              <UnstyledButton className={classes.step} onClick={() => go(step.path)}>
                {shownName(step.name)}
              </UnstyledButton>
            </span>
          ))}
          <Tooltip label={t.editPath}>
            <ActionIcon size="sm" aria-label={t.editPath} onClick={() => setTyping(true)}>
              <IconPencil size={13} />
            </ActionIcon>
          </Tooltip>
          <span ref={end} />
        </nav>
      )}
    </>
  );
}
