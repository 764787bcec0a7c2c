import { Button, Group, Paper, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import type { UserView } from '../../../../src/api/contract/users.ts';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { Ago } from '../../kit/moment.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { EditBar } from '../edit/edit-bar.tsx';
import { MomentInput } from '../edit/moment-input.tsx';
import { useEdit } from '../edit/use-edit.ts';
import { GroupPicker } from '../pickers/pickers.tsx';
import { thingPath } from '../thing-path.ts';
import { userPageWords } from './page-words.ts';
import { Factors, ROLES, type Role } from './user-marks.tsx';
import { userWords } from './words.ts';

type Shown = Result<Routes['users']['show']>;

const fieldsOf = (user: UserView) => ({
  name: user.name,
  displayName: user.displayName,
  email: user.email,
  comment: user.comment,
  role: user.role,
  groups: user.groups,
  validUntil: user.validUntil,
});
type Fields = ReturnType<typeof fieldsOf>;

export function UserProfile({ user }: { readonly user: Shown }) {
  const t = useWords(userPageWords);
  const words = useWords(userWords);
  const confirm = useConfirm();
  const tell = useTell();
  const [, navigate] = useLocation();
  const edit = useEdit<UserView, Fields>({
    thing: user,
    fieldsOf,
    load: () => api.users.show({ name: user.name }),
    async save(changes, version) {
      const saved = await save(user, changes, version);
      await queries.invalidateQueries({ queryKey: ['users'] });
      if (saved.name !== user.name) navigate(thingPath('users', saved.name), { replace: true });
      return saved;
    },
  });
  const { fields, set } = edit;
  const meanings = { user: words.userMeans, auditor: words.auditorMeans, admin: words.adminMeans };
  const dropPassword = () =>
    confirm({
      title: t.dropPasswordTitle(user.name),
      text: t.dropPasswordText,
      action: t.dropPassword,
      run: async () => {
        await api.users.set({ name: user.name, password: null });
        await queries.invalidateQueries({ queryKey: ['users'] });
        tell.done(t.passwordDropped);
      },
    });
  return (
    <Stack gap="lg" maw={860}>
      <Paper withBorder p="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={words.name}
            required
            value={fields.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label={words.role}
            description={meanings[fields.role]}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data={ROLES.map((value) => ({ value, label: words[value] }))}
            value={fields.role}
            onChange={(value) => set({ role: (value as Role | null) ?? fields.role })}
            allowDeselect={false}
          />
          <TextInput
            label={words.displayName}
            value={fields.displayName}
            onChange={(event) => set({ displayName: event.currentTarget.value })}
          />
          <TextInput
            label={words.email}
            type="email"
            value={fields.email}
            onChange={(event) => set({ email: event.currentTarget.value })}
          />
          <GroupPicker value={fields.groups} onChange={(groups) => set({ groups })} />
          <MomentInput
            label={words.validUntil}
            value={fields.validUntil}
            onChange={(validUntil) => set({ validUntil })}
          />
        </SimpleGrid>
        <Textarea
          mt="md"
          label={words.comment}
          autosize
          minRows={1}
          value={fields.comment}
          onChange={(event) => set({ comment: event.currentTarget.value.replace(/\n/g, ' ') })}
        />
      </Paper>
      <Group gap="xl" align="flex-start">
        <Fact name={t.factors}>
          <Group gap="sm">
            <Factors user={user} />
            {user.totpEnabled && (
              <Text size="sm" c="dimmed">
                {t.recoveryLeft(user.recoveryCodesLeft)}
              </Text>
            )}
            {user.hasPassword && (
              <Button size="compact-xs" variant="subtle" color="red" onClick={dropPassword}>
                {t.dropPassword}
              </Button>
            )}
          </Group>
        </Fact>
        <Fact name={t.lastLogin}>
          <Ago at={user.lastLoginAt} />
        </Fact>
        <Fact name={t.created}>
          <Ago at={user.createdAt} />
        </Fact>
      </Group>
      <EditBar
        edit={edit}
        invalid={fields.name.trim() === ''}
        names={{
          name: words.name,
          displayName: words.displayName,
          email: words.email,
          comment: words.comment,
          role: words.role,
          groups: words.groups,
          validUntil: words.validUntil,
        }}
        before={(proceed) => {
          const { role } = edit.changes;
          if (role === undefined) return void proceed();
          confirm({
            title: t.roleTitle(user.name, words[role]),
            text: meanings[role],
            action: t.roleAction,
            run: proceed,
          });
        }}
      />
    </Stack>
  );
}

/** The profile first, as it is guarded by its version; then the groups, which have versions of their own. */
async function save(user: UserView, changes: Partial<Fields>, version: number): Promise<UserView> {
  const { name: rename, groups, ...rest } = changes;
  let name = user.name;
  if (rename !== undefined || Object.keys(rest).length > 0) {
    const saved = await api.users.set({ name, ...rest, ...(rename !== undefined && { rename }), version });
    name = saved.name;
  }
  if (groups) {
    const { groups: before } = await api.users.show({ name });
    for (const group of groups.filter((one) => !before.includes(one))) {
      await api.groups.join({ name: group, users: [name] });
    }
    for (const group of before.filter((one) => !groups.includes(one))) {
      await api.groups.leave({ name: group, users: [name] });
    }
    await queries.invalidateQueries({ queryKey: ['groups'] });
  }
  return api.users.show({ name });
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Stack gap={4}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      {children}
    </Stack>
  );
}
