import { Button, Group, Progress, Stack, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconChevronDown, IconChevronUp, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import { bytesText } from '../../kit/format.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import { dashboardWords } from './words.ts';

type Health = Result<Routes['system']['health']>;

const ICONS = {
  ok: [IconCircleCheck, 'teal'],
  warn: [IconAlertTriangle, 'orange'],
  bad: [IconCircleX, 'red'],
} as const;
const SEVERITY = { bad: 0, warn: 1, ok: 2 } as const;

/** What is checked about the daemon, the worst first; what is well can be looked at. */
export function Checks({ health }: { readonly health: Health }) {
  const t = useWords(dashboardWords);
  const said = useSaid();
  const { checks } = health;
  const [all, { toggle }] = useDisclosure(false);
  const words = { ok: t.okState, warn: t.warnState, bad: t.badState };
  const well = checks.filter((check) => check.state === 'ok').length;
  return (
    <Stack gap={6} align="flex-start">
      <Button
        variant="subtle"
        color="teal"
        size="compact-sm"
        ml={-8}
        aria-expanded={all}
        leftSection={<IconCircleCheck size={17} stroke={1.7} />}
        rightSection={all ? <IconChevronUp size={14} /> : <IconChevronDown size={14} />}
        onClick={toggle}
      >
        {t.well(well)}
      </Button>
      {checks
        .filter((check) => all || check.state !== 'ok')
        .sort((a, b) => SEVERITY[a.state] - SEVERITY[b.state])
        .map((check) => {
          const { name, state } = check;
          const [Glyph, color] = ICONS[state];
          return (
            <Group key={name} gap="xs" wrap="nowrap" align="flex-start">
              <Glyph
                size={17}
                stroke={1.7}
                color={`var(--mantine-color-${color}-6)`}
                style={{ flex: 'none', marginTop: 2 }}
                aria-hidden
              />
              <VisuallyHidden>{words[state]}</VisuallyHidden>
              <Text size="sm" c={state === 'ok' ? 'dimmed' : undefined} style={{ overflowWrap: 'anywhere' }}>
                {said(check.text)}
              </Text>
            </Group>
          );
        })}
    </Stack>
  );
}

const percent = (part: number, of: number) => (of > 0 ? (part / of) * 100 : 0);

/** How full the disk is, and of what. */
export function Storage({ storage }: { readonly storage: Health['storage'] }) {
  const t = useWords(dashboardWords);
  const { diskTotal, diskFree, diskReserve } = storage;
  const parts = [
    { word: t.recordings, bytes: storage.recordings, color: 'indigo.5' },
    { word: t.spool, bytes: storage.spool, color: 'orange.5' },
    { word: t.database, bytes: storage.database, color: 'teal.5' },
    { word: t.searchIndex, bytes: storage.searchIndex, color: 'cyan.5' },
  ];
  const own = parts.reduce((sum, part) => sum + part.bytes, 0);
  const rest = Math.max(0, diskTotal - diskFree - own);
  const shown = [...parts, { word: t.other, bytes: rest, color: 'gray.5' }];
  const low = diskFree < diskReserve * 2;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} c={low ? 'red' : undefined}>
        {t.free(bytesText(diskFree), bytesText(diskTotal))}
      </Text>
      <Progress.Root size="lg" aria-label={t.storage}>
        {shown.map((part) => (
          <Tooltip key={part.word} label={`${part.word}: ${bytesText(part.bytes)}`}>
            <Progress.Section value={percent(part.bytes, diskTotal)} color={part.color} aria-label={part.word} />
          </Tooltip>
        ))}
      </Progress.Root>
      <Group gap="xs">
        {parts.map((part) => (
          <Group key={part.word} gap={6} wrap="nowrap">
            <span
              style={{
                width: 8,
                height: 8,
                borderRadius: 2,
                background: `var(--mantine-color-${part.color.replace('.', '-')})`,
              }}
            />
            <Text size="xs" c="dimmed">
              {part.word} {bytesText(part.bytes)}
            </Text>
          </Group>
        ))}
      </Group>
      <Text size="xs" c="dimmed">
        {t.reserve(bytesText(diskReserve))}
      </Text>
    </Stack>
  );
}
