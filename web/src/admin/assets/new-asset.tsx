import { Alert, Button, Drawer, Group, Stack, TextInput } from '@mantine/core';
import { IconClipboardText } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../kit/api.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { AssetFieldInputs, type AssetFields } from './asset-fields.tsx';
import { assetFormWords } from './form-words.ts';
import { parseLogin } from './parse-login.ts';
import { assetsChanged } from './use-moves.ts';

export function NewAsset(props: { readonly opened: boolean; readonly close: () => void; readonly folder: string }) {
  const t = useWords(assetFormWords);
  return (
    <Drawer
      opened={props.opened}
      onClose={props.close}
      position="right"
      size="xl"
      title={t.newTitle}
      closeOnClickOutside={false}
    >
      <Form folder={props.folder} />
    </Drawer>
  );
}

function Form({ folder }: { readonly folder: string }) {
  const t = useWords(assetFormWords);
  const tell = useTell();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [pasted, setPasted] = useState('');
  const [login, setLogin] = useState<string>();
  const [fields, setFields] = useState<AssetFields>({
    name: '',
    address: '',
    protocols: [{ name: 'ssh', port: 22 }],
    platform: 'linux',
    folder,
    labels: {},
    comment: '',
    active: true,
    charset: null,
    via: null,
  });
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [named, setNamed] = useState(false);
  const set = (patch: Partial<AssetFields>) => {
    if (patch.name !== undefined) setNamed(patch.name !== '');
    setFields((old) => ({ ...old, ...patch }));
  };

  const take = (text: string) => {
    setPasted(text);
    const found = parseLogin(text);
    setLogin(found?.login);
    if (!found) return;
    setFields((old) => ({
      ...old,
      address: found.address,
      // what was typed as a name by hand stays; an IPv6 address cannot be one
      name: named ? old.name : nameOf(found.address),
      protocols: [{ name: 'ssh', port: found.port ?? 22 }, ...old.protocols.filter((port) => port.name !== 'ssh')],
    }));
  };
  const create = async () => {
    setSaving(true);
    setError(undefined);
    try {
      const { name } = await api.assets.add({ ...fields, protocols: [...fields.protocols] });
      await assetsChanged();
      tell.done(t.added(name));
      navigate(`${thingPath('assets', name)}?account=${encodeURIComponent(login ?? '')}`);
    } catch (thrown) {
      setError(thrown);
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Stack>
        <TextInput
          label={t.paste}
          description={login === undefined ? t.pasteHint : t.thenAccount(login)}
          leftSection={<IconClipboardText size={16} />}
          classNames={{ input: 'mono' }}
          data-autofocus
          value={pasted}
          onChange={(event) => take(event.currentTarget.value)}
        />
        <AssetFieldInputs fields={fields} set={set} all={false} />
        {error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {errorText(error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={saving}>
            {t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function nameOf(address: string): string {
  return address.includes(':') ? '' : address;
}
