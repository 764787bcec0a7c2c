import { Badge, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, queries } from '../kit/api.ts';
import { useFormat } from '../kit/format.ts';
import { useMe } from '../kit/me.ts';
import { Page } from '../kit/page.tsx';
import { useErrorText } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

/** Who one is here. */
export function AccountSection() {
  const t = useWords(profileWords);
  const me = useMe();
  const tell = useTell();
  const errorText = useErrorText();
  const { moment } = useFormat();
  const [displayName, setDisplayName] = useState(me.displayName);
  const [email, setEmail] = useState(me.email ?? '');
  const [error, setError] = useState<string>();
  const [running, setRunning] = useState(false);
  const changed = displayName !== me.displayName || email !== (me.email ?? '');
  const save = async () => {
    setRunning(true);
    setError(undefined);
    try {
      await api.me.set({ displayName, email: email.trim() });
      await queries.invalidateQueries({ queryKey: ['me'] });
      tell.done(t.saved);
    } catch (thrown) {
      setError(errorText(thrown));
    } finally {
      setRunning(false);
    }
  };
  return (
    <Page title={t.account} description={t.accountText}>
      <Paper withBorder p="lg" maw={560}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Stack gap="md">
            <Group justify="space-between" align="flex-start">
              <div>
                <Text size="sm" fw={500}>
                  {t.name}
                </Text>
                <Text className="mono">{me.name}</Text>
                <Text size="xs" c="dimmed">
                  {t.nameNote}
                </Text>
              </div>
              {me.role && <Badge size="lg">{t[me.role]}</Badge>}
            </Group>
            <TextInput
              label={t.displayName}
              description={t.displayNameNote}
              value={displayName}
              onChange={(event) => setDisplayName(event.currentTarget.value)}
              maxLength={128}
              autoComplete="name"
            />
            <TextInput
              label={t.email}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              maxLength={254}
              autoComplete="email"
            />
            {error && (
              <Text size="sm" c="red" role="alert">
                {error}
              </Text>
            )}
            <Group>
              <Button type="submit" loading={running} disabled={!changed}>
                {t.save}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
      {me.signedInUntil && (
        <Text size="sm" c="dimmed">
          {t.signedInUntil(moment(me.signedInUntil))}
        </Text>
      )}
    </Page>
  );
}
