import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { CopyIcon } from '../kit/copyable.tsx';
import { useCauseText } from '../kit/end-cause.ts';
import { bytesText, clockText, useFormat } from '../kit/format.ts';
import { useWords } from '../kit/words.ts';
import { replayWords } from './replay-words.ts';

/** Who, what, when, from where, and how it ended. */
export function SessionFacts({ session }: { readonly session: SessionView }) {
  const t = useWords(replayWords);
  const { moment } = useFormat();
  const causeText = useCauseText();
  const { endedAt, endCause } = session;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t.user, session.user],
    [t.asset, session.asset],
    [t.account, session.account],
    [t.from, `${session.clientIp} (${session.via})`],
    [t.permission, session.permission],
    ...(session.command === null ? [] : [[t.command, <Mono key="c" text={session.command} />] as const]),
    ...(session.destination === null ? [] : [[t.destination, <Mono key="d" text={session.destination} />] as const]),
    [t.began, moment(session.startedAt)],
    ...(endedAt === null
      ? []
      : [[t.lasted, clockText((Date.parse(endedAt) - Date.parse(session.startedAt)) / 1000)] as const]),
    ...(endCause === null
      ? []
      : [
          [
            t.ended,
            `${causeText(endCause, session.endDetail)}${session.exitCode === null ? '' : ` (${t.exitCode(session.exitCode)})`}`,
          ] as const,
        ]),
    [t.traffic, `${bytesText(session.bytesIn)} / ${bytesText(session.bytesOut)}`],
    ...(session.recordingBytes === null ? [] : [[t.size, bytesText(session.recordingBytes)] as const]),
    ...(session.recordingSha256 === null
      ? []
      : [
          [
            t.hash,
            <Group key="h" gap={4} wrap="nowrap">
              <Mono text={`${session.recordingSha256.slice(0, 16)}…`} />
              <CopyIcon value={session.recordingSha256} />
            </Group>,
          ] as const,
        ]),
  ];
  return (
    <Stack gap="xs" p="md">
      {facts.map(([name, value]) => (
        <Group key={name} justify="space-between" align="flex-start" gap="md" wrap="nowrap">
          <Text size="sm" c="dimmed" style={{ flex: 'none' }}>
            {name}
          </Text>
          <Text size="sm" ta="right" component="div" style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

function Mono({ text }: { readonly text: string }) {
  return (
    <Text span size="sm" className="mono">
      {text}
    </Text>
  );
}
