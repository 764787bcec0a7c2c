import { Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { CurrentPassword } from '../credentials/current-password.tsx';
import { useFaultText } from '../credentials/faults.ts';
import { useMe } from '../kit/me.ts';
import { useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

interface Deed {
  /** What will happen. */
  readonly text: string;
  readonly color?: 'red' | undefined;
  readonly action: string;
  /** The window stays open, and tells why, when this rejects. */
  readonly run: (password: string) => Promise<void>;
}

/** Asks for the password before something that decides how one logs in. */
export function useProve(): (deed: Deed) => void {
  const t = useWords(profileWords);
  return (deed) => {
    const id = modals.open({
      title: <Text fw={600}>{t.proveTitle}</Text>,
      children: <Prove deed={deed} close={() => modals.close(id)} />,
    });
  };
}

function Prove({ deed, close }: { readonly deed: Deed; readonly close: () => void }) {
  const t = useWords(profileWords);
  const me = useMe();
  const faultText = useFaultText(me.passwordMinLength);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const [running, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    setError(undefined);
    try {
      await deed.run(password);
      close();
    } catch (thrown) {
      setError(faultText(thrown));
      setPassword('');
    } finally {
      setRunning(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <Text size="sm">{deed.text}</Text>
        <CurrentPassword value={password} onChange={setPassword} error={error} proves focused />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={running} {...(deed.color && { color: deed.color })}>
            {deed.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
