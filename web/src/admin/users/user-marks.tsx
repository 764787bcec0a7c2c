import { Badge, Group, Text } from '@mantine/core';
import type { UserView } from '../../../../src/api/contract/users.ts';
import { useFormat } from '../../kit/format.ts';
import { useWords } from '../../kit/words.ts';
import { userWords } from './words.ts';

export type Role = UserView['role'];
export const ROLES: readonly Role[] = ['user', 'auditor', 'admin'];

const COLORS = { user: 'gray', auditor: 'cyan', admin: 'indigo' } as const;

export function RoleMark({ role }: { readonly role: Role }) {
  const t = useWords(userWords);
  return <Badge color={COLORS[role]}>{t[role]}</Badge>;
}

/** Whether somebody can sign in, and until when. */
export function StateMark({ user }: { readonly user: UserView }) {
  const t = useWords(userWords);
  const { day } = useFormat();
  if (user.disabled) return <Badge color="red">{t.disabled}</Badge>;
  if (user.validUntil !== null) {
    const over = Date.parse(user.validUntil) <= Date.now();
    return <Badge color={over ? 'red' : 'yellow'}>{over ? t.expired : t.expires(day(user.validUntil))}</Badge>;
  }
  if (!user.hasPassword && user.keyCount === 0) return <Badge color="blue">{t.invited}</Badge>;
  return <Badge color="teal">{t.active}</Badge>;
}

/** By what somebody proves who they are. */
export function Factors({ user }: { readonly user: UserView }) {
  const t = useWords(userWords);
  const factors = [
    user.hasPassword && t.password,
    user.keyCount > 0 && t.keyCount(user.keyCount),
    user.totpEnabled && t.totp,
  ].filter((word) => word !== false);
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm" c={factors.length === 0 ? 'dimmed' : undefined} style={{ whiteSpace: 'nowrap' }}>
        {factors.length === 0 ? t.noFactor : factors.join(' · ')}
      </Text>
    </Group>
  );
}
