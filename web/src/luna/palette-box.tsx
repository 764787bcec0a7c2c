import { Kbd, Modal, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconBolt, IconSearch, IconTerminal2 } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../kit/words.ts';
import { AssetIcon } from './asset-icon.tsx';
import { useConnect } from './connecting.tsx';
import { useQuickCommands } from './preferences.ts';
import { useAssets } from './sidebar.tsx';
import { tabName } from './tab-strip.tsx';
import { toolWords } from './tool-words.ts';
import classes from './tools.module.css';
import { activate, focusedShell, workspace } from './workspace.ts';

export interface Deed {
  readonly name: string;
  readonly icon: ReactNode;
  readonly hint?: string | undefined;
  readonly run: () => void;
}

interface Hit extends Deed {
  readonly key: string;
  readonly group: string;
}

const PER_GROUP = 8;

interface Props {
  readonly deeds: readonly Deed[];
  readonly onCommand: (id: string) => void;
  readonly onClose: () => void;
}

/** Goes to a tab, an asset, a quick command or a setting by typing. */
export function PaletteBox({ deeds, onCommand, onClose }: Props) {
  const t = useWords(toolWords);
  const close = () => {
    onClose();
    focusedShell()?.focus();
  };
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      padding={0}
      size="lg"
      centered={false}
      yOffset="12vh"
      aria-label={t.palette}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Finder deeds={deeds} onCommand={onCommand} onClose={onClose} />
    </Modal>
  );
}

function useHits(text: string, { deeds, onCommand }: Props): Hit[] {
  const t = useWords(toolWords);
  const connect = useConnect();
  const { data: assets = [] } = useAssets();
  const { commands } = useQuickCommands();
  const hits: Hit[] = [
    ...workspace.get().tabs.map((tab, at) => ({
      key: tab.id,
      group: t.tabs,
      name: tabName(tab),
      icon: <IconTerminal2 size={16} stroke={1.7} />,
      hint: at < 9 ? `Alt+${at + 1}` : undefined,
      run: () => activate(tab.id),
    })),
    ...assets.map((asset) => ({
      key: asset.id,
      group: t.assets,
      name: asset.name,
      icon: <AssetIcon asset={asset} />,
      hint: `${asset.address} ${asset.folder === '/' ? '' : asset.folder}`,
      run: () => connect(asset),
    })),
    ...commands.map((command) => ({
      key: command.id,
      group: t.quick,
      name: command.name,
      icon: <IconBolt size={16} stroke={1.7} />,
      hint: command.text.slice(0, 60),
      run: () => onCommand(command.id),
    })),
    ...deeds.map((deed) => ({ ...deed, key: deed.name, group: t.deeds })),
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const counts = new Map<string, number>();
  return hits.filter(({ name, hint, group }) => {
    if (!words.every((word) => `${name} ${hint ?? ''}`.toLowerCase().includes(word))) return false;
    const count = counts.get(group) ?? 0;
    counts.set(group, count + 1);
    return count < PER_GROUP;
  });
}

function Finder(props: Props) {
  const t = useWords(toolWords);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const hits = useHits(text, props);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const index = Math.min(at, hits.length - 1);
  useEffect(() => {
    list.current?.querySelector(`[id="${id}${index}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [id, index]);
  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    props.onClose();
    hit.run();
    focusedShell()?.focus();
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
        data-autofocus
        variant="unstyled"
        size="md"
        px="xs"
        placeholder={t.palette}
        leftSection={<IconSearch size={17} />}
        rightSection={<Kbd size="xs">Esc</Kbd>}
        rightSectionWidth={48}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-label={t.palette}
        aria-expanded
        aria-controls={`${id}list`}
        aria-activedescendant={hits.length > 0 ? `${id}${index}` : undefined}
      />
      <ScrollArea.Autosize mah="50vh" className={classes.hits} viewportRef={list}>
        <div role="listbox" id={`${id}list`} aria-label={t.palette}>
          {hits.map((hit, i) => (
            <div key={hit.key}>
              {hit.group !== hits[i - 1]?.group && (
                <div className={classes.hitGroup} role="presentation">
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
                {hit.icon}
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
        {hits.length === 0 && (
          <Text size="sm" c="dimmed" ta="center" py="lg">
            {t.nothingFound}
          </Text>
        )}
      </ScrollArea.Autosize>
    </>
  );
}
