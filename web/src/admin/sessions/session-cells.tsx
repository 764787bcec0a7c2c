import { Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconDeviceDesktop, IconFiles, IconPrompt, IconRoute, IconTerminal2 } from '@tabler/icons-react';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { useCauseText } from '../../kit/end-cause.ts';
import { clockText } from '../../kit/format.ts';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import { NameCell } from '../parts/name-filter.tsx';
import { useNow } from '../parts/now.ts';
import { partWords } from '../parts/part-words.ts';
import { Stretch } from '../parts/stretch.tsx';
import { sessionWords } from './words.ts';

const USE_ICONS = {
  shell: IconTerminal2,
  exec: IconPrompt,
  files: IconFiles,
  forward: IconRoute,
  desktop: IconDeviceDesktop,
} as const;

export function Where({ row }: { readonly row: SessionView }) {
  return (
    <Stack gap={0}>
      <NameCell kind="asset" name={row.asset} max={200} />
      <Clip text={row.account} size="xs" c="dimmed" lh={1.4} max={200} />
    </Stack>
  );
}

/** What it is used for: the kind as a sign, and what is run or where it goes. */
export function UseCell({ row }: { readonly row: SessionView }) {
  const common = useWords(partWords);
  const Glyph = USE_ICONS[row.use];
  const what = row.command ?? row.destination ?? row.label;
  return (
    <Stretch>
      <Group gap={6} wrap="nowrap">
        <Tooltip label={common[`use_${row.use}`]}>
          <Glyph size={16} stroke={1.6} aria-label={common[`use_${row.use}`]} style={{ flexShrink: 0 }} />
        </Tooltip>
        {what === null ? (
          <Text size="sm">{common[`use_${row.use}`]}</Text>
        ) : (
          <Clip text={what} mono={row.command !== null || row.destination !== null} max="100%" />
        )}
      </Group>
    </Stretch>
  );
}

/** How long it has been running, by the second. */
export function Running({ since }: { readonly since: string }) {
  const now = useNow();
  return (
    <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
      {clockText((now - Date.parse(since)) / 1000)}
    </Text>
  );
}

export function lengthOf({ startedAt, endedAt }: SessionView): string {
  return endedAt === null ? '–' : clockText((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
}

export function Others({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  return (
    <Group gap={4}>
      {row.locked && <Badge color="red">{t.locked}</Badge>}
      {row.people.map(({ name, typing }, i) => (
        // the same person may look on in two windows
        <Badge
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={`${name} ${i}`}
          color={typing ? 'orange' : 'blue'}
          maw={180}
        >
          {typing ? t.typing(name) : t.watching(name)}
        </Badge>
      ))}
    </Group>
  );
}

const QUIET = new Set(['target-closed', 'client-closed']);

/** Why it ended, or its exit code, in a word or two; pointing at it says more. */
export function Ending({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  const sentence = useEnding()(row);
  const { state, endCause, endDetail, exitCode, exitSignal } = row;
  const bad = state === 'interrupted' || (endCause !== null && !QUIET.has(endCause));
  const short = (t as Readonly<Record<string, unknown>>)[`cause_${endCause}`];
  const text = () => {
    if (state === 'interrupted') return t.interrupted;
    if (exitSignal !== null) return t.signal(exitSignal);
    if (exitCode !== null && endCause === 'target-closed') return t.exit(exitCode);
    if (endCause === 'terminated' && endDetail !== null) return t.endedBy(endDetail);
    return typeof short === 'string' ? short : (endCause ?? '–');
  };
  return (
    <Tooltip label={sentence} multiline maw={360} disabled={sentence === ''}>
      <Text size="sm" c={bad ? 'orange' : undefined} truncate maw={160}>
        {text()}
      </Text>
    </Tooltip>
  );
}

/** The same in sentences, with the technical reason where there is one. */
export function useEnding(): (row: SessionView) => string {
  const causeText = useCauseText();
  return ({ state, endCause, endDetail }) => {
    const cause = state === 'interrupted' ? 'interrupted' : endCause;
    if (cause === null) return '';
    const sentence = causeText(cause, endDetail);
    return endDetail === null || cause === 'terminated' ? sentence : `${sentence} (${endDetail})`;
  };
}

/** Whether there is something of a session that can be played. */
export function isPlayable({ recording }: SessionView): boolean {
  return recording === 'ready';
}

/** Whether somebody can look on: what has a screen, and runs. */
export function isWatchable({ state, terminal }: SessionView): boolean {
  return state === 'live' && terminal;
}
