import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { AssetView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useWords } from '../../kit/words.ts';
import { useBulk } from '../bulk/use-bulk.ts';
import { LabelsInput } from './labels-input.tsx';
import { MoveForm } from './use-folder-deeds.tsx';
import { assetsChanged, useMoves } from './use-moves.ts';
import { assetWords } from './words.ts';

/** What can be done with the assets that are selected. */
export function AssetsBulk({ assets, done }: { readonly assets: readonly AssetView[]; readonly done: () => void }) {
  const t = useWords(assetWords);
  const confirm = useConfirm();
  const bulk = useBulk();
  const moves = useMoves();
  const [moving, move] = useDisclosure(false);
  const [labelling, label] = useDisclosure(false);
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({});
  const names = assets.map((asset) => asset.name);
  const what = names.length === 1 ? names[0]! : t.nAssets(names.length);

  const change = async (
    on: readonly string[],
    run: (name: string) => Promise<unknown>,
    said: (n: number) => string,
    undo?: (worked: readonly string[]) => void,
  ) => {
    await bulk(on, run, said, undo);
    await assetsChanged();
    done();
  };
  const turn = (active: boolean) => (name: string) => api.assets.set({ name, active });
  const enable = (on: readonly string[]) => change(on, turn(true), t.enabledN);
  const before = new Map(assets.map((asset) => [asset.name, asset.labels]));

  const button = { size: 'compact-sm', variant: 'subtle' } as const;
  return (
    <Group gap={4}>
      <Button {...button} onClick={move.open}>
        {t.moveTo}
      </Button>
      <Button {...button} onClick={label.open}>
        {t.label}
      </Button>
      <Button {...button} onClick={() => void enable(names)}>
        {t.enable}
      </Button>
      <Button
        {...button}
        onClick={() =>
          confirm({
            title: t.disableTitle(what),
            text: t.disableText,
            action: t.disable,
            run: () => change(names, turn(false), t.disabledN, (worked) => void enable(worked)),
          })
        }
      >
        {t.disable}
      </Button>
      <Button
        {...button}
        color="red"
        onClick={() =>
          confirm({
            title: t.removeTitle(what),
            text: t.removeText,
            action: t.remove,
            typed: names.length === 1 ? names[0] : String(names.length),
            run: () => change(names, (name) => api.assets.remove({ name }), t.removedN),
          })
        }
      >
        {t.remove}
      </Button>
      <Modal opened={moving} onClose={move.close} title={t.moveTitle(what)}>
        <MoveForm
          close={move.close}
          run={async (into) => {
            await moves.moveAssets(assets, into);
            done();
          }}
        />
      </Modal>
      <Modal opened={labelling} onClose={label.close} title={t.labelTitle(what)}>
        <Stack>
          <Text size="sm" c="dimmed">
            {t.labelText}
          </Text>
          <LabelsInput value={labels} onChange={setLabels} />
          <Group justify="flex-end">
            <Button
              disabled={Object.keys(labels).length === 0}
              onClick={() => {
                label.close();
                setLabels({});
                void change(
                  names,
                  (name) => api.assets.set({ name, labels: { ...before.get(name), ...labels } }),
                  t.labelledN,
                  (worked) =>
                    void change(worked, (name) => api.assets.set({ name, labels: before.get(name)! }), t.labelledN),
                );
              }}
            >
              {t.labelSet}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
