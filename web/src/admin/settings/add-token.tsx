import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, queries } from '../../kit/api.ts';
import { Copyable } from '../../kit/copyable.tsx';
import { kitWords } from '../../kit/kit-words.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { MomentInput } from '../edit/moment-input.tsx';
import { partWords } from '../parts/part-words.ts';
import { UserSelect } from '../pickers/pickers.tsx';
import { settingsWords } from './words.ts';

/** Makes a token for somebody and shows its secret once. */
export function AddToken({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const t = useWords(settingsWords);
  return (
    <Modal opened={opened} onClose={close} title={<Text fw={600}>{t.addToken}</Text>}>
      <Body close={close} />
    </Modal>
  );
}

function Body({ close }: { readonly close: () => void }) {
  const t = useWords(settingsWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const errorText = useErrorText();
  const [user, setUser] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [until, setUntil] = useState<string | null>(null);
  const [secret, setSecret] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [saving, setSaving] = useState(false);
  const save = async () => {
    if (user === null) return setProblem(t.needUser);
    setProblem(undefined);
    setSaving(true);
    try {
      const made = await api.tokens.add({ user, name: name.trim(), expiresAt: until });
      setSecret(made.secret);
      void queries.invalidateQueries({ queryKey: ['tokens'] });
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setSaving(false);
    }
  };
  if (secret !== undefined)
    return (
      <Stack>
        <Alert color="teal">{t.tokenMade}</Alert>
        <Copyable value={secret} lines />
        <Group justify="flex-end">
          <Button onClick={close}>{t.done}</Button>
        </Group>
      </Stack>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack>
        <UserSelect label={t.tokenUser} value={user} onChange={setUser} required />
        <TextInput
          label={t.tokenName}
          maxLength={128}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MomentInput label={t.tokenUntil} placeholder={t.tokenForever} value={until} onChange={setUntil} />
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
            {common.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
