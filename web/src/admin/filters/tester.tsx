import { Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../kit/api.ts';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { type Draft, hasMatch, matchOf } from './draft.ts';
import { VerdictView } from './verdict-view.tsx';
import { filterWords } from './words.ts';

const PAUSE_MS = 250;

/** Beside the form: what the filter, as it is being written, would do with a line. */
export function Tester({ draft }: { readonly draft: Draft }) {
  const t = useWords(filterWords);
  const [line, setLine] = useState('');
  const [asked] = useDebouncedValue(JSON.stringify({ action: draft.action, ...matchOf(draft), line }), PAUSE_MS);
  const question = JSON.parse(asked) as Parameters<typeof api.filters.try>[0];
  const ready = hasMatch(draft) && line !== '';
  const { data, error } = useQuery({
    queryKey: ['filters', 'try', asked],
    queryFn: () => api.filters.try(question),
    placeholderData: keepPreviousData,
    // what is shown runs ahead of what is asked
    enabled: ready && question.line !== '' && (question.words?.length !== 0 || question.regex !== null),
  });
  // it is asked without a name and without reviewers
  const verdict = data && {
    ...data,
    filter: data.filter === null ? null : draft.name || t.filter,
    reviewers: draft.reviewers,
  };
  return (
    <Paper withBorder p="lg" component="section" aria-label={t.testerTitle}>
      <Stack gap="sm">
        <Title order={3}>{t.testerTitle}</Title>
        <Text size="sm" c="dimmed">
          {hasMatch(draft) ? t.testerText : t.testerFirst}
        </Text>
        <LineInput value={line} onChange={setLine} />
        {ready && error !== null && <Failed error={error} />}
        {ready && error === null && verdict && <VerdictView verdict={verdict} />}
      </Stack>
    </Paper>
  );
}

export function LineInput({ value, onChange }: { readonly value: string; readonly onChange: (line: string) => void }) {
  const t = useWords(filterWords);
  return (
    <Textarea
      label={t.line}
      placeholder={t.lineHint}
      autosize
      minRows={1}
      maxRows={8}
      maxLength={16_384}
      spellCheck={false}
      autoCapitalize="off"
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
