import { ActionIcon, Group, Text, TextInput, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconLetterCase, IconRegex, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { kitWords } from '../kit/kit-words.ts';
import { useWords } from '../kit/words.ts';
import { paletteOf } from './palettes.ts';
import classes from './panes.module.css';
import { terminalSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { words } from './words.ts';

const RULER = { matchOverviewRuler: '#e6b800', activeMatchColorOverviewRuler: '#ff8c1a' };
const MARKS = {
  dark: { ...RULER, matchBackground: '#7a5c00', activeMatchBackground: '#b35900' },
  light: { ...RULER, matchBackground: '#ffe08a', activeMatchBackground: '#ffb347' },
};

/** Searches what the terminal has shown. */
export function FindBar({ shell }: { readonly shell: Shell }) {
  const t = useWords(words);
  const kit = useWords(kitWords);
  const pageDark = useComputedColorScheme('light') === 'dark';
  const [text, setText] = useState('');
  const [regex, setRegex] = useState(false);
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [found, setFound] = useState<{ at: number; of: number }>();
  const search = shell.screen?.search;
  useEffect(() => {
    const listener = search?.onDidChangeResults(({ resultIndex, resultCount }) =>
      setFound({ at: resultIndex, of: resultCount }),
    );
    return () => {
      listener?.dispose();
      search?.clearDecorations();
    };
  }, [search]);
  const broken = regex && !isRegex(text);
  const find = (back: boolean, incremental = false) => {
    if (!search || broken) return;
    if (text === '') {
      search.clearDecorations();
      setFound(undefined);
      return;
    }
    const { dark } = paletteOf(terminalSettings.get().palette, pageDark);
    const options = { regex, caseSensitive, incremental, decorations: MARKS[dark ? 'dark' : 'light'] };
    if (back) search.findPrevious(text, options);
    else search.findNext(text, options);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of what is looked for looks anew
  useEffect(() => find(true, true), [text, regex, caseSensitive]);
  const close = () => {
    shell.view.patch({ searching: false });
    shell.focus();
  };
  return (
    <Group gap={4} wrap="nowrap" className={classes.find} role="search">
      <TextInput
        size="xs"
        w={200}
        autoFocus
        aria-label={t.find}
        placeholder={t.find}
        error={broken}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(!event.shiftKey);
          if (event.key === 'Escape') close();
        }}
      />
      <Text size="xs" c="dimmed" miw={48} ta="center" aria-live="polite">
        {text !== '' && found && (found.of === 0 ? t.noHit : `${found.at + 1}/${found.of}`)}
      </Text>
      <Tooltip label={t.matchCase}>
        <ActionIcon
          size="sm"
          aria-label={t.matchCase}
          aria-pressed={caseSensitive}
          variant={caseSensitive ? 'filled' : 'subtle'}
          onClick={() => setCaseSensitive(!caseSensitive)}
        >
          <IconLetterCase size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.regex}>
        <ActionIcon
          size="sm"
          aria-label={t.regex}
          aria-pressed={regex}
          variant={regex ? 'filled' : 'subtle'}
          onClick={() => setRegex(!regex)}
        >
          <IconRegex size={15} />
        </ActionIcon>
      </Tooltip>
      <ActionIcon size="sm" aria-label={t.previousHit} onClick={() => find(true)}>
        <IconChevronUp size={15} />
      </ActionIcon>
      <ActionIcon size="sm" aria-label={t.nextHit} onClick={() => find(false)}>
        <IconChevronDown size={15} />
      </ActionIcon>
      <ActionIcon size="sm" aria-label={kit.close} onClick={close}>
        <IconX size={15} />
      </ActionIcon>
    </Group>
  );
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
