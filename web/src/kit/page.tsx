import { Anchor, Box, Group, Stack, Text, Title } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';

/** One page of a console: what it is, what can be done, what there is. */
export function Page(props: {
  readonly title: string;
  /** The list this is one of. */
  readonly back?: { readonly href: string; readonly word: string } | undefined;
  /** Beside the title: what state the thing is in. */
  readonly marks?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const { title, back, marks, description, actions, children } = props;
  useDocumentTitle(title);
  return (
    <Stack gap="lg" p={{ base: 'md', sm: 'xl' }} maw={1440} mx="auto">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box miw={0} flex="1 1 240px">
          {back && (
            <Anchor
              component={Link}
              href={back.href}
              size="sm"
              display="inline-flex"
              mb={4}
              style={{ alignItems: 'center' }}
            >
              <IconChevronLeft size={15} />
              {back.word}
            </Anchor>
          )}
          <Group gap="sm">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {marks}
          </Group>
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
