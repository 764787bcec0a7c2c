import { Group, Kbd, Loader, Modal, ScrollArea, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useWords } from '../../kit/words.ts';
import { adminWords } from '../admin-words.ts';
import { type Hit, useHits } from './find.ts';
import classes from './palette.module.css';

/** Goes anywhere by typing: pages, users, assets, sessions. */
export function Palette({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const t = useWords(adminWords);
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size="lg"
      centered={false}
      yOffset="12vh"
      aria-label={t.find}
      transitionProps={{ duration: 0 }}
    >
      <Finder close={close} />
    </Modal>
  );
}

function Finder({ close }: { readonly close: () => void }) {
  const t = useWords(adminWords);
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const { hits, failed, looking } = useHits(asked, true);
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // at once: what is typed right after the shortcut belongs here
  useLayoutEffect(() => field.current?.focus(), []);
  const index = Math.min(at, hits.length - 1);
  useEffect(() => {
    list.current?.querySelector(`[id="${id}${index}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [id, index]);
  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    navigate(hit.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((index + step + hits.length) % hits.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go(hits[index]);
    }
  };
  return (
    <>
      <TextInput
        ref={field}
        data-autofocus
        variant="unstyled"
        size="md"
        px="xs"
        placeholder={t.find}
        leftSection={<IconSearch size={17} />}
        rightSection={looking && <Loader size={14} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-label={t.find}
        aria-expanded
        aria-controls={`${id}list`}
        aria-activedescendant={hits.length > 0 ? `${id}${index}` : undefined}
      />
      <ScrollArea.Autosize mah="50vh" className={classes.body} viewportRef={list}>
        <div role="listbox" id={`${id}list`} aria-label={t.results} className={classes.list}>
          {hits.map((hit, i) => (
            <div key={hit.key}>
              {hit.group !== hits[i - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {hit.group}
                </div>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus */}
              <div
                id={`${id}${i}`}
                role="option"
                tabIndex={-1}
                aria-selected={i === index}
                className={classes.hit}
                onMouseMove={() => setAt(i)}
                onClick={() => go(hit)}
              >
                <hit.icon size={16} stroke={1.7} />
                <Text size="sm" truncate>
                  {hit.name}
                </Text>
                <Text size="xs" c="dimmed" truncate flex={1} ta="right">
                  {hit.hint}
                </Text>
              </div>
            </div>
          ))}
        </div>
        {hits.length === 0 && !looking && (
          <Text size="sm" c="dimmed" ta="center" py="lg">
            {t.nothing}
          </Text>
        )}
      </ScrollArea.Autosize>
      <Group px="md" py={8} gap="md" className={classes.foot}>
        <Text size="xs" c="dimmed" flex={1}>
          {failed ? t.someFailed : t.findHint}
        </Text>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          <Kbd size="xs">↑ ↓</Kbd> {t.keysMove} <Kbd size="xs">↵</Kbd> {t.keysOpen} <Kbd size="xs">Esc</Kbd>{' '}
          {t.keysClose}
        </Text>
      </Group>
    </>
  );
}
