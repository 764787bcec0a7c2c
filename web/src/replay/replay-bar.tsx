import { Badge, Group, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { Brand } from '../kit/brand.tsx';
import { useFormat } from '../kit/format.ts';
import { useWords } from '../kit/words.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';

/** Whose session it is, and what can be done with its recording. */
export function ReplayBar({ session, children }: { readonly session: SessionView; readonly children?: ReactNode }) {
  const t = useWords(replayWords);
  const { moment } = useFormat();
  return (
    <header className={classes.bar}>
      <UnstyledButton component={Link} href={`/admin/sessions/past?id=${session.id}`} aria-label={t.back}>
        <Brand size={24} name={false} />
      </UnstyledButton>
      <div className={classes.who}>
        <Group gap={8} wrap="nowrap">
          <Text fw={600} truncate>
            {session.user}
          </Text>
          <Text size="sm" c="dimmed" className="mono" truncate>
            {session.account}@{session.asset}
          </Text>
          {session.use !== 'shell' && (
            <Badge color="gray" style={{ flex: 'none' }}>
              {session.label ?? session.use}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {moment(session.startedAt)}
        </Text>
      </div>
      <Group gap={6} wrap="nowrap">
        {children}
      </Group>
    </header>
  );
}
