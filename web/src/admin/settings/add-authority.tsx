import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, queries } from '../../kit/api.ts';
import { kitWords } from '../../kit/kit-words.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { settingsWords } from './words.ts';

export function AddAuthority({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const t = useWords(settingsWords);
  return (
    <Modal opened={opened} onClose={close} size="lg" title={<Text fw={600}>{t.addCa}</Text>}>
      <Body close={close} />
    </Modal>
  );
}

function Body({ close }: { readonly close: () => void }) {
  const t = useWords(settingsWords);
  const kit = useWords(kitWords);
  const tell = useTell();
  const errorText = useErrorText();
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState<string>();
  const [saving, setSaving] = useState(false);
  const save = async () => {
    if (name.trim() === '' || key.trim() === '') return setProblem(t.needCa);
    setProblem(undefined);
    setSaving(true);
    try {
      await api.authorities.add({ name: name.trim(), key: key.trim() });
      void queries.invalidateQueries({ queryKey: ['authorities'] });
      tell.done(t.caAdded(name.trim()));
      close();
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack>
        <TextInput
          label={t.caName}
          required
          maxLength={128}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          label={t.caKey}
          description={t.caKeyHint}
          required
          autosize
          minRows={3}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        {problem !== undefined && (
          <Text size="sm" c="red" role="alert">
            {problem}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {kit.cancel}
          </Button>
          <Button type="submit" loading={saving}>
            {t.addCa}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
