import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { useFormat } from '../../kit/format.ts';
import { useWords } from '../../kit/words.ts';
import classes from './dashboard.module.css';
import { dashboardWords } from './words.ts';

interface Row {
  readonly name: string;
  readonly count: number;
  readonly hint?: string | undefined;
  readonly href?: string | undefined;
}

/** Names by how often, each with a bar behind it. */
export function TopList(props: {
  readonly rows: readonly Row[];
  readonly mono?: boolean;
  readonly color?: 'indigo' | 'red';
}) {
  const { rows, mono = false, color = 'indigo' } = props;
  const t = useWords(dashboardWords);
  const { number } = useFormat();
  if (rows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.nothingYet}
      </Text>
    );
  }
  const most = Math.max(...rows.map((row) => row.count));
  return (
    <Stack gap={4}>
      {rows.map((row) => (
        <div key={`${row.name} ${row.hint ?? ''}`} className={classes.top}>
          <div
            className={classes.bar}
            style={{ width: `${(row.count / most) * 100}%`, background: `var(--mantine-color-${color}-light)` }}
          />
          <Group gap="xs" wrap="nowrap" className={classes.over}>
            {row.href === undefined ? (
              <Text size="sm" truncate flex={1} className={mono ? 'mono' : undefined} title={row.name}>
                {row.name}
              </Text>
            ) : (
              <Anchor
                component={Link}
                href={row.href}
                size="sm"
                c="inherit"
                truncate
                flex={1}
                className={mono ? 'mono' : undefined}
                title={row.name}
              >
                {row.name}
              </Anchor>
            )}
            {row.hint !== undefined && (
              <Text size="xs" c="dimmed" truncate maw={110} title={row.hint}>
                {row.hint}
              </Text>
            )}
            <Text size="sm" fw={500} style={{ fontVariantNumeric: 'tabular-nums' }}>
              {number(row.count)}
            </Text>
          </Group>
        </div>
      ))}
    </Stack>
  );
}
