import { Badge, Box, Group, Text, UnstyledButton } from '@mantine/core';
import { IconTerminal } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CommandView } from '../../../src/api/contract/commands.ts';
import { clockText } from '../kit/format.ts';
import { useSaid } from '../kit/said/said.ts';
import { SearchInput } from '../kit/search-input.tsx';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { type Commands, commandAt } from './commands.ts';
import type { Playback } from './playback.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';
import { usePlayback } from './use-playback.ts';

const COLOURS = {
  pass: 'gray',
  warn: 'yellow',
  deny: 'red',
  approved: 'teal',
  refused: 'red',
  cancelled: 'gray',
} as const;
const ROW_HEIGHT = 50;
/** A command was typed just before it was entered: so much earlier one sees it come. */
const LEAD = 0.5;

/** The commands of a session; pressing one shows it being typed. */
export function CommandList({
  commands,
  playback,
}: {
  readonly commands: Commands;
  readonly playback: Playback | undefined;
}) {
  const t = useWords(replayWords);
  const [text, setText] = useState('');
  const rows = useMemo(() => {
    const wanted = text.toLowerCase();
    return wanted === '' ? commands.rows : commands.rows.filter(({ line }) => line.toLowerCase().includes(wanted));
  }, [commands.rows, text]);
  if (commands.hidden) return <Said text={t.mayNotCommands} />;
  if (commands.loading) return <Waiting />;
  if (commands.error) return <Failed error={commands.error} />;
  if (commands.rows.length === 0) return <Empty icon={IconTerminal} title={t.noCommands} text={t.noCommandsText} />;
  return (
    <>
      <Box p="xs">
        <SearchInput value={text} onChange={setText} placeholder={t.findCommand} aria-label={t.findCommand} size="xs" />
      </Box>
      {rows.length === 0 ? <Said text={t.noMatch} /> : <Rows rows={rows} playback={playback} />}
      {commands.cut && <Said text={t.first(commands.rows.length)} />}
    </>
  );
}

function Rows({ rows, playback }: { readonly rows: readonly CommandView[]; readonly playback: Playback | undefined }) {
  const list = useRef<HTMLDivElement>(null);
  const now = usePlayback(playback, ({ time }) => (playback ? commandAt(rows, time) : -1));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  useEffect(() => {
    if (now >= 0) virtual.scrollToIndex(now, { align: 'auto' });
  }, [now, virtual]);
  return (
    <div className={classes.list} ref={list}>
      <ul style={{ height: virtual.getTotalSize(), position: 'relative', margin: 0, padding: 0, listStyle: 'none' }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            style={{ position: 'absolute', top: 0, width: '100%', transform: `translateY(${start}px)` }}
          >
            <Row row={rows[index]!} isNow={index === now} playback={playback} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Row(props: { readonly row: CommandView; readonly isNow: boolean; readonly playback: Playback | undefined }) {
  const t = useWords(replayWords);
  const said = useSaid();
  const { row, isNow, playback } = props;
  return (
    <UnstyledButton
      className={classes.row}
      data-now={isNow || undefined}
      aria-current={isNow || undefined}
      disabled={!playback}
      onClick={() => void playback?.seek(row.seconds - LEAD)}
    >
      <Text size="sm" className={`mono ${classes.line}`} fs={row.confidence === 'unparsed' ? 'italic' : undefined}>
        {row.confidence === 'unparsed' ? said(row.line) : row.line}
      </Text>
      <Group gap={6} mt={2}>
        <Text size="xs" c="dimmed" className="mono">
          {clockText(row.seconds)}
        </Text>
        {row.verdict !== 'pass' && (
          <Badge size="xs" color={COLOURS[row.verdict]}>
            {t[row.verdict]}
          </Badge>
        )}
        {row.reviewer !== null && (
          <Text size="xs" c="dimmed">
            {t.by(row.reviewer)}
          </Text>
        )}
        {row.exitCode !== null && row.exitCode !== 0 && (
          <Text size="xs" c="orange">
            {t.exitCode(row.exitCode)}
          </Text>
        )}
        {row.confidence === 'unparsed' && (
          <Text size="xs" c="dimmed">
            {t.unparsed}
          </Text>
        )}
      </Group>
    </UnstyledButton>
  );
}

/** One sentence in place of a list. */
export function Said({ text }: { readonly text: string }) {
  return (
    <Text size="sm" c="dimmed" p="md" ta="center">
      {text}
    </Text>
  );
}
