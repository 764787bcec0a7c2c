import { Box, Button, Group, Kbd, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconSearch, IconTerminal2 } from '@tabler/icons-react';
import { Empty, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { AssetIcon } from './asset-icon.tsx';
import { useConnect } from './connecting.tsx';
import classes from './luna.module.css';
import { useFavourites } from './preferences.ts';
import { remembered } from './remembered.ts';
import { NothingReachable, useAssets } from './sidebar.tsx';
import { useStore } from './store.ts';
import { words } from './words.ts';

const SHOWN = 6;

/** No terminal is open: the ones that are likely wanted, and how to find the others. */
export function FirstSteps({ onSearch }: { readonly onSearch: () => void }) {
  const t = useWords(words);
  const { data: assets, error } = useAssets();
  const { favourites } = useFavourites();
  const { recents } = useStore(remembered);
  const connect = useConnect();
  const likely = [...new Set([...favourites, ...recents])]
    .flatMap((id) => assets?.find((asset) => asset.id === id) ?? [])
    .slice(0, SHOWN);
  const body = () => {
    if (!assets) return error ? null : <Waiting />;
    if (assets.length === 0) return <NothingReachable />;
    return (
      <Stack align="center" gap="lg">
        <Empty
          icon={IconTerminal2}
          title={t.welcome}
          text={t.welcomeText}
          action={
            <Button leftSection={<IconSearch size={16} />} onClick={onSearch}>
              {t.findAsset}
            </Button>
          }
        />
        {likely.length > 0 && (
          <Group gap="xs" justify="center" maw={640}>
            {likely.map((asset) => (
              <UnstyledButton key={asset.id} className={classes.likely} onClick={() => connect(asset)}>
                <AssetIcon asset={asset} />
                <Text span size="sm" truncate maw={180}>
                  {asset.name}
                </Text>
              </UnstyledButton>
            ))}
          </Group>
        )}
        <Text size="xs" c="dimmed" visibleFrom="sm">
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">K</Kbd> {t.hintPalette} · <Kbd size="xs">Alt</Kbd>{' '}
          <Kbd size="xs">1…9</Kbd> {t.hintTabs} · <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Shift</Kbd>{' '}
          <Kbd size="xs">F</Kbd> {t.hintFind}
        </Text>
      </Stack>
    );
  };
  return <Box className={classes.first}>{body()}</Box>;
}
