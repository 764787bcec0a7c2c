import { Anchor, Button, Group, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconPlus, IconTicket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Result } from '../../../src/api/contract/route.ts';
import type { Routes } from '../../../src/api/contract/routes.ts';
import { CurrentPassword, isPasswordFault } from '../credentials/current-password.tsx';
import { useFaultText } from '../credentials/faults.ts';
import { api, queries } from '../kit/api.ts';
import { useConfirm } from '../kit/confirm.tsx';
import { Copyable } from '../kit/copyable.tsx';
import { useFormat } from '../kit/format.ts';
import { useMe } from '../kit/me.ts';
import { Ago } from '../kit/moment.tsx';
import { Page } from '../kit/page.tsx';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

type Token = Result<Routes['me']['tokens']>[number];

const DAY_MS = 86_400_000;
const again = () => queries.invalidateQueries({ queryKey: ['own-tokens'] });

/** Tokens by which programs act as one. */
export function TokensSection() {
  const t = useWords(profileWords);
  const { data, error, refetch } = useQuery({ queryKey: ['own-tokens'], queryFn: () => api.me.tokens() });
  const add = () => {
    const id = modals.open({
      title: <Text fw={600}>{t.addToken}</Text>,
      closeOnClickOutside: false,
      children: <AddToken close={() => modals.close(id)} />,
    });
  };
  const button = (
    <Button leftSection={<IconPlus size={16} />} onClick={add}>
      {t.addToken}
    </Button>
  );
  const description = (
    <>
      {t.tokensText}{' '}
      <Anchor component={Link} href="/api/docs" size="sm">
        {t.docs}
      </Anchor>
    </>
  );
  return (
    <Page title={t.tokens} description={description} actions={data && data.length > 0 && button}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Waiting />
      ) : data.length === 0 ? (
        <Empty icon={IconTicket} title={t.tokensEmptyTitle} text={t.tokensEmptyText} action={button} />
      ) : (
        <Stack gap="sm">
          {data.map((token) => (
            <TokenCard key={token.id} token={token} />
          ))}
        </Stack>
      )}
    </Page>
  );
}

function TokenCard({ token }: { readonly token: Token }) {
  const t = useWords(profileWords);
  const { moment } = useFormat();
  const confirm = useConfirm();
  const tell = useTell();
  const name = token.name || t.unnamed;
  const over = token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now();
  const remove = () =>
    confirm({
      title: t.removeTokenTitle,
      text: t.removeTokenText(name),
      action: t.remove,
      async run() {
        await api.me.removeToken({ id: token.id });
        await again();
        tell.done(t.tokenRemoved);
      },
    });
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} miw={0} flex="1 1 240px">
          <Text fw={600} truncate>
            {name}
          </Text>
          <Text size="sm" c="dimmed" component="div">
            {t.added} <Ago at={token.createdAt} /> · {t.lastUsed} <Ago at={token.lastUsedAt} /> ·{' '}
            {over ? t.expired : token.expiresAt === null ? t.forever : `${t.expires} ${moment(token.expiresAt)}`}
          </Text>
        </Stack>
        <Button size="xs" variant="default" onClick={remove}>
          {t.remove}
        </Button>
      </Group>
    </Paper>
  );
}

function AddToken({ close }: { readonly close: () => void }) {
  const t = useWords(profileWords);
  const me = useMe();
  const faultText = useFaultText(me.passwordMinLength);
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [secret, setSecret] = useState<string>();
  const [fault, setFault] = useState<{ readonly password: boolean; readonly text: string }>();
  const [running, setRunning] = useState(false);
  const add = async () => {
    setRunning(true);
    setFault(undefined);
    try {
      const expiresAt = days === 'never' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
      setSecret((await api.me.addToken({ name: name.trim(), expiresAt, password })).secret);
      await again();
    } catch (thrown) {
      setFault({ password: isPasswordFault(thrown), text: faultText(thrown) });
    } finally {
      setRunning(false);
    }
  };
  if (secret !== undefined) {
    return (
      <Stack>
        <Text size="sm">{t.tokenOnce}</Text>
        <Copyable value={secret} lines />
        <Text size="sm" c="dimmed">
          {t.tokenUse}
        </Text>
        <Copyable value={`curl -H "Authorization: Bearer ${secret}" ${location.origin}/api/v1/me`} lines />
        <Group justify="flex-end">
          <Button onClick={close}>{t.done}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Stack>
        <TextInput
          label={t.tokenName}
          placeholder="nightly inventory"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={128}
          data-autofocus
          required
          withAsterisk={false}
        />
        <Select
          label={t.tokenUntil}
          value={days}
          onChange={(value) => setDays(value ?? '90')}
          allowDeselect={false}
          data={[
            ...[1, 30, 90, 365].map((n) => ({ value: String(n), label: t.days(n) })),
            { value: 'never', label: t.forever },
          ]}
        />
        <CurrentPassword
          value={password}
          onChange={setPassword}
          error={fault?.password ? fault.text : undefined}
          proves
        />
        {fault && !fault.password && (
          <Text size="sm" c="red" role="alert">
            {fault.text}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={running}>
            {t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
