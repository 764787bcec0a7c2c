import { Alert, Button, Center, Group, Loader, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, type IconProps } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { ApiError } from './api.ts';
import { kitWords } from './kit-words.ts';
import { useSaid } from './said/said.ts';
import { useWords } from './words.ts';

export type Icon = ComponentType<IconProps>;

/** What a person reads of an error. The texts of the bastion say what to do next; those of the pages are translated already. */
export function useErrorText(): (error: unknown) => string {
  const t = useWords(kitWords);
  const said = useSaid();
  return (error) => {
    if (error instanceof ApiError && error.status === 0) return t.offline;
    if (error instanceof ApiError) return said(error.message);
    return error instanceof Error ? error.message : String(error);
  };
}

/** Something could not be loaded or done. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) {
  const t = useWords(kitWords);
  const text = useErrorText();
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={t.failedTitle} maw={640}>
      <Group justify="space-between" align="flex-end" gap="md">
        <Text size="sm">{text(error)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t.retry}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** Nothing is there yet: says what would be, and how to begin. */
export function Empty(props: {
  readonly icon: Icon;
  readonly title: string;
  readonly text?: ReactNode;
  readonly action?: ReactNode;
}) {
  const { icon: Glyph, title, text, action } = props;
  return (
    <Stack align="center" gap="sm" py="xl" px="md" maw={480} mx="auto" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light" color="gray">
        <Glyph size={28} stroke={1.5} />
      </ThemeIcon>
      <Title order={3}>{title}</Title>
      {text && (
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      )}
      {action}
    </Stack>
  );
}

export function Waiting({ h = 240 }: { readonly h?: number | string }) {
  return (
    <Center h={h}>
      <Loader type="dots" />
    </Center>
  );
}
