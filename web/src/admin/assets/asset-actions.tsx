import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowRight, IconCopy, IconDots, IconPlugConnected, IconPower, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { Copyable } from '../../kit/copyable.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import type { ShownAsset } from './asset-page.tsx';
import { assetPageWords } from './page-words.ts';
import { type SshLine, sshLineTo } from './ssh-line.ts';
import type { Test } from './test-line.tsx';
import { MoveForm } from './use-folder-deeds.tsx';
import { assetsChanged, useMoves } from './use-moves.ts';
import { assetWords } from './words.ts';

/** What can be done with an asset as a whole. */
export function AssetActions({ asset, test }: { readonly asset: ShownAsset; readonly test: Test }) {
  const t = useWords(assetPageWords);
  const list = useWords(assetWords);
  const confirm = useConfirm();
  const tell = useTell();
  const moves = useMoves();
  const [, navigate] = useLocation();
  const [moving, move] = useDisclosure(false);
  const [line, setLine] = useState<SshLine>();
  const { name } = asset;

  const turn = async (active: boolean) => {
    await api.assets.set({ name, active });
    await assetsChanged();
    tell.done(active ? list.enabledN(1) : list.disabledN(1), () => void turn(!active).catch(tell.failed));
  };
  const showLine = async () => {
    try {
      setLine(await sshLineTo(name));
    } catch (error) {
      tell.failed(error);
    }
  };
  const remove = () =>
    confirm({
      title: list.removeTitle(name),
      text: list.removeText,
      action: t.remove,
      typed: name,
      run: async () => {
        await api.assets.remove({ name });
        navigate('/admin/assets');
        await assetsChanged();
        tell.done(t.removed(name));
      },
    });

  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconCopy size={16} />} onClick={() => void showLine()}>
        {t.lineTitle}
      </Button>
      <Button
        variant="default"
        leftSection={<IconPlugConnected size={16} />}
        loading={test.isPending}
        title={t.testReach}
        onClick={() => test.mutate()}
      >
        {t.test}
      </Button>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t.more}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconArrowRight size={16} />} onClick={move.open}>
            {t.moveTo}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPower size={16} />}
            onClick={() =>
              asset.active
                ? confirm({
                    title: list.disableTitle(name),
                    text: list.disableText,
                    action: t.disable,
                    run: () => turn(false),
                  })
                : void turn(true).catch(tell.failed)
            }
          >
            {asset.active ? t.disable : t.enable}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove}>
            {t.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={moving} onClose={move.close} title={list.moveTitle(name)}>
        <MoveForm close={move.close} run={(into) => moves.moveAssets([asset], into)} />
      </Modal>
      <Modal opened={line !== undefined} onClose={() => setLine(undefined)} title={t.lineTitle} size="lg">
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {line?.own === false ? t.lineOthers : t.lineText}
          </Text>
          <Copyable value={line?.line ?? ''} />
        </Stack>
      </Modal>
    </Group>
  );
}
