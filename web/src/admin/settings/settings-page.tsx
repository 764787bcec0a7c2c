import { Alert, Badge, Box, Group, Paper, SimpleGrid, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { bytesText, useFormat } from '../../kit/format.ts';
import { Page } from '../../kit/page.tsx';
import { useSaid } from '../../kit/said/said.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { useHealth } from '../waiting.ts';
import { settingsWords } from './words.ts';

/** What this bastion is, how it is, and every setting with where it comes from. */
export default function SettingsPage() {
  const t = useWords(settingsWords);
  return (
    <Page title={t.title} description={t.description}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <About />
        <Health />
      </SimpleGrid>
      <Configuration />
    </Page>
  );
}

function About() {
  const t = useWords(settingsWords);
  const { moment } = useFormat();
  const { data, error, refetch } = useQuery({ queryKey: ['status'], queryFn: () => api.system.status() });
  const health = useHealth();
  return (
    <Paper withBorder p="lg" component="section">
      <Title order={3} mb="sm">
        {t.about}
      </Title>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data && (
        <Facts>
          <Fact name={t.version}>{data.version}</Fact>
          <Fact name={t.since}>{moment(data.startedAt)}</Fact>
          <Fact name={t.listens}>
            {data.listeners.map(({ kind, address }) => (
              <div key={`${kind} ${address}`} className="mono">
                {`${kind} ${address}`}
              </div>
            ))}
          </Fact>
          <Fact name={t.liveSessions}>{data.liveSessions}</Fact>
          {health.data && (
            <>
              <Fact name={t.memory}>{bytesText(health.data.process.memory)}</Fact>
              <Fact name={t.disk}>
                {t.free(bytesText(health.data.storage.diskFree), bytesText(health.data.storage.diskTotal))}
              </Fact>
            </>
          )}
        </Facts>
      )}
    </Paper>
  );
}

const COLORS = { ok: 'teal', warn: 'orange', bad: 'red' } as const;

function Health() {
  const t = useWords(settingsWords);
  const said = useSaid();
  const { data, error, refetch } = useHealth();
  return (
    <Paper withBorder p="lg" component="section">
      <Title order={3} mb="sm">
        {t.health}
      </Title>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.checks.length === 0 && <Text size="sm">{t.allWell}</Text>}
      <Stack gap="xs">
        {data?.checks.map((check) => (
          <Group key={check.name} gap="xs" wrap="nowrap" align="flex-start">
            <Badge miw="max-content" color={COLORS[check.state]} w={52} style={{ flexShrink: 0 }}>
              {t[`h_${check.state}`]}
            </Badge>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {said(check.text)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

function Configuration() {
  const t = useWords(settingsWords);
  const [get, set] = useUrlState();
  const { data, error, refetch } = useQuery({ queryKey: ['settings'], queryFn: () => api.system.settings() });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting />;
  const text = (get('text') ?? '').toLowerCase();
  const onlySet = get('set') === 'yes';
  const shown = data.settings.filter(
    ({ key, value, env, isDefault }) =>
      (!onlySet || !isDefault) && [key, value, env].some((part) => part.toLowerCase().includes(text)),
  );
  const sections = Map.groupBy(shown, ({ key }) => (key.includes('.') ? key.slice(0, key.indexOf('.')) : ''));
  return (
    <>
      <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} title={t.howTo}>
        <Text size="sm">{t.howToText}</Text>
        <Text size="sm" mt="xs">
          {`${t.file}: `}
          <span className="mono">{data.file ?? t.noFile}</span>
        </Text>
      </Alert>
      <Group gap="md">
        <SearchInput
          w={260}
          placeholder={t.search}
          value={get('text') ?? ''}
          onChange={(value) => set({ text: value })}
        />
        <Switch
          label={t.onlySet}
          checked={onlySet}
          onChange={(event) => set({ set: event.currentTarget.checked ? 'yes' : undefined })}
        />
      </Group>
      {shown.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.none}
        </Text>
      )}
      {[...sections].map(([section, settings]) => (
        <Box key={section} component="section" aria-label={section}>
          {section !== '' && (
            <Title order={3} mb="xs" className="mono">
              {section}
            </Title>
          )}
          <Paper withBorder style={{ overflow: 'hidden' }}>
            <Table.ScrollContainer minWidth={420} type="native">
              <Table highlightOnHover={false}>
                <Table.Tbody>
                  {settings.map(({ key, value, env, isDefault }) => (
                    <Table.Tr key={key}>
                      <Table.Td w="38%">
                        <Text size="sm" className="mono">
                          {key}
                        </Text>
                        <Group gap={2} wrap="nowrap">
                          <Text size="xs" c="dimmed" className="mono" truncate>
                            {env}
                          </Text>
                          <CopyIcon value={env} label={t.copyEnv} />
                        </Group>
                      </Table.Td>
                      <Table.Td>
                        <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                          {value}
                        </Text>
                      </Table.Td>
                      <Table.Td w={100} ta="right">
                        {isDefault ? (
                          <Text size="sm" c="dimmed">
                            {t.fromDefault}
                          </Text>
                        ) : (
                          <Badge miw="max-content" color="indigo">
                            {t.set}
                          </Badge>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Paper>
        </Box>
      ))}
    </>
  );
}
