import { Alert, SimpleGrid, Stack, Text, ThemeIcon, Timeline } from '@mantine/core';
import { IconCheck, IconMinus, IconPoint, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { useSaid } from '../../kit/said/said.ts';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { ChoiceFilter } from '../parts/choice-filter.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { PROTOCOLS, type ProtocolName, partWords } from '../parts/part-words.ts';
import { AssetSelect, UserSelect } from '../pickers/pickers.tsx';
import { permissionWords } from './words.ts';

export interface Asked {
  readonly user: string | null;
  readonly asset: string | null;
  readonly account: string | null;
  readonly protocol: ProtocolName | null;
}

/** Asks what would be decided, and shows how it came about. */
export function ExplainPanel({ asked, change }: { asked: Asked; change: (fields: Partial<Asked>) => void }) {
  const t = useWords(permissionWords);
  const { user, asset, account, protocol } = asked;
  const { data: accounts = [] } = useQuery({
    queryKey: ['accounts', 'of', asset],
    queryFn: async () => (await api.accounts.list({ asset: asset!, limit: 200 })).items.map(({ login }) => login),
    enabled: asset !== null,
  });
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <UserSelect label={t.askUser} value={user} onChange={(name) => change({ user: name })} />
        <AssetSelect label={t.askAsset} value={asset} onChange={(name) => change({ asset: name, account: null })} />
        <ChoiceFilter
          label={t.askAccount}
          none={t.any}
          choices={[...new Set([...accounts, '@input', ...(account === null ? [] : [account])])]}
          value={account}
          onChange={(name) => change({ account: name })}
        />
        <ChoiceFilter
          label={t.askProtocol}
          none={t.any}
          choices={PROTOCOLS}
          value={protocol}
          onChange={(name) => change({ protocol: PROTOCOLS.find((one) => one === name) ?? null })}
        />
      </SimpleGrid>
      {user !== null && asset !== null && (
        <Answer user={user} asset={asset} account={account ?? undefined} protocol={protocol ?? undefined} />
      )}
    </Stack>
  );
}

function Answer(query: {
  user: string;
  asset: string;
  account?: string | undefined;
  protocol?: ProtocolName | undefined;
}) {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  const said = useSaid();
  const { data, error, refetch } = useQuery({
    queryKey: ['permissions', 'explain', query],
    queryFn: () => api.access.explain(query),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return null;
  const actions = data.actions.map((name) => common[`act_${name}` as keyof typeof common] ?? name);
  return (
    <Stack gap="md" aria-live="polite">
      <Alert
        color={data.allowed ? 'teal' : 'red'}
        icon={data.allowed ? <IconCheck size={18} /> : <IconX size={18} />}
        title={data.allowed ? t.yes(data.user, data.asset) : t.no(data.user, data.asset)}
      >
        {data.allowed && (
          <Facts>
            <Fact name={t.accountsAre}>{data.accounts.join(', ')}</Fact>
            <Fact name={t.actionsAre}>{actions.join(', ')}</Fact>
            <Fact name={t.permissionsAre}>{data.permissions.join(', ')}</Fact>
          </Facts>
        )}
      </Alert>
      <Text size="sm" fw={600}>
        {t.trace}
      </Text>
      <Timeline bulletSize={20} lineWidth={2} styles={{ item: { marginTop: 10 } }}>
        {data.trace.map((sentence, i) => {
          const [color, Glyph] = LOOKS[toneOf(sentence)];
          return (
            // sentences may repeat, and do not move
            <Timeline.Item
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={i}
              bullet={
                <ThemeIcon size={20} radius="xl" color={color} variant="light">
                  <Glyph size={12} />
                </ThemeIcon>
              }
            >
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {said(sentence)}
              </Text>
            </Timeline.Item>
          );
        })}
      </Timeline>
    </Stack>
  );
}

const LOOKS = {
  yes: ['teal', IconCheck],
  no: ['red', IconX],
  aside: ['gray', IconMinus],
  fact: ['blue', IconPoint],
} as const;

/** Whether a sentence of the trace speaks for the answer, against it, or of what does not count. */
function toneOf(sentence: string): keyof typeof LOOKS {
  if (/^Denied:|is disabled\.|expired on|switched off\.$/.test(sentence)) return 'no';
  if (/^Permission ".*" does not /.test(sentence) || sentence.startsWith('No ')) return 'aside';
  if (/^Allowed by |^Permission ".*" applies:/.test(sentence)) return 'yes';
  return 'fact';
}
