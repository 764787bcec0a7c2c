import { Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { PermissionView } from '../../../../src/api/contract/permissions.ts';
import { api } from '../../kit/api.ts';
import { useFormat } from '../../kit/format.ts';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import rows from '../rows.module.css';
import { reachWords } from './words.ts';

type Of = { readonly user: string } | { readonly asset: string } | { readonly group: string };

/** The permissions that name somebody or something, each a link to its page. */
export function PermissionsOf(of: Of) {
  const t = useWords(reachWords);
  const { day } = useFormat();
  const { data, error, refetch } = useQuery({
    queryKey: ['permissions', 'of', of],
    queryFn: () => load(of),
  });
  const text = 'user' in of ? t.permissionsUser : 'asset' in of ? t.permissionsAsset : t.permissionsGroup;
  const state = (row: PermissionView) => {
    if (!row.active) return <Badge color="gray">{t.off}</Badge>;
    if (row.until === null) return null;
    if (Date.parse(row.until) <= Date.now()) return <Badge color="red">{t.over}</Badge>;
    return (
      <Badge color="yellow">
        {t.until} {day(row.until)}
      </Badge>
    );
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <div>
          <Title order={2}>{t.permissions}</Title>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </div>
        <Button component={Link} href="/admin/permissions/new" variant="default" leftSection={<IconPlus size={16} />}>
          {t.add}
        </Button>
      </Group>
      {data ? (
        <Paper withBorder>
          {data.length === 0 && (
            <Text size="sm" c="dimmed" p="md">
              {t.permissionsEmpty}
            </Text>
          )}
          {data.map((row) => (
            <Group key={row.id} px="md" py="xs" gap="sm" className={rows.row}>
              <Anchor
                component={Link}
                href={`/admin/permissions/${row.id}`}
                size="sm"
                fw={500}
                style={{ overflowWrap: 'anywhere' }}
              >
                {row.name}
              </Anchor>
              {state(row)}
              <Text size="xs" c="dimmed" flex="1 1 200px" truncate title={covers(row).join(', ')}>
                {t.on} {covers(row).join(', ')} · {t.asAccounts} {row.accounts.join(', ')}
              </Text>
            </Group>
          ))}
        </Paper>
      ) : error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : (
        <Waiting h={80} />
      )}
    </Stack>
  );
}

const LIMIT = 1000;

async function load(of: Of): Promise<readonly PermissionView[]> {
  if (!('group' in of)) return (await api.permissions.list({ ...of, limit: LIMIT })).items;
  const { items } = await api.permissions.list({ limit: LIMIT });
  return items.filter((row) => row.groups.includes(of.group));
}

function covers(row: PermissionView): string[] {
  return [...row.assets, ...row.folders, ...row.labels];
}
