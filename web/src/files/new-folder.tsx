import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useErrorText } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { isName } from './names.ts';
import { filesWords } from './words.ts';

/** Asks for the name of a folder; stays open, and tells why, when it cannot be made. */
export function NewFolder(props: { readonly make: (name: string) => Promise<void>; readonly onClose: () => void }) {
  const { make, onClose } = props;
  const t = useWords(filesWords);
  const errorText = useErrorText();
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await make(name);
      onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const bad = name !== '' && !isName(name);
  return (
    <Modal opened onClose={onClose} title={<Text fw={600}>{t.newFolder}</Text>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack>
          <TextInput
            label={t.folderName}
            value={name}
            data-autofocus
            error={bad ? t.badName : error === undefined ? undefined : errorText(error)}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setError(undefined);
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t.cancel}
            </Button>
            <Button type="submit" loading={busy} disabled={!isName(name)}>
              {t.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
