import { Anchor, Box, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { api } from '../../kit/api.ts';
import { bytesText, clockText } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { useWords } from '../../kit/words.ts';
import { Verdict } from '../commands/verdict.tsx';
import { Clip } from '../parts/clip.tsx';
import { isPlayable } from './session-cells.tsx';
import { sessionWords } from './words.ts';

const SHOWN = 20;

/** The last commands and files of a session, and where all of them are. */
export function SessionTraces({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  const may = useMay();
  const live = row.state === 'live';
  const refetchInterval = live ? 3_000 : false;
  const query = { session: row.id, limit: SHOWN };
  const commands = useQuery({
    queryKey: ['commands', 'last', row.id],
    queryFn: () => api.commands.list(query),
    refetchInterval,
  });
  const transfers = useQuery({
    queryKey: ['transfers', 'last', row.id],
    queryFn: () => api.transfers.list(query),
    refetchInterval,
  });
  const play = isPlayable(row) && may('recordings.read');
  return (
    <>
      <Trace
        title={t.commands}
        href={`/admin/commands?session=${row.id}`}
        empty={t.noCommands}
        rows={commands.data?.items.length}
      >
        {commands.data?.items.map((command) => {
          const at = clockText(command.seconds);
          return (
            <Group key={command.id} gap="sm" wrap="nowrap">
              <Text size="xs" w={52} c="dimmed" style={{ flexShrink: 0, fontVariantNumeric: 'tabular-nums' }}>
                {play ? (
                  <Anchor component={Link} size="xs" href={`/replay/${row.id}?t=${Math.floor(command.seconds)}`}>
                    {at}
                  </Anchor>
                ) : (
                  at
                )}
              </Text>
              <Box flex={1} miw={0}>
                <Clip mono text={command.line} max="100%" />
              </Box>
              <Verdict command={command} quiet />
            </Group>
          );
        })}
      </Trace>
      <Trace
        title={t.transfers}
        href={`/admin/transfers?session=${row.id}`}
        empty={t.noTransfers}
        rows={transfers.data?.items.length}
      >
        {transfers.data?.items.map((transfer) => (
          <Group key={transfer.id} gap="sm" wrap="nowrap">
            <Text size="sm" w={16}>
              {transfer.direction === 'upload' ? '↑' : '↓'}
            </Text>
            <Box flex={1} miw={0}>
              <Clip mono text={transfer.path} max="100%" />
            </Box>
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {bytesText(transfer.bytes)}
            </Text>
          </Group>
        ))}
      </Trace>
      <Anchor component={Link} size="sm" href={`/admin/audit?target=${row.id}`}>
        {t.auditRows}
      </Anchor>
    </>
  );
}

function Trace(props: { title: string; href: string; empty: string; rows: number | undefined; children: ReactNode }) {
  const t = useWords(sessionWords);
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Title order={3}>{props.title}</Title>
        {props.rows !== undefined && props.rows > 0 && (
          <Anchor component={Link} size="sm" href={props.href}>
            {t.showAll}
          </Anchor>
        )}
      </Group>
      {props.rows === 0 && (
        <Text size="sm" c="dimmed">
          {props.empty}
        </Text>
      )}
      {props.children}
    </Stack>
  );
}
