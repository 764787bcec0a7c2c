import { Badge, Box, CloseButton, Group, Highlight, Text, Tooltip } from '@mantine/core';
import { IconTerminal } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { CommandView } from '../../../../src/api/contract/commands.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { usePaged } from '../../kit/paged.ts';
import { useSaid } from '../../kit/said/said.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ChoiceFilter } from '../parts/choice-filter.tsx';
import { Clip } from '../parts/clip.tsx';
import { ExportButton } from '../parts/download.tsx';
import { NameFilter } from '../parts/name-filter.tsx';
import { partWords } from '../parts/part-words.ts';
import { rowColumns } from '../parts/row-columns.tsx';
import { Stretch } from '../parts/stretch.tsx';
import { TimeRangeFilter, useTimeRange } from '../parts/time-range.tsx';
import { VERDICTS, Verdict } from './verdict.tsx';
import { commandWords } from './words.ts';

export function CommandLines() {
  const t = useWords(commandWords);
  const common = useWords(partWords);
  const may = useMay();
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const range = useTimeRange();
  const text = get('text');
  const query = {
    text,
    user: get('user'),
    asset: get('asset'),
    account: get('account'),
    session: get('session'),
    verdict: VERDICTS.find((verdict) => verdict === get('verdict')),
    ...range,
  };
  const list = usePaged('commands', query, (page) => api.commands.list({ ...query, ...page }));
  const columns: Column<CommandView>[] = [
    ...rowColumns<CommandView>(t, ({ at }) => at, true),
    { key: 'command', title: t.command, width: '46%', render: (row) => <Line row={row} text={text} /> },
    { key: 'verdict', title: t.verdict, render: (row) => <Verdict command={row} /> },
    {
      key: 'exit',
      title: t.exit,
      align: 'right',
      from: 'lg',
      render: (row) => (
        <Text size="sm" c={row.exitCode !== null && row.exitCode !== 0 ? 'orange' : 'dimmed'}>
          {row.exitCode ?? '–'}
        </Text>
      ),
    },
    {
      key: 'sure',
      title: t.sure,
      from: 'lg',
      render: (row) => (
        <Tooltip label={t[`${row.confidence}Text`]} multiline maw={320}>
          <Text span size="sm" c={row.confidence === 'unparsed' ? 'orange' : 'dimmed'}>
            {t[row.confidence]}
          </Text>
        </Tooltip>
      ),
    },
  ];
  return (
    <>
      <Group gap="xs">
        <SearchInput
          w={260}
          placeholder={t.searchLines}
          value={text ?? ''}
          onChange={(value) => set({ text: value })}
        />
        <NameFilter kind="user" />
        <NameFilter kind="asset" />
        <SearchInput
          w={130}
          aria-label={common.account}
          placeholder={common.account}
          value={query.account ?? ''}
          onChange={(account) => set({ account })}
        />
        <ChoiceFilter
          w={140}
          aria-label={t.verdict}
          none={t.anyVerdict}
          choices={VERDICTS.map((value) => ({ value, label: t[value] }))}
          value={query.verdict ?? null}
          onChange={(verdict) => set({ verdict: verdict ?? undefined })}
        />
        <TimeRangeFilter />
        {query.session !== undefined && <OneSession close={() => set({ session: undefined })} />}
        <Box ml="auto">
          <ExportButton path="/commands/export" values={query} what="commands" />
        </Box>
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => row.line}
        onOpen={
          may('recordings.read') ? (row) => navigate(`/replay/${row.session}?t=${Math.floor(row.seconds)}`) : undefined
        }
        filtered={Object.values(query).some((value) => value !== undefined)}
        empty={<Empty icon={IconTerminal} title={t.emptyTitle} text={t.emptyText} />}
      />
    </>
  );
}

/** The command, what it was typed into, and what the shell itself said about it. */
function Line({ row, text }: { readonly row: CommandView; readonly text: string | undefined }) {
  const t = useWords(commandWords);
  const { short } = useFormat();
  const said = useSaid();
  // what a full-screen program took is no command but a sentence
  const line = row.confidence === 'unparsed' ? said(row.line) : row.line;
  const about = [
    t[`ctx_${row.context}`],
    row.cwd,
    row.reported !== null && row.reported !== row.line && t.reported(row.reported),
  ];
  return (
    <Stretch>
      <Tooltip label={line} multiline maw={560} style={{ overflowWrap: 'anywhere' }} disabled={line.length < 24}>
        <Highlight className="mono" size="sm" truncate highlight={text ?? ''}>
          {line}
        </Highlight>
      </Tooltip>
      <Clip size="xs" c="dimmed" text={about.filter(Boolean).join(' · ')} max="100%" />
      <Text size="xs" c="dimmed" hiddenFrom="sm">
        {`${short(row.at)} · ${row.asset}`}
      </Text>
    </Stretch>
  );
}

/** Says that only one session is looked at, and takes that away. */
export function OneSession({ close }: { readonly close: () => void }) {
  const t = useWords(commandWords);
  const common = useWords(partWords);
  return (
    <Badge
      size="lg"
      color="indigo"
      rightSection={<CloseButton size="xs" aria-label={common.clearFilters} onClick={close} />}
    >
      {t.ofSession}
    </Badge>
  );
}
