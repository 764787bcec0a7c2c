import { Alert, Group, Loader, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { queries } from '../../kit/api.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { assetPageWords } from './page-words.ts';

interface TestResult {
  readonly ok: boolean;
  readonly message: string;
  readonly milliseconds: number;
}

/** A test of a target or of an account on it. What it finds may be a host key. */
export function useTest(run: () => Promise<TestResult>) {
  return useMutation({
    mutationFn: run,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['host-keys'] });
      void queries.invalidateQueries({ queryKey: ['health'] });
    },
  });
}
export type Test = ReturnType<typeof useTest>;

/** What came of it, in one sentence. */
export function TestLine({ test }: { readonly test: Test }) {
  const t = useWords(assetPageWords);
  const errorText = useErrorText();
  const said = useSaid();
  if (test.isPending) {
    return (
      <Group gap="xs" role="status">
        <Loader size={14} />
        <Text size="sm" c="dimmed">
          {t.testing}
        </Text>
      </Group>
    );
  }
  const { data, error } = test;
  if (!data && !error) return null;
  const ok = data?.ok ?? false;
  return (
    <Alert
      role="status"
      color={ok ? 'teal' : 'red'}
      variant="light"
      icon={ok ? <IconCircleCheck size={18} /> : <IconCircleX size={18} />}
      withCloseButton
      onClose={test.reset}
    >
      <Text size="sm">
        {data ? said(data.message) : errorText(error)}
        {data && (
          <Text span size="xs" c="dimmed">
            {' '}
            {t.milliseconds(data.milliseconds)}
          </Text>
        )}
      </Text>
    </Alert>
  );
}
