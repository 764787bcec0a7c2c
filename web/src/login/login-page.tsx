import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import type { SignInState } from '../../../src/api/contract/sign-in.ts';
import { api, queries } from '../kit/api.ts';
import { useMeQuery } from '../kit/me.ts';
import { useWords } from '../kit/words.ts';
import { Frame } from './frame.tsx';
import { nextAddress } from './next.ts';
import { type Asked, Problem, Steps, useSignInError } from './steps.tsx';
import { loginWords } from './words.ts';

/** Where people sign in: name and password, then what else the bastion wants of them. */
export default function LoginPage() {
  const [, navigate] = useLocation();
  const next = nextAddress(useSearch());
  const { data: me } = useMeQuery();
  const [name, setName] = useState('');
  const [asked, setAsked] = useState<Asked>();
  const [why, setWhy] = useState<string>();
  const go = (state: SignInState) => {
    if (state.state !== 'signed-in') return setAsked(state);
    queries.clear();
    navigate(next, { replace: true });
  };
  if (me) return <Redirect to={next} replace />;
  if (asked) {
    const restart = (reason?: string) => {
      setAsked(undefined);
      setWhy(reason);
    };
    return <Steps asked={asked} name={name} go={go} restart={restart} />;
  }
  return <PasswordStep name={name} setName={setName} go={go} why={why} />;
}

function PasswordStep(props: {
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly go: (state: SignInState) => void;
  readonly why: string | undefined;
}) {
  const { name, setName, go, why } = props;
  const t = useWords(loginWords);
  const errorText = useSignInError();
  const { data: options } = useQuery({ queryKey: ['sign-in'], queryFn: () => api.signIn.options() });
  const [password, setPassword] = useState('');
  const [error, setError] = useState(why);
  const [running, setRunning] = useState(false);
  const send = async () => {
    setRunning(true);
    setError(undefined);
    try {
      go(await api.signIn.begin({ name: name.trim(), password }));
    } catch (thrown) {
      setError(errorText(thrown));
      setPassword('');
    } finally {
      setRunning(false);
    }
  };
  const note = options?.needsSetup ? t.needsSetup : options?.demoUser ? t.demo(options.demoUser) : undefined;
  return (
    <Frame title={t.signIn} text={t.subtitle}>
      {note && (
        <Alert variant="light" icon={<IconInfoCircle size={18} />} p="sm">
          <Text size="sm">{note}</Text>
        </Alert>
      )}
      {options?.password === false ? (
        <Problem text={t.passwordsOff} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <Stack gap="md">
            {error && <Problem text={error} />}
            <TextInput
              label={t.name}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus={name === ''}
              required
              withAsterisk={false}
            />
            <PasswordInput
              label={t.password}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              required
              withAsterisk={false}
            />
            <Button type="submit" loading={running} fullWidth mt="xs">
              {t.signIn}
            </Button>
          </Stack>
        </form>
      )}
    </Frame>
  );
}
