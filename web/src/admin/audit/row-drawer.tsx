import { Anchor, Badge, Box, Code, Drawer, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { AuditView } from '../../../../src/api/contract/audit.ts';
import { useFormat } from '../../kit/format.ts';
import { useWords } from '../../kit/words.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { useActionText, useReasonText } from './action-text.ts';
import { OUTCOME_COLORS } from './audit-list.tsx';
import { type Change, changesOf, restOf, valueText } from './details.ts';
import classes from './row-drawer.module.css';
import { auditWords } from './words.ts';

/** One row of the log: who, what, to what, why, and what it was before. */
export function RowDrawer({ row, close }: { readonly row: AuditView | undefined; readonly close: () => void }) {
  const actionText = useActionText();
  return (
    <Drawer
      opened={row !== undefined}
      onClose={close}
      position="right"
      size="lg"
      title={<Text fw={600}>{row && actionText(row.action)}</Text>}
    >
      {row && <Body key={row.id} row={row} close={close} />}
    </Drawer>
  );
}

function Body({ row, close }: { readonly row: AuditView; readonly close: () => void }) {
  const t = useWords(auditWords);
  const { moment, number } = useFormat();
  const reasonText = useReasonText();
  const [raw, setRaw] = useState(false);
  const { actor, target, details } = row;
  const changes = changesOf(details);
  const rest = restOf(details);
  const via = { ssh: 'SSH', web: 'Web', api: 'API', socket: 'admin.sock', system: '' }[actor.via];
  return (
    <Stack gap="lg">
      <Facts>
        <Fact name={t.row}>{number(row.seq)}</Fact>
        <Fact name={t.when}>{moment(row.at)}</Fact>
        <Fact name={t.who}>
          {actor.kind === 'user' ? actor.name : t[`kind_${actor.kind}`]}
          {actor.ip !== null && (
            <Text span size="sm" c="dimmed">
              {` ${actor.ip}`}
            </Text>
          )}
        </Fact>
        <Fact name={t.via}>{via !== '' && via}</Fact>
        <Fact name={t.action}>
          <span className="mono">{row.action}</span>
        </Fact>
        <Fact name={t.target}>{target?.name}</Fact>
        <Fact name={t.outcome}>
          <Badge color={OUTCOME_COLORS[row.outcome]}>{t[row.outcome]}</Badge>
        </Fact>
        <Fact name={t.reason}>{reasonText(row)}</Fact>
      </Facts>
      <Group gap="md">
        {target && (
          <Anchor
            component={Link}
            size="sm"
            onClick={close}
            href={`/admin/audit?target=${encodeURIComponent(target.id ?? target.name)}`}
          >
            {t.onlyTarget}
          </Anchor>
        )}
        {actor.kind === 'user' && (
          <Anchor
            component={Link}
            size="sm"
            onClick={close}
            href={`/admin/audit?actor=${encodeURIComponent(actor.name)}`}
          >
            {t.onlyActor}
          </Anchor>
        )}
        {target?.kind === 'session' && target.id !== null && (
          <Anchor component={Link} size="sm" href={`/admin/sessions/past?id=${encodeURIComponent(target.id)}`}>
            {t.openSession}
          </Anchor>
        )}
      </Group>
      {changes && changes.length > 0 && <Changes changes={changes} />}
      {rest.length > 0 && (
        <Box>
          <Title order={3} mb="xs">
            {t.details}
          </Title>
          <Facts>
            {rest.map(([name, value]) => (
              <Fact key={name} name={name}>
                {valueText(value) ?? t.nothing}
              </Fact>
            ))}
          </Facts>
        </Box>
      )}
      <Box>
        <Anchor component="button" type="button" size="sm" aria-expanded={raw} onClick={() => setRaw(!raw)}>
          {t.raw}
        </Anchor>
        {raw && (
          <Code block mt="xs">
            {JSON.stringify(row, null, 2)}
          </Code>
        )}
      </Box>
    </Stack>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const t = useWords(auditWords);
  return (
    <Box>
      <Title order={3} mb="xs">
        {t.changes}
      </Title>
      <Table layout="fixed" withTableBorder highlightOnHover={false} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="24%">{t.field}</Table.Th>
            <Table.Th>{t.before}</Table.Th>
            <Table.Th>{t.after}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ field, before, after }) => (
            <Table.Tr key={field}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{field}</Table.Td>
              <Value value={before} className={classes.before} />
              <Value value={after} className={classes.after} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}

function Value({ value, className }: { readonly value: unknown; readonly className: string | undefined }) {
  const t = useWords(auditWords);
  const text = valueText(value);
  // a row that tells of one side only leaves the other side blank
  if (value === undefined) return <Table.Td />;
  return (
    <Table.Td className={text === undefined ? undefined : className}>
      {text ?? (
        <Text span size="sm" c="dimmed">
          {t.nothing}
        </Text>
      )}
    </Table.Td>
  );
}
