import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Paper, SimpleGrid, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { StatisticsView } from '../../../../src/api/contract/commands.ts';
import { useLanguage, useWords } from '../../kit/words.ts';
import { dashboardWords } from './words.ts';

const HEIGHT = 240;

/** Sessions and logins by day. */
export default function DayCharts(props: {
  readonly days: StatisticsView['days'];
  readonly logins: StatisticsView['logins'];
}) {
  const t = useWords(dashboardWords);
  const language = useLanguage();
  const { sessions, logins } = useMemo(() => {
    // the days are those of UTC
    const short = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
    const day = (name: string) => short.format(new Date(`${name}T00:00:00Z`));
    return {
      sessions: props.days.map((row) => ({ day: day(row.name), sessions: row.sessions, denied: row.denied })),
      logins: props.logins.map((row) => ({ day: day(row.name), ok: row.ok, failed: row.failed })),
    };
  }, [props.days, props.logins, language]);
  const shared = {
    h: HEIGHT,
    dataKey: 'day',
    withLegend: true,
    tickLine: 'none',
    gridAxis: 'x',
    barProps: { isAnimationActive: false, radius: 2, maxBarSize: 28 },
    yAxisProps: { width: 36, allowDecimals: false },
    xAxisProps: { interval: 'preserveStartEnd', minTickGap: 24 },
  } as const;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Paper withBorder p="md" component="section" aria-label={t.sessionsDay} miw={0}>
        <Title order={3} mb="md">
          {t.sessionsDay}
        </Title>
        <BarChart
          {...shared}
          data={sessions}
          series={[
            { name: 'sessions', label: t.sessions, color: 'indigo.5' },
            { name: 'denied', label: t.denied, color: 'red.5' },
          ]}
        />
      </Paper>
      <Paper withBorder p="md" component="section" aria-label={t.loginsDay} miw={0}>
        <Title order={3} mb="md">
          {t.loginsDay}
        </Title>
        <BarChart
          {...shared}
          data={logins}
          type="stacked"
          series={[
            { name: 'ok', label: t.ok, color: 'teal.5' },
            { name: 'failed', label: t.failed, color: 'orange.5' },
          ]}
        />
      </Paper>
    </SimpleGrid>
  );
}
