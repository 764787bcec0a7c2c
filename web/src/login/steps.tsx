import { Alert, Anchor, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { SignInState } from '../../../src/api/contract/sign-in.ts';
import { CodeInput } from '../credentials/code-input.tsx';
import { RecoveryCodes } from '../credentials/recovery-codes.tsx';
import { TotpEnrolment } from '../credentials/totp-enrolment.tsx';
import { credentialWords } from '../credentials/words.ts';
import { ApiError, api } from '../kit/api.ts';
import { useErrorText } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { Frame } from './frame.tsx';
import { loginWords } from './words.ts';

/** What follows a right password until somebody is signed in. */
export type Asked = Exclude<SignInState, { state: 'signed-in' }>;

/** Why a step did not work, in the person's language. */
export function useSignInError(): (error: unknown) => string {
  const t = useWords(loginWords);
  const credentials = useWords(credentialWords);
  const errorText = useErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return errorText(error);
    if (error.status === 401) return t.wrong;
    const known: Partial<Record<typeof error.code, string>> = {
      invalid: credentials.wrongCode,
      rate_limited: credentials.tooMany,
      expired: t.over,
      unsupported: t.passwordsOff,
    };
    return known[error.code] ?? errorText(error);
  };
}

/** The steps behind the password. `restart` tells why when it was not the person's own wish. */
export function Steps(props: {
  readonly asked: Asked;
  readonly name: string;
  readonly go: (state: SignInState) => void;
  readonly restart: (why?: string) => void;
}) {
  const { asked, name, go, restart } = props;
  const t = useWords(loginWords);
  const errorText = useSignInError();
  const [error, setError] = useState<string>();
  const [running, setRunning] = useState(false);
  const answer = async (text: string) => {
    setRunning(true);
    setError(undefined);
    try {
      go(await api.signIn.answer({ challenge: asked.challenge, answer: text }));
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.code === 'expired') restart(errorText(thrown));
      else setError(errorText(thrown));
    } finally {
      setRunning(false);
    }
  };
  switch (asked.state) {
    case 'code':
      return <Code answer={answer} error={error} running={running} restart={restart} />;
    case 'enrol':
      return (
        <Frame title={t.enrolTitle} text={t.enrolText}>
          <TotpEnrolment uri={asked.uri} secretText={asked.secretText} confirm={answer} error={error} />
          <Restart restart={restart} />
        </Frame>
      );
    case 'recovery-codes':
      return (
        <Frame title={t.enrolTitle}>
          {error && <Problem text={error} />}
          <RecoveryCodes codes={asked.codes} name={name} done={() => void answer('')} running={running} />
        </Frame>
      );
  }
}

function Code(props: {
  readonly answer: (text: string) => Promise<void>;
  readonly error: string | undefined;
  readonly running: boolean;
  readonly restart: (why?: string) => void;
}) {
  const { answer, error, running, restart } = props;
  const t = useWords(loginWords);
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const change = (next: string) => {
    setCode(next);
    // the sixth digit is the last one: nobody needs to press anything
    const digits = next.replaceAll(' ', '');
    if (!recovery && !running && /^\d{6}$/.test(digits) && digits !== code.replaceAll(' ', '')) void answer(digits);
  };
  return (
    <Frame
      title={recovery ? t.recoveryTitle : t.codeTitle}
      text={recovery ? `${t.recoveryText} ${t.lostBoth}` : t.codeText}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void answer(code);
        }}
      >
        <Stack gap="md">
          <CodeInput
            key={String(recovery)}
            label={recovery ? t.recovery : t.code}
            value={code}
            onChange={(event) => change(event.currentTarget.value)}
            error={error}
            autoFocus
            required
            withAsterisk={false}
            size="md"
            {...(recovery && {
              placeholder: 'xxxx-xxxx-xxxx-xxxx',
              inputMode: 'text',
              autoComplete: 'off',
              maxLength: 40,
            })}
          />
          <Button type="submit" loading={running} fullWidth>
            {t.verify}
          </Button>
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              setRecovery(!recovery);
              setCode('');
            }}
          >
            {recovery ? t.useApp : t.useRecovery}
          </Anchor>
          <Restart restart={restart} />
        </Stack>
      </form>
    </Frame>
  );
}

function Restart({ restart }: { readonly restart: (why?: string) => void }) {
  const t = useWords(loginWords);
  return (
    <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => restart()}>
      {t.back}
    </Anchor>
  );
}

export function Problem({ text }: { readonly text: string }) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert" p="sm">
      <Text size="sm">{text}</Text>
    </Alert>
  );
}
