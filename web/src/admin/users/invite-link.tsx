import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { LinkView } from '../../../../src/api/contract/users.ts';
import { Copyable } from '../../kit/copyable.tsx';
import { useFormat } from '../../kit/format.ts';
import { useWords } from '../../kit/words.ts';
import { userWords } from './words.ts';

/** A one-time link that was just made, to be sent on. */
export function InviteLink(props: { readonly name: string; readonly link: LinkView; readonly actions: ReactNode }) {
  const { name, link, actions } = props;
  const t = useWords(userWords);
  const { ago } = useFormat();
  return (
    <Stack>
      <Text fw={600}>{t.linkTitle(name)}</Text>
      <Text size="sm">{t.linkText}</Text>
      <Copyable value={link.url ?? `${location.origin}/invite#${link.token}`} />
      <Text size="xs" c="dimmed">
        {t.linkUntil(ago(link.expiresAt))} {t.linkOnce}
      </Text>
      <Group justify="flex-end">{actions}</Group>
    </Stack>
  );
}
