import { Paper, Stack } from '@mantine/core';
import { useLocation } from 'wouter';
import type { AssetView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { useWords } from '../../kit/words.ts';
import { EditBar } from '../edit/edit-bar.tsx';
import { useEdit } from '../edit/use-edit.ts';
import { thingPath } from '../thing-path.ts';
import { AssetFieldInputs, type AssetFields } from './asset-fields.tsx';
import { assetFormWords } from './form-words.ts';
import { assetsChanged } from './use-moves.ts';

const fieldsOf = (asset: AssetView): AssetFields => ({
  name: asset.name,
  address: asset.address,
  protocols: asset.protocols,
  platform: asset.platform,
  folder: asset.folder,
  labels: asset.labels,
  comment: asset.comment,
  active: asset.active,
  charset: asset.charset,
  via: asset.via,
});

export function AssetSettings({ asset }: { readonly asset: AssetView }) {
  const t = useWords(assetFormWords);
  const [, navigate] = useLocation();
  const edit = useEdit<AssetView, { [K in keyof AssetFields]: AssetFields[K] }>({
    thing: asset,
    fieldsOf,
    load: () => api.assets.show({ name: asset.name }),
    async save({ name: rename, ...changes }, version) {
      const saved = await api.assets.set({
        name: asset.name,
        ...changes,
        ...(rename !== undefined && { rename }),
        version,
      });
      await assetsChanged();
      if (saved.name !== asset.name) navigate(`${thingPath('assets', saved.name)}?tab=settings`, { replace: true });
      return saved;
    },
  });
  const { fields } = edit;
  return (
    <Stack gap="lg" maw={900}>
      <Paper withBorder p="lg">
        <AssetFieldInputs fields={fields} set={edit.set} all itself={asset.name} />
      </Paper>
      <EditBar
        edit={edit}
        invalid={fields.name.trim() === '' || fields.address === ''}
        names={{
          name: t.name,
          address: t.address,
          protocols: t.protocols,
          platform: t.platform,
          folder: t.folder,
          labels: t.labels,
          comment: t.comment,
          active: t.active,
          charset: t.charset,
          via: t.via,
        }}
      />
    </Stack>
  );
}
