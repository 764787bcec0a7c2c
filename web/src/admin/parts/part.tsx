import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** One part of a form: what it is about, what is wrong with it as a whole, its fields. */
export function Part(props: {
  readonly title?: string;
  readonly error?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <Paper withBorder p="lg" component="section" aria-label={props.title}>
      <Stack gap="md">
        {props.title !== undefined && <Title order={3}>{props.title}</Title>}
        {props.error !== undefined && (
          <Text size="sm" c="red" role="alert">
            {props.error}
          </Text>
        )}
        {props.children}
      </Stack>
    </Paper>
  );
}
