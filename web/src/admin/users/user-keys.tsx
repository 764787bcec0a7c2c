import { Badge, Button, Checkbox, FileButton, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import type { UserKeyView } from '../../../../src/api/contract/users.ts';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { CopyIcon } from '../../kit/copyable.tsx';
import { Ago } from '../../kit/moment.tsx';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import rows from '../rows.module.css';
import { userPageWords } from './page-words.ts';
import { userWords } from './words.ts';

const changed = () => queries.invalidateQueries({ queryKey: ['users'] });

export function UserKeys({ user }: { readonly user: Result<Routes['users']['show']> }) {
  const t = useWords(userPageWords);
  return (
    <Stack gap="lg" maw={860}>
      <Paper withBorder>
        {user.keys.length === 0 ? (
          <Text size="sm" c="dimmed" p="lg">
            {t.keysEmpty}
          </Text>
        ) : (
          user.keys.map((key) => <Key key={key.id} name={user.name} row={key} />)
        )}
      </Paper>
      <AddKey name={user.name} />
    </Stack>
  );
}

function Key({ name, row }: { readonly name: string; readonly row: UserKeyView }) {
  const t = useWords(userPageWords);
  const confirm = useConfirm();
  const tell = useTell();
  const remove = () =>
    confirm({
      title: t.removeKeyTitle,
      text: (
        <>
          {t.removeKeyText}
          <Text size="sm" className="mono" mt="xs" style={{ overflowWrap: 'anywhere' }}>
            {row.fingerprint} {row.comment}
          </Text>
        </>
      ),
      action: t.remove,
      run: async () => {
        await api.keys.remove({ name, fingerprint: row.fingerprint });
        await changed();
        tell.done(t.keyRemoved);
      },
    });
  return (
    <Group px="md" py="sm" wrap="nowrap" align="flex-start" className={rows.row}>
      <IconKey size={18} stroke={1.6} style={{ flex: 'none', marginTop: 2 }} />
      <Stack gap={2} flex={1} miw={0}>
        <Group gap="xs">
          <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {row.comment || row.type}
          </Text>
          <Badge color="gray">{row.type}</Badge>
          {row.totpExempt && <Badge color="orange">{t.totpExempt}</Badge>}
        </Group>
        <Group gap={4} wrap="nowrap">
          <Text className="mono" size="xs" c="dimmed" truncate title={row.fingerprint}>
            {row.fingerprint}
          </Text>
          <CopyIcon value={row.fingerprint} />
        </Group>
        {row.options !== '' && (
          <Text className="mono" size="xs" style={{ overflowWrap: 'anywhere' }}>
            {row.options}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {t.lastUsed}: <Ago at={row.lastUsedAt} size="xs" />
        </Text>
      </Stack>
      <Button size="compact-sm" variant="subtle" color="red" leftSection={<IconTrash size={15} />} onClick={remove}>
        {t.remove}
      </Button>
    </Group>
  );
}

function AddKey({ name }: { readonly name: string }) {
  const t = useWords(userPageWords);
  const words = useWords(userWords);
  const tell = useTell();
  const errorText = useErrorText();
  const [key, setKey] = useState('');
  const [totpExempt, setExempt] = useState(false);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const add = async () => {
    setSaving(true);
    setError(undefined);
    try {
      await api.keys.add({ name, key: key.trim(), totpExempt });
      setKey('');
      setExempt(false);
      await changed();
      tell.done(t.keyAdded);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={t.addKey}
          description={words.keyHint}
          autosize
          minRows={2}
          maxRows={6}
          classNames={{ input: 'mono' }}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={error === undefined ? undefined : errorText(error)}
        />
        <Checkbox
          label={t.totpExempt}
          description={t.totpExemptHint}
          checked={totpExempt}
          onChange={(event) => setExempt(event.currentTarget.checked)}
        />
        <Group gap="xs">
          <Button type="submit" loading={saving} disabled={key.trim() === ''}>
            {t.addKey}
          </Button>
          <FileButton onChange={(file) => void file?.text().then(setKey)} accept=".pub,text/plain">
            {(props) => (
              <Button variant="default" {...props}>
                {t.fromFile}
              </Button>
            )}
          </FileButton>
        </Group>
      </Stack>
    </form>
  );
}
