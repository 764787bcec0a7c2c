import { Badge, Button, Group, Text } from '@mantine/core';
import { IconScript, IconShieldSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { AuditView } from '../../../../src/api/contract/audit.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { Moment } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ChoiceFilter } from '../parts/choice-filter.tsx';
import { Clip } from '../parts/clip.tsx';
import { ExportButton } from '../parts/download.tsx';
import { partWords } from '../parts/part-words.ts';
import { Stretch } from '../parts/stretch.tsx';
import { TimeRangeFilter, useTimeRange } from '../parts/time-range.tsx';
import { useActionText, useReasonText, useThingText } from './action-text.ts';
import { THINGS } from './action-words.ts';
import { RowDrawer } from './row-drawer.tsx';
import { auditWords } from './words.ts';

export const OUTCOME_COLORS = { ok: 'gray', denied: 'red', failed: 'orange' } as const;
const OUTCOMES = ['ok', 'denied', 'failed'] as const;

export function AuditList() {
  const t = useWords(auditWords);
  const parts = useWords(partWords);
  const { short } = useFormat();
  const actionText = useActionText();
  const reasonText = useReasonText();
  const thingText = useThingText();
  const [get, set] = useUrlState();
  const [opened, setOpened] = useState<AuditView>();
  const range = useTimeRange();
  const query = {
    action: get('action'),
    actor: get('actor'),
    target: get('target'),
    outcome: OUTCOMES.find((outcome) => outcome === get('outcome')),
    ...range,
  };
  const list = usePaged('audit', query, (page) => api.audit.list({ ...query, ...page }));
  const columns: Column<AuditView>[] = [
    {
      key: 'when',
      title: t.when,
      from: 'sm',
      width: 140,
      render: (row) => <Moment at={row.at} />,
    },
    {
      key: 'who',
      title: t.who,
      render: (row) => (
        <Clip
          text={row.actor.kind === 'user' ? row.actor.name : t[`kind_${row.actor.kind}`]}
          c={row.actor.kind === 'user' ? undefined : 'dimmed'}
          max="min(160px, 18vw)"
        />
      ),
    },
    {
      key: 'what',
      title: t.what,
      render: (row) => (
        <>
          <Clip text={actionText(row.action)} fw={500} max={220} />
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {short(row.at)}
          </Text>
        </>
      ),
    },
    {
      key: 'target',
      title: t.target,
      from: 'sm',
      width: '22%',
      render: (row) => (
        <Stretch min={80}>
          <Clip text={row.target?.name ?? '–'} max="100%" />
        </Stretch>
      ),
    },
    {
      key: 'outcome',
      title: t.outcome,
      render: (row) =>
        row.outcome === 'ok' ? (
          <Text size="sm" c="dimmed">
            {t.ok}
          </Text>
        ) : (
          <Badge miw="max-content" color={OUTCOME_COLORS[row.outcome]}>
            {t[row.outcome]}
          </Badge>
        ),
    },
    {
      key: 'reason',
      title: t.reason,
      from: 'lg',
      width: '24%',
      render: (row) => {
        const text = reasonText(row);
        return (
          text !== null && (
            <Stretch min={80}>
              <Clip text={text} c="dimmed" max="100%" />
            </Stretch>
          )
        );
      },
    },
  ];
  const action = query.action ?? null;
  const things = THINGS.map((value) => ({ value: value as string, label: thingText(value) }));
  // an address may name an action of its own
  const known = action === null || things.some(({ value }) => value === action);
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        <>
          <ExportButton
            path="/audit/export"
            values={{ since: range.since }}
            what="audit"
            hint={parts.exportChainHint}
          />
          <Button component={Link} href="/admin/audit/verify" leftSection={<IconShieldSearch size={16} />}>
            {t.verify}
          </Button>
        </>
      }
    >
      <Group gap="xs">
        <ChoiceFilter
          w={170}
          aria-label={t.action}
          none={t.anyThing}
          searchable
          choices={known ? things : [{ value: action, label: actionText(action) }, ...things]}
          value={action}
          onChange={(value) => set({ action: value ?? undefined })}
        />
        <SearchInput
          w={150}
          aria-label={t.actor}
          placeholder={t.actorHint}
          value={query.actor ?? ''}
          onChange={(actor) => set({ actor })}
        />
        <SearchInput
          w={170}
          aria-label={t.target}
          placeholder={t.targetHint}
          value={query.target ?? ''}
          onChange={(target) => set({ target })}
        />
        <ChoiceFilter
          w={140}
          aria-label={t.outcome}
          none={t.anyOutcome}
          choices={OUTCOMES.map((value) => ({ value, label: t[value] }))}
          value={query.outcome ?? null}
          onChange={(outcome) => set({ outcome: outcome ?? undefined })}
        />
        <TimeRangeFilter />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => `${row.action} ${row.seq}`}
        onOpen={setOpened}
        filtered={Object.values(query).some((value) => value !== undefined)}
        empty={<Empty icon={IconScript} title={t.emptyTitle} text={t.emptyText} />}
      />
      <RowDrawer row={opened} close={() => setOpened(undefined)} />
    </Page>
  );
}
