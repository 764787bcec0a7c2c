import {
  Alert,
  Button,
  Group,
  Modal,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { LinkView } from '../../../../src/api/contract/users.ts';
import { api, queries } from '../../kit/api.ts';
import { useMe } from '../../kit/me.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { MomentInput } from '../edit/moment-input.tsx';
import { GroupPicker } from '../pickers/pickers.tsx';
import { thingPath } from '../thing-path.ts';
import { InviteLink } from './invite-link.tsx';
import { newPassword } from './new-password.ts';
import { ROLES, type Role } from './user-marks.tsx';
import { userWords } from './words.ts';

export function NewUser({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const t = useWords(userWords);
  return (
    <Modal opened={opened} onClose={close} title={t.newTitle} size="lg" closeOnClickOutside={false}>
      <Form close={close} />
    </Modal>
  );
}

type How = 'invite' | 'password' | 'key';

function Form({ close }: { readonly close: () => void }) {
  const t = useWords(userWords);
  const me = useMe();
  const tell = useTell();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [fields, setFields] = useState({
    name: '',
    displayName: '',
    email: '',
    comment: '',
    role: 'user' as Role,
    groups: [] as string[],
    validUntil: null as string | null,
  });
  const [how, setHow] = useState<How>('invite');
  const [password, setPassword] = useState('');
  const [key, setKey] = useState('');
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [invite, setInvite] = useState<LinkView>();
  const set = (patch: Partial<typeof fields>) => setFields((old) => ({ ...old, ...patch }));
  const meanings = { user: t.userMeans, auditor: t.auditorMeans, admin: t.adminMeans };

  const create = async () => {
    setSaving(true);
    setError(undefined);
    try {
      const credentials = how === 'password' ? { password } : how === 'key' ? { keys: [key.trim()] } : {};
      const added = await api.users.add({ ...fields, ...credentials });
      void queries.invalidateQueries({ queryKey: ['users'] });
      void queries.invalidateQueries({ queryKey: ['groups'] });
      void queries.invalidateQueries({ queryKey: ['health'] });
      if (added.invite) return setInvite(added.invite);
      tell.done(t.added(fields.name));
      navigate(thingPath('users', added.user.name));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSaving(false);
    }
  };

  if (invite) {
    return (
      <InviteLink
        name={fields.name}
        link={invite}
        actions={
          <>
            <Button variant="default" onClick={() => navigate(thingPath('users', fields.name))}>
              {t.open}
            </Button>
            <Button onClick={close}>{t.done}</Button>
          </>
        }
      />
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Stack>
        <Group grow align="flex-start">
          <TextInput
            label={t.name}
            description={t.nameHint}
            required
            data-autofocus
            value={fields.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label={t.role}
            description={meanings[fields.role]}
            data={ROLES.map((value) => ({ value, label: t[value] }))}
            value={fields.role}
            onChange={(value) => set({ role: (value as Role | null) ?? 'user' })}
            allowDeselect={false}
          />
        </Group>
        <Group grow align="flex-start">
          <TextInput
            label={t.displayName}
            value={fields.displayName}
            onChange={(event) => set({ displayName: event.currentTarget.value })}
          />
          <TextInput
            label={t.email}
            type="email"
            value={fields.email}
            onChange={(event) => set({ email: event.currentTarget.value })}
          />
        </Group>
        <Group grow align="flex-start">
          <GroupPicker value={fields.groups} onChange={(groups) => set({ groups })} />
          <MomentInput label={t.validUntil} value={fields.validUntil} onChange={(validUntil) => set({ validUntil })} />
        </Group>
        <Stack gap={6}>
          <Text size="sm" fw={500}>
            {t.how}
          </Text>
          <SegmentedControl
            aria-label={t.how}
            value={how}
            onChange={(value) => setHow(value as How)}
            data={[
              { value: 'invite', label: t.byInvite },
              { value: 'password', label: t.byPassword },
              { value: 'key', label: t.byKey },
            ]}
          />
          {how === 'invite' && (
            <Text size="sm" c="dimmed">
              {t.inviteMeans}
            </Text>
          )}
          {how === 'password' && (
            <Group align="flex-end" gap="xs">
              <PasswordInput
                label={t.password}
                description={t.passwordHint(me.passwordMinLength)}
                flex={1}
                required
                autoComplete="new-password"
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              <Button variant="default" onClick={() => setPassword(newPassword())}>
                {t.generate}
              </Button>
            </Group>
          )}
          {how === 'key' && (
            <Textarea
              label={t.key}
              description={t.keyHint}
              required
              autosize
              minRows={2}
              maxRows={5}
              classNames={{ input: 'mono' }}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
          )}
        </Stack>
        {error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {errorText(error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={saving}>
            {t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
