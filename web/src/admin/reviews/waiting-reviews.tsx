import { Badge, Button, Group, Paper, Stack, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconEye, IconListCheck, IconX } from '@tabler/icons-react';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ReviewView } from '../../../../src/api/contract/commands.ts';
import { api } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { clockText } from '../../kit/format.ts';
import { useMay, useMe } from '../../kit/me.ts';
import { Empty, Failed, Waiting } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { useNow } from '../parts/now.ts';
import { useRun } from '../parts/run.ts';
import { reviewWords } from './words.ts';

const REFRESH_MS = 2_000;

/** The commands that wait, who waits longest first. */
export function useWaitingReviews(): UseQueryResult<readonly ReviewView[]> {
  return useQuery({
    queryKey: ['reviews', 'pending'],
    queryFn: async () => (await api.reviews.list({ state: 'pending', limit: 200 })).items.toReversed(),
    refetchInterval: REFRESH_MS,
    // who has the page behind another window still sees the number in its title
    refetchIntervalInBackground: true,
  });
}

export function WaitingReviews({ waiting }: { readonly waiting: UseQueryResult<readonly ReviewView[]> }) {
  const t = useWords(reviewWords);
  const may = useMay();
  const { data, error, refetch } = waiting;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting h={120} />;
  if (data.length === 0) {
    return (
      <Paper withBorder p="lg">
        <Empty
          icon={IconListCheck}
          title={t.none}
          text={t.noneText}
          action={
            may('manage') && (
              <Button component={Link} href="/admin/filters" variant="light" size="xs">
                {t.toFilters}
              </Button>
            )
          }
        />
      </Paper>
    );
  }
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {data.map((review) => (
        <li key={review.id}>
          <One review={review} />
        </li>
      ))}
    </Stack>
  );
}

/** One command and the two answers; each takes one press. */
function One({ review }: { readonly review: ReviewView }) {
  const t = useWords(reviewWords);
  const me = useMe();
  const may = useMay();
  const run = useRun('reviews');
  const now = useNow();
  const [busy, setBusy] = useState<'approve' | 'deny'>();
  const answer = async (kind: 'approve' | 'deny') => {
    setBusy(kind);
    const told = kind === 'approve' ? t.approved(review.line) : t.refused(review.line);
    // an answer that failed may be given again
    if (!(await run.one(() => api.reviews[kind]({ id: review.id }), told))) setBusy(undefined);
  };
  const own = me.id !== null && review.userId === me.id;
  const mine = me.role === 'admin' || review.reviewers.some((name) => name.toLowerCase() === me.name.toLowerCase());
  const why = own ? t.ownOnes : mine ? undefined : t.notMine;
  return (
    <Paper withBorder p="md" style={{ borderLeft: '3px solid var(--mantine-color-violet-filled)' }}>
      <Group justify="space-between" gap="md" align="center">
        <Stack gap={6} flex="1 1 320px" miw={0}>
          <Group gap={6} wrap="nowrap" align="flex-start">
            <Text className="mono" fw={600} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
              {review.line}
            </Text>
            <CopyIcon value={review.line} label={t.copyLine} />
          </Group>
          <Group gap="xs">
            <Text size="sm" fw={500} truncate maw={220}>
              {review.user}
            </Text>
            <Text size="sm" c="dimmed" truncate maw={320}>
              {t.onAs(review.account, review.asset)}
            </Text>
            <Badge color="violet">{t.byFilter(review.filter)}</Badge>
            <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
              {t.waits(clockText((now - Date.parse(review.askedAt)) / 1000))}
            </Text>
          </Group>
        </Stack>
        <Group gap="xs">
          {may('sessions.watch') && (
            <Button
              component={Link}
              href={`/watch/${review.session}`}
              variant="subtle"
              color="gray"
              leftSection={<IconEye size={16} />}
            >
              {t.watch}
            </Button>
          )}
          <Tooltip label={why} disabled={why === undefined}>
            <Group gap="xs">
              <Button
                variant="light"
                color="red"
                leftSection={<IconX size={16} />}
                disabled={why !== undefined || busy === 'approve'}
                loading={busy === 'deny'}
                onClick={() => void answer('deny')}
              >
                {t.deny}
              </Button>
              <Button
                color="teal"
                leftSection={<IconCheck size={16} />}
                disabled={why !== undefined || busy === 'deny'}
                loading={busy === 'approve'}
                onClick={() => void answer('approve')}
              >
                {t.approve}
              </Button>
            </Group>
          </Tooltip>
        </Group>
      </Group>
    </Paper>
  );
}
