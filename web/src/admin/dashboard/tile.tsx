import { Group, Paper, Skeleton, Text } from '@mantine/core';
import { Link } from 'wouter';
import classes from './dashboard.module.css';

/** One number, and where more is told about it. */
export function Tile(props: {
  readonly word: string;
  readonly value: string | undefined;
  readonly href?: string | undefined;
  /** Marked as something that happens now. */
  readonly live?: boolean;
}) {
  const { word, value, href, live = false } = props;
  const inside = (
    <>
      <Group gap={6} wrap="nowrap">
        {live && value !== undefined && value !== '0' && <span className={classes.pulse} />}
        <Text size="xs" c="dimmed" truncate>
          {word}
        </Text>
      </Group>
      {value === undefined ? <Skeleton h={28} w={56} mt={4} /> : <Text className={classes.number}>{value}</Text>}
    </>
  );
  return href === undefined ? (
    <Paper withBorder p="md">
      {inside}
    </Paper>
  ) : (
    <Paper withBorder p="md" component={Link} href={href} className={classes.tile}>
      {inside}
    </Paper>
  );
}
