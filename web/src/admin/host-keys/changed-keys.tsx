import { Alert, Anchor, Button, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { Ago } from '../../kit/moment.tsx';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { useHostKeyDeeds } from './use-host-key-deeds.ts';
import { hostKeyWords } from './words.ts';

type HostKey = Awaited<ReturnType<typeof api.hostKeys.list>>['items'][number];

const LIMIT = 200;

/** Targets that show another key than before, old and new beside each other. Nothing where there are none. */
export function ChangedKeys({ asset }: { readonly asset?: string | undefined }) {
  const t = useWords(hostKeyWords);
  const { accept, forget } = useHostKeyDeeds();
  const { data = [] } = useQuery({
    queryKey: ['host-keys', 'changed', asset],
    queryFn: () => loadChanged(asset),
    refetchInterval: 10_000,
  });
  if (data.length === 0) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconAlertTriangle size={20} />}
      title={t.changedTitle(data.length)}
      role="region"
    >
      <Stack gap="md">
        <Text size="sm" maw={820}>
          {t.changedText}
        </Text>
        {data.map(({ name, keys, pinned }) => (
          <Paper key={name} withBorder p="md">
            <Stack gap="sm">
              <Group justify="space-between">
                <Anchor component={Link} href={thingPath('assets', name)} fw={600} truncate>
                  {name}
                </Anchor>
                <Group gap="xs">
                  <Button variant="default" size="xs" onClick={() => forget(name)}>
                    {t.forget}
                  </Button>
                  <Button color="orange" size="xs" onClick={() => accept(name)}>
                    {t.accept}
                  </Button>
                </Group>
              </Group>
              {keys.map((key) => {
                const old = pinned.find((one) => one.endpoint === key.endpoint && one.type === key.type);
                return (
                  <SimpleGrid key={key.id} cols={{ base: 1, md: 2 }} spacing="sm">
                    <Print title={t.pinnedBefore} row={old} />
                    <Print title={t.seenNow} row={key} />
                  </SimpleGrid>
                );
              })}
            </Stack>
          </Paper>
        ))}
      </Stack>
    </Alert>
  );
}

function Print({ title, row }: { readonly title: string; readonly row: HostKey | undefined }) {
  const t = useWords(hostKeyWords);
  return (
    <Stack gap={2} miw={0}>
      <Text size="xs" c="dimmed">
        {title}
        {row && ` · ${row.endpoint} · ${row.type}`}
      </Text>
      {row ? (
        <Group gap={4} wrap="nowrap">
          <Text className="mono" size="sm" style={{ overflowWrap: 'anywhere' }}>
            {row.fingerprint}
          </Text>
          <CopyIcon value={row.fingerprint} />
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t.notKnown}
        </Text>
      )}
      {row && (
        <Text size="xs" c="dimmed">
          {t.last}: <Ago at={row.lastSeenAt} size="xs" />
        </Text>
      )}
    </Stack>
  );
}

/** Changed keys by asset, each with what was pinned for it. */
async function loadChanged(asset: string | undefined) {
  const { items } = await api.hostKeys.list({ state: 'changed', limit: LIMIT, ...(asset !== undefined && { asset }) });
  const names = [...new Set(items.map((key) => key.asset))];
  return Promise.all(
    names.map(async (name) => ({
      name,
      keys: items.filter((key) => key.asset === name),
      pinned: (await api.hostKeys.list({ asset: name, state: 'pinned', limit: LIMIT })).items,
    })),
  );
}
