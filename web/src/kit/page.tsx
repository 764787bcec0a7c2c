import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

/** One page of a console: what it is, what can be done, what there is. */
export function Page(props: {
  readonly title: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const { title, description, actions, children } = props;
  useDocumentTitle(title);
  return (
    <Stack gap="lg" p={{ base: 'md', sm: 'xl' }} maw={1440} mx="auto">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box miw={0} flex="1 1 240px">
          <Title order={1}>{title}</Title>
          {description && (
            <Text size="sm" c="dimmed" mt={4} maw={720}>
              {description}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Bastion`;
  }, [title]);
}
