import { Group, Select, Stack, Title } from '@mantine/core';
import { Page, useDocumentTitle } from '../../kit/page.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ReviewHistory } from './review-history.tsx';
import { useWaitingReviews, WaitingReviews } from './waiting-reviews.tsx';
import { reviewWords } from './words.ts';

/** What waits for somebody's word on top, what was decided below. For reviewers of every role. */
export default function ReviewsPage() {
  const t = useWords(reviewWords);
  const [get, set] = useUrlState();
  const waiting = useWaitingReviews();
  const state = (['approved', 'refused', 'cancelled'] as const).find((name) => name === get('state'));
  return (
    <Page title={t.title} description={t.description}>
      <CountInTitle count={waiting.data?.length ?? 0} />
      <WaitingReviews waiting={waiting} />
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2}>{t.history}</Title>
          <Select
            aria-label={t.outcome}
            w={160}
            allowDeselect={false}
            data={[
              { value: '', label: t.all },
              ...(['approved', 'refused', 'cancelled'] as const).map((value) => ({
                value,
                label: t[`state_${value}`],
              })),
            ]}
            value={state ?? ''}
            onChange={(value) => set({ state: value ?? undefined })}
          />
        </Group>
        <ReviewHistory state={state} />
      </Stack>
    </Page>
  );
}

/** So that the number is seen in another tab of the browser. After `Page`, whose title it replaces. */
function CountInTitle({ count }: { readonly count: number }) {
  const t = useWords(reviewWords);
  useDocumentTitle(count === 0 ? t.title : t.titleCount(count));
  return null;
}
