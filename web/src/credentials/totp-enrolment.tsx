import { Button, Divider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Copyable } from '../kit/copyable.tsx';
import { fetched } from '../kit/fetched.tsx';
import { Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { CodeInput } from './code-input.tsx';
import { credentialWords } from './words.ts';

const QrCode = fetched(async () => ({ default: (await import('./qr-code.tsx')).QrCode }), <Waiting h={208} />);

/** A secret for the authenticator app, then the first code it shows. */
export function TotpEnrolment(props: {
  readonly uri: string;
  readonly secretText: string;
  readonly confirm: (code: string) => Promise<void>;
  readonly error: string | undefined;
}) {
  const { uri, secretText, confirm, error } = props;
  const t = useWords(credentialWords);
  const [code, setCode] = useState('');
  const [running, setRunning] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setRunning(true);
        void confirm(code).finally(() => setRunning(false));
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t.qrHow}</Text>
        <QrCode text={uri} />
        <div>
          <Text size="sm" c="dimmed" mb={6}>
            {t.qrByHand}
          </Text>
          <Copyable value={secretText} lines />
        </div>
        <Divider />
        <CodeInput
          label={t.firstCode}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={error}
          required
          withAsterisk={false}
        />
        <Button type="submit" loading={running} fullWidth>
          {t.confirm}
        </Button>
      </Stack>
    </form>
  );
}
