import { Kbd } from '@mantine/core';
import { IconBolt, IconTerminal2 } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { Finder, FinderWindow, type Found } from '../kit/finder.tsx';
import { useWords } from '../kit/words.ts';
import { AssetIcon } from './asset-icon.tsx';
import { useConnect } from './connecting.tsx';
import { useQuickCommands } from './preferences.ts';
import { useAssets } from './sidebar.tsx';
import { tabName } from './tab-strip.tsx';
import { toolWords } from './tool-words.ts';
import { activate, focusedShell, workspace } from './workspace.ts';

export interface Deed {
  readonly name: string;
  readonly icon: ReactNode;
  readonly hint?: string | undefined;
  readonly run: () => void;
}

type Hit = Deed & Found;

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
    <FinderWindow opened label={t.palette} onClose={close} returnFocus={false}>
      <Search deeds={deeds} onCommand={onCommand} onClose={onClose} />
    </FinderWindow>
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

function Search(props: Props) {
  const t = useWords(toolWords);
  const [text, setText] = useState('');
  return (
    <Finder
      label={t.palette}
      text={text}
      onText={setText}
      hits={useHits(text, props)}
      nothing={t.nothingFound}
      beside={<Kbd size="xs">Esc</Kbd>}
      onChoose={(hit) => {
        props.onClose();
        hit.run();
        focusedShell()?.focus();
      }}
    />
  );
}
