import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserKeyView } from '../../../src/api/contract/users.ts';
import { CurrentPassword, isPasswordFault } from '../credentials/current-password.tsx';
import { useFaultText } from '../credentials/faults.ts';
import { KeyInput, keyFault } from '../credentials/key-input.tsx';
import { api, queries } from '../kit/api.ts';
import { useConfirm } from '../kit/confirm.tsx';
import { CopyIcon } from '../kit/copyable.tsx';
import { useMe } from '../kit/me.ts';
import { Ago } from '../kit/moment.tsx';
import { Page } from '../kit/page.tsx';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

const again = () => queries.invalidateQueries({ queryKey: ['own-keys'] });

/** The keys that log one in over SSH. */
export function KeysSection() {
  const t = useWords(profileWords);
  const { data, error, refetch } = useQuery({ queryKey: ['own-keys'], queryFn: () => api.me.keys() });
  const add = () => {
    const id = modals.open({
      title: <Text fw={600}>{t.addKey}</Text>,
      children: <AddKey close={() => modals.close(id)} />,
    });
  };
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={add}>
      {t.addKey}
    </Button>
  );
  return (
    <Page title={t.keys} description={t.keysText} actions={data && data.length > 0 && button}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Waiting />
      ) : data.length === 0 ? (
        <Empty icon={IconKey} title={t.keysEmptyTitle} text={t.keysEmptyText} action={button} />
      ) : (
        <Stack gap="sm">
          {data.map((key) => (
            <KeyCard key={key.id} of={key} />
          ))}
        </Stack>
      )}
    </Page>
  );
}

function KeyCard({ of: key }: { readonly of: UserKeyView }) {
  const t = useWords(profileWords);
  const confirm = useConfirm();
  const tell = useTell();
  const name = key.comment || key.fingerprint;
  const remove = () =>
    confirm({
      title: t.removeKeyTitle,
      text: t.removeKeyText(name),
      action: t.remove,
      async run() {
        await api.me.removeKey({ fingerprint: key.fingerprint });
        await again();
        tell.done(t.keyRemoved);
      },
    });
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4} miw={0} flex="1 1 260px">
          <Group gap="xs">
            <Text fw={600} truncate>
              {key.comment || t.unnamed}
            </Text>
            <Badge color="gray">{key.type}</Badge>
            {key.totpExempt && <Badge color="yellow">{t.noCodes}</Badge>}
          </Group>
          <Group gap={4} wrap="nowrap">
            <Text className="mono" size="sm" c="dimmed" truncate>
              {key.fingerprint}
            </Text>
            <CopyIcon value={key.fingerprint} />
          </Group>
          {key.options && (
            <Text className="mono" size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {key.options}
            </Text>
          )}
          <Text size="sm" c="dimmed" component="div">
            {t.added} <Ago at={key.createdAt} /> · {t.lastUsed} <Ago at={key.lastUsedAt} />
          </Text>
        </Stack>
        <Button size="xs" variant="default" onClick={remove}>
          {t.remove}
        </Button>
      </Group>
    </Paper>
  );
}

function AddKey({ close }: { readonly close: () => void }) {
  const t = useWords(profileWords);
  const tell = useTell();
  const me = useMe();
  const faultText = useFaultText(me.passwordMinLength);
  const [password, setPassword] = useState('');
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<{ readonly password: boolean; readonly text: string }>();
  const [running, setRunning] = useState(false);
  const add = async () => {
    setRunning(true);
    setFault(undefined);
    try {
      await api.me.addKey({ key: key.trim(), password });
      await again();
      tell.done(t.keyAdded);
      close();
    } catch (thrown) {
      setFault({ password: isPasswordFault(thrown), text: faultText(thrown) });
    } finally {
      setRunning(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Stack>
        <KeyInput
          value={key}
          onChange={(next) => {
            setKey(next);
            setFault(undefined);
          }}
          error={fault && !fault.password ? fault.text : undefined}
        />
        <CurrentPassword
          value={password}
          onChange={setPassword}
          error={fault?.password ? fault.text : undefined}
          proves
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t.cancel}
          </Button>
          <Button
            type="submit"
            loading={running}
            disabled={key.trim() === '' || keyFault(key) !== undefined || password === ''}
          >
            {t.addKey}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
