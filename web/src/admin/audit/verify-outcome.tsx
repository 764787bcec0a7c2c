import { Alert, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import type { VerifySummary } from '../../../../src/api/contract/audit.ts';
import { Copyable } from '../../kit/copyable.tsx';
import { useFormat } from '../../kit/format.ts';
import { useSaid } from '../../kit/said/said.ts';
import { useWords } from '../../kit/words.ts';
import type { Verification } from './verification.ts';
import { auditWords } from './words.ts';

/** What it came to. */
export function Outcome({ summary }: { readonly summary: VerifySummary }) {
  const t = useWords(auditWords);
  const { number } = useFormat();
  const said = useSaid();
  const good = summary.findings === 0;
  const { rows, firstSeq, lastSeq, recordings, older, head, chain } = summary;
  return (
    <Alert
      color={good ? 'teal' : 'red'}
      icon={good ? <IconShieldCheck size={20} /> : <IconAlertTriangle size={20} />}
      title={good ? t.good : `${t.bad}: ${t.findings(summary.findings)}`}
    >
      <Stack gap={6}>
        {good && <Text size="sm">{t.goodText(number(rows), number(firstSeq), number(lastSeq))}</Text>}
        {recordings === null ? (
          <Text size="sm">{t.noRecordings}</Text>
        ) : (
          good && recordings > 0 && <Text size="sm">{t.goodRecordings(number(recordings))}</Text>
        )}
        {older > 0 && <Text size="sm">{t.older(number(older))}</Text>}
        {head !== null && <Text size="sm">{t.savedHead(said(head))}</Text>}
        <Text size="sm">{t.signedBy}</Text>
        <Copyable value={chain} />
      </Stack>
    </Alert>
  );
}

export function Findings({ state }: { readonly state: Verification }) {
  const t = useWords(auditWords);
  const { number, moment } = useFormat();
  const said = useSaid();
  const { findings, findingCount } = state;
  return (
    <Paper withBorder p="lg">
      <Title order={3} mb="sm">
        {t.findings(findingCount)}
      </Title>
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {findings.map((finding, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they only ever grow at the end
          <li key={i}>
            <Group gap="xs">
              <Badge color="red">{t[`f_${finding.finding}`]}</Badge>
              <Text size="xs" c="dimmed">
                {[
                  finding.seq !== null && `${t.row} ${number(finding.seq)}`,
                  finding.at !== null && !Number.isNaN(Date.parse(finding.at)) && moment(finding.at),
                  finding.id,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </Text>
            </Group>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {said(finding.text)}
            </Text>
          </li>
        ))}
      </Stack>
      {findingCount > findings.length && (
        <Text size="sm" c="dimmed" mt="sm">
          {t.moreFindings(findingCount - findings.length)}
        </Text>
      )}
    </Paper>
  );
}
