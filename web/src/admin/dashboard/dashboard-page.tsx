import { Paper, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../../kit/api.ts';
import { fetched } from '../../kit/fetched.tsx';
import { useFormat } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { useHealth } from '../waiting.ts';
import { FirstSteps } from './first-steps.tsx';
import { Checks, Storage } from './house.tsx';
import { Tile } from './tile.tsx';
import { TopList } from './top-list.tsx';
import { Waits } from './waits.tsx';
import { dashboardWords } from './words.ts';

// The charts weigh more than the rest of the console
const DayCharts = fetched(() => import('./day-charts.tsx'), <Waiting h={260} />);

const SPANS = [7, 30, 90];
const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;

export default function DashboardPage() {
  const t = useWords(dashboardWords);
  const may = useMay();
  const { number } = useFormat();
  const [get, set] = useUrlState();
  const days = Number(get('days')) || 30;
  const health = useHealth();
  const statistics = useQuery({
    queryKey: ['statistics', days],
    // the day of today counts, so one less lies before it
    queryFn: () => api.statistics.show({ since: new Date(startOfToday() - (days - 1) * DAY_MS).toISOString(), top: 8 }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  const manage = may('manage');
  const audit = may('audit.read');
  const counts = health.data?.counts;
  const data = statistics.data;
  const inSpan = data?.days.reduce((sum, day) => sum + day.sessions, 0);
  return (
    <Page
      title={t.title}
      description={
        health.data && <Up startedAt={health.data.process.startedAt} version={health.data.process.version} />
      }
      actions={
        <SegmentedControl
          aria-label={t.span}
          size="xs"
          value={String(days)}
          onChange={(value) => set({ days: value === '30' ? undefined : value })}
          data={SPANS.map((n) => ({ value: String(n), label: t.days(n) }))}
        />
      }
    >
      {manage && <FirstSteps />}
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <Tile word={t.live} value={counts && number(counts.liveSessions)} href="/admin/sessions" live />
        <Tile
          word={t.sessionsIn(days)}
          value={inSpan === undefined ? undefined : number(inSpan)}
          href="/admin/sessions/past"
        />
        <Tile word={t.users} value={counts && number(counts.users)} href={manage ? '/admin/users' : undefined} />
        <Tile word={t.assets} value={counts && number(counts.assets)} href={manage ? '/admin/assets' : undefined} />
      </SimpleGrid>
      {health.error && !health.data && <Failed error={health.error} retry={() => void health.refetch()} />}
      {statistics.error && !data && <Failed error={statistics.error} retry={() => void statistics.refetch()} />}
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="md">
        <Panel title={t.waits}>
          <Waits />
        </Panel>
        <Panel title={t.health}>{health.data ? <Checks health={health.data} /> : <Waiting h={100} />}</Panel>
        <Panel title={t.storage}>{health.data ? <Storage storage={health.data.storage} /> : <Waiting h={100} />}</Panel>
      </SimpleGrid>
      {data && (
        <>
          <DayCharts days={data.days} logins={data.logins} />
          <SimpleGrid cols={{ base: 1, sm: 2, xl: 4 }} spacing="md">
            <Panel title={t.topUsers}>
              <TopList
                rows={data.users
                  .filter((row) => row.sessions > 0)
                  .map((row) => ({
                    name: row.name,
                    count: row.sessions,
                    hint: t.commandsN(row.commands),
                    href: manage ? thingPath('users', row.name) : undefined,
                  }))}
              />
            </Panel>
            <Panel title={t.topAssets}>
              <TopList
                rows={data.assets
                  .filter((row) => row.sessions > 0)
                  .map((row) => ({
                    name: row.name,
                    count: row.sessions,
                    hint: t.commandsN(row.commands),
                    href: manage ? thingPath('assets', row.name) : undefined,
                  }))}
              />
            </Panel>
            <Panel title={t.topCommands}>
              <TopList
                mono
                rows={data.topCommands.map((row) => ({
                  name: row.name,
                  count: row.count,
                  href: audit ? `/admin/commands?text=${encodeURIComponent(row.name)}` : undefined,
                }))}
              />
            </Panel>
            <Panel title={t.deniedCommands}>
              <TopList
                mono
                color="red"
                rows={data.deniedCommands.map((row) => ({
                  name: row.line,
                  count: row.count,
                  hint: row.filter,
                  href: audit ? `/admin/commands?verdict=deny&text=${encodeURIComponent(row.line)}` : undefined,
                }))}
              />
            </Panel>
          </SimpleGrid>
        </>
      )}
    </Page>
  );
}

function startOfToday(): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS;
}

function Up({ startedAt, version }: { readonly startedAt: string; readonly version: string }) {
  const t = useWords(dashboardWords);
  const { ago } = useFormat();
  return <>{t.up(ago(startedAt), version)}</>;
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title} miw={0}>
      <Stack gap="sm">
        <Title order={3}>{title}</Title>
        <Text component="div" size="sm">
          {children}
        </Text>
      </Stack>
    </Paper>
  );
}
