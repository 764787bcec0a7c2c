import { Alert, Badge, Group, Loader, Paper, ScrollArea, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../../kit/api.ts';
import { useSaid } from '../../kit/said/said.ts';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import type { Draft } from './draft.ts';
import { permissionWords } from './words.ts';

const PAUSE_MS = 300;

/** Whom and what the lists of a permission come to, asked again while they are edited. */
export function PreviewPanel({ draft }: { readonly draft: Draft }) {
  const t = useWords(permissionWords);
  const said = useSaid();
  const { users, groups, assets, folders, accounts, protocols } = draft;
  // one that is half typed is refused as a whole
  const labels = draft.labels.filter((label) => /^[^=,\s]+=/u.test(label));
  const [asked] = useDebouncedValue(
    JSON.stringify({ users, groups, assets, folders, labels, accounts, protocols }),
    PAUSE_MS,
  );
  const nothing = users.length + groups.length + assets.length + folders.length + labels.length === 0;
  const { data, error, isFetching } = useQuery({
    queryKey: ['permissions', 'preview', asked],
    queryFn: () => api.permissions.preview(JSON.parse(asked) as Parameters<typeof api.permissions.preview>[0]),
    placeholderData: keepPreviousData,
    enabled: !nothing,
  });
  return (
    <Paper withBorder p="lg" component="section" aria-label={t.preview}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={3}>{t.preview}</Title>
          {isFetching && <Loader size={14} />}
        </Group>
        <Text size="sm" c="dimmed">
          {nothing ? t.previewNothing : t.previewText}
        </Text>
        {error !== null && !nothing && <Failed error={error} />}
        {data && !nothing && (
          <>
            {data.warnings.length > 0 && (
              <Alert color="orange" icon={<IconAlertTriangle size={18} />} p="sm">
                {data.warnings.map((warning) => (
                  <Text size="sm" key={warning} style={{ overflowWrap: 'anywhere' }}>
                    {said(warning)}
                  </Text>
                ))}
              </Alert>
            )}
            <SimpleGrid cols={2}>
              <Column title={t.previewUsers(data.userCount)} more={data.userCount - data.users.length}>
                {data.users.map((user) => (
                  <Group key={user.name} gap={6} wrap="nowrap">
                    <Clip text={user.displayName === '' ? user.name : `${user.name} (${user.displayName})`} max={180} />
                    {user.disabled && (
                      <Badge miw="max-content" color="gray">
                        {t.disabled}
                      </Badge>
                    )}
                  </Group>
                ))}
              </Column>
              <Column title={t.previewAssets(data.assetCount)} more={data.assetCount - data.assets.length}>
                {data.assets.map((asset) => (
                  <div key={asset.name}>
                    <Clip text={asset.name} max={180} />
                    <Clip
                      size="xs"
                      mono={asset.accounts.length > 0}
                      c={asset.accounts.length > 0 ? 'dimmed' : 'orange'}
                      text={asset.accounts.length > 0 ? asset.accounts.join(', ') : t.noAccountHere}
                      max={180}
                    />
                  </div>
                ))}
              </Column>
            </SimpleGrid>
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Column(props: { readonly title: string; readonly more: number; readonly children: ReactNode }) {
  const t = useWords(permissionWords);
  return (
    <div>
      <Text size="sm" fw={600} mb={6}>
        {props.title}
      </Text>
      <ScrollArea.Autosize mah={240}>
        <Stack gap={6}>{props.children}</Stack>
      </ScrollArea.Autosize>
      {props.more > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          {t.andMore(props.more)}
        </Text>
      )}
    </div>
  );
}
