import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconChevronRight, IconFingerprint, IconHourglass, IconListCheck, IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../kit/api.ts';
import { useMay } from '../../kit/me.ts';
import { useWords } from '../../kit/words.ts';
import { useWaiting } from '../waiting.ts';
import { dashboardWords } from './words.ts';

const SOON_MS = 14 * 86_400_000;
const REFRESH_MS = 60_000;

/** What a person has to decide or look at, each with its place. */
export function Waits() {
  const t = useWords(dashboardWords);
  const may = useMay();
  const manage = may('manage');
  const waiting = useWaiting();
  const lockouts = useQuery({
    queryKey: ['lockouts', 'locked'],
    queryFn: async () => (await api.lockouts.list()).filter((row) => row.until !== null).length,
    enabled: manage,
    refetchInterval: REFRESH_MS,
  });
  const expiring = useQuery({ queryKey: ['permissions', 'expiring'], queryFn: countExpiring, enabled: manage });
  const rows = [
    { n: waiting.reviews, text: t.reviews, href: '/admin/reviews', icon: IconListCheck },
    { n: waiting.hostKeys, text: t.hostKeys, href: '/admin/host-keys', icon: IconFingerprint },
    { n: lockouts.data ?? 0, text: t.lockouts, href: '/admin/lockouts', icon: IconLock },
    { n: expiring.data ?? 0, text: t.expiring, href: '/admin/permissions?sort=until', icon: IconHourglass },
  ].filter((row) => row.n > 0);
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.nothingWaits}
      </Text>
    );
  }
  return (
    <Stack gap={8}>
      {rows.map((row) => (
        <Anchor key={row.href} component={Link} href={row.href} size="sm" c="inherit">
          <Group gap="xs" wrap="nowrap">
            <row.icon size={17} stroke={1.7} color="var(--mantine-color-orange-6)" style={{ flex: 'none' }} />
            <Text size="sm" flex={1}>
              {row.text(row.n)}
            </Text>
            <IconChevronRight size={15} />
          </Group>
        </Anchor>
      ))}
    </Stack>
  );
}

async function countExpiring(): Promise<number> {
  const { items } = await api.permissions.list({ sort: 'until', limit: 1000 });
  const now = Date.now();
  return items.filter((row) => {
    const left = row.until === null ? Number.POSITIVE_INFINITY : Date.parse(row.until) - now;
    return row.active && left > 0 && left < SOON_MS;
  }).length;
}
