import { Group, Kbd, Loader, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useLocation } from 'wouter';
import foot from '../../kit/finder.module.css';
import { Finder, FinderWindow } from '../../kit/finder.tsx';
import { useWords } from '../../kit/words.ts';
import { adminWords } from '../admin-words.ts';
import { useHits } from './find.ts';

/** Goes anywhere by typing: pages, users, assets, sessions. */
export function Palette({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const t = useWords(adminWords);
  return (
    <FinderWindow opened={opened} label={t.find} onClose={close}>
      <Search close={close} />
    </FinderWindow>
  );
}

function Search({ close }: { readonly close: () => void }) {
  const t = useWords(adminWords);
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const { hits, failed, looking } = useHits(asked, true);
  return (
    <Finder
      label={t.find}
      text={text}
      onText={setText}
      hits={hits.map(({ icon: Glyph, ...hit }) => ({ ...hit, icon: <Glyph size={16} stroke={1.7} /> }))}
      nothing={looking ? undefined : t.nothing}
      beside={looking && <Loader size={14} />}
      onChoose={(hit) => {
        close();
        navigate(hit.href);
      }}
      foot={
        <Group px="md" py={8} gap="md" className={foot.foot}>
          <Text size="xs" c="dimmed" flex={1}>
            {failed ? t.someFailed : t.findHint}
          </Text>
          <Text size="xs" c="dimmed" visibleFrom="sm">
            <Kbd size="xs">↑ ↓</Kbd> {t.keysMove} <Kbd size="xs">↵</Kbd> {t.keysOpen} <Kbd size="xs">Esc</Kbd>{' '}
            {t.keysClose}
          </Text>
        </Group>
      }
    />
  );
}
