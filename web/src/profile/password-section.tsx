import { Alert, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { CurrentPassword } from '../credentials/current-password.tsx';
import { useFaultText } from '../credentials/faults.ts';
import { NewPassword } from '../credentials/password-input.tsx';
import { ApiError, api, queries } from '../kit/api.ts';
import { useMe } from '../kit/me.ts';
import { Page } from '../kit/page.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

export function PasswordSection() {
  const t = useWords(profileWords);
  const me = useMe();
  const tell = useTell();
  const faultText = useFaultText(me.passwordMinLength);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [fault, setFault] = useState<{ readonly current: boolean; readonly text: string }>();
  const [running, setRunning] = useState(false);
  const change = async () => {
    setRunning(true);
    setFault(undefined);
    try {
      await api.me.setPassword({ current, password });
      for (const clear of [setCurrent, setPassword, setRepeated]) clear('');
      await queries.invalidateQueries({ queryKey: ['sign-ins'] });
      tell.done(t.passwordChanged);
    } catch (thrown) {
      const details = thrown instanceof ApiError ? thrown.details?.password : undefined;
      setFault({ current: details === undefined || details === 'wrong', text: faultText(thrown) });
    } finally {
      setRunning(false);
    }
  };
  return (
    <Page title={t.password} description={t.passwordText}>
      {me.hasPassword === false ? (
        <Alert variant="light" icon={<IconInfoCircle size={18} />} maw={560}>
          <Text size="sm">{t.noPassword}</Text>
        </Alert>
      ) : (
        <Paper withBorder p="lg" maw={560}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void change();
            }}
          >
            <Stack gap="md">
              <CurrentPassword value={current} onChange={setCurrent} error={fault?.current ? fault.text : undefined} />
              <NewPassword
                value={password}
                repeated={repeated}
                onChange={setPassword}
                onRepeat={setRepeated}
                minLength={me.passwordMinLength}
                error={fault && !fault.current ? fault.text : undefined}
              />
              <Group>
                <Button type="submit" loading={running} disabled={password === '' || password !== repeated}>
                  {t.change}
                </Button>
              </Group>
            </Stack>
          </form>
        </Paper>
      )}
    </Page>
  );
}
