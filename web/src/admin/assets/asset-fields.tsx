import { Autocomplete, Button, Collapse, Group, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { AssetView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import { AssetSelect } from '../pickers/pickers.tsx';
import { assetFormWords } from './form-words.ts';
import { LabelsInput } from './labels-input.tsx';
import { ProtocolsInput } from './protocols-input.tsx';

export type AssetFields = Pick<
  AssetView,
  'name' | 'address' | 'protocols' | 'platform' | 'folder' | 'labels' | 'comment' | 'active' | 'charset' | 'via'
>;

/** What is said about an asset, for a new one and for one there is. `all` shows what is rarely needed at once. */
export function AssetFieldInputs(props: {
  readonly fields: AssetFields;
  readonly set: (patch: Partial<AssetFields>) => void;
  readonly all: boolean;
  readonly itself?: string | undefined;
}) {
  const { fields, set, all, itself } = props;
  const t = useWords(assetFormWords);
  const [more, { toggle }] = useDisclosure(all);
  const said = useSaid();
  const platforms = useQuery({
    queryKey: ['platforms'],
    queryFn: () => api.platforms.list(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const folders = useQuery({ queryKey: ['folders'], queryFn: () => api.folders.list() });
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t.name}
          description={t.nameHint}
          required
          value={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t.address}
          description={t.addressHint}
          required
          classNames={{ input: 'mono' }}
          value={fields.address}
          onChange={(event) => set({ address: event.currentTarget.value.trim() })}
        />
        <ProtocolsInput value={fields.protocols} onChange={(protocols) => set({ protocols: [...protocols] })} />
        <Stack>
          <Select
            label={t.platform}
            data={(platforms.data ?? []).map((one) => ({
              value: one.name,
              label: platformWords(one.name, said(one.comment)),
            }))}
            value={fields.platform}
            onChange={(platform) => platform !== null && set({ platform })}
            allowDeselect={false}
            searchable
          />
          <Autocomplete
            label={t.folder}
            description={t.folderHint}
            data={(folders.data ?? []).map((folder) => folder.path)}
            value={fields.folder}
            onChange={(folder) => set({ folder })}
            limit={50}
          />
        </Stack>
      </SimpleGrid>
      <LabelsInput value={fields.labels} onChange={(labels) => set({ labels: { ...labels } })} />
      {!all && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={toggle}
            aria-expanded={more}
            rightSection={more ? <IconChevronUp size={15} /> : <IconChevronDown size={15} />}
          >
            {more ? t.less : t.more}
          </Button>
        </Group>
      )}
      <Collapse expanded={more}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <AssetSelect
            label={t.via}
            description={t.viaHint}
            placeholder={t.direct}
            clearable
            value={fields.via}
            onChange={(via) => set({ via })}
            without={itself === undefined ? undefined : [itself]}
          />
          <TextInput
            label={t.charset}
            description={t.charsetHint}
            placeholder="UTF-8"
            value={fields.charset ?? ''}
            onChange={(event) => set({ charset: event.currentTarget.value || null })}
          />
          <TextInput
            label={t.comment}
            value={fields.comment}
            onChange={(event) => set({ comment: event.currentTarget.value })}
          />
          <Switch
            mt={{ base: 0, sm: 28 }}
            label={t.active}
            description={t.activeHint}
            checked={fields.active}
            onChange={(event) => set({ active: event.currentTarget.checked })}
          />
        </SimpleGrid>
      </Collapse>
    </Stack>
  );
}

/** `network: Switch, router, firewall or other device`, but not `linux: Linux`. */
function platformWords(name: string, comment: string): string {
  return comment === '' || comment.toLowerCase() === name.toLowerCase() ? name : `${name}: ${comment}`;
}
