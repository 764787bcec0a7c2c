import { ActionIcon, Badge, Button, Group, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconAlarm,
  IconDots,
  IconEye,
  IconFiles,
  IconHash,
  IconKeyboard,
  IconLayoutColumns,
  IconLayoutRows,
  IconLink,
  IconLock,
  IconPlugConnected,
  IconShare3,
  IconTerminal2,
  IconX,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { clockText } from '../kit/format.ts';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { copyText } from './clipboard.ts';
import { useClosing } from './closing.tsx';
import { MenuEntries, type MenuEntry } from './context-menu.tsx';
import { startDrag, stopDrag } from './dragging.ts';
import classes from './luna.module.css';
import { dialog, showClient, showFiles } from './opened.ts';
import paneClasses from './panes.module.css';
import type { Shell, ShellView } from './shell.ts';
import { stateOf } from './tab-strip.tsx';
import { words } from './words.ts';
import { openShell } from './workspace.ts';

interface Props {
  readonly shell: Shell;
  readonly view: ShellView;
  readonly alone: boolean;
}

const GOOD_MS = 80;
const FAIR_MS = 250;

/** The line above a terminal: where one is, for how long, and what there is to know about it. */
export function SessionBar({ shell, view, alone }: Props) {
  const t = useWords(words);
  const { wish, session, latency, people, lockedBy, title } = view;
  const live = view.phase === 'ready';
  const typing = people.filter((one) => one.typing);
  const state = stateOf(view);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: can be dragged; the menu does the same by keyboard
    <header
      className={paneClasses.bar}
      draggable={!alone}
      onDragStart={(event) => startDrag(event, { pane: shell.id })}
      onDragEnd={stopDrag}
    >
      <span className={classes.dot} data-state={state} title={t.stateName(state)} />
      <Text span size="xs" fw={600} truncate>
        {wish.account && wish.account !== '@input' ? `${wish.account}@${wish.asset}` : wish.asset}
      </Text>
      {title !== '' && (
        <Text span size="xs" c="dimmed" truncate className={paneClasses.barTitle}>
          {title}
        </Text>
      )}
      <span style={{ flex: 1 }} />
      <Warning shell={shell} view={view} />
      {lockedBy !== null && (
        <Tooltip label={t.lockedBy(lockedBy)}>
          <Badge size="sm" color="red" leftSection={<IconLock size={11} />}>
            {t.locked}
          </Badge>
        </Tooltip>
      )}
      {people.length > 0 && (
        <Tooltip label={t.watchedBy(people.map((one) => (one.typing ? t.typesAlong(one.name) : one.name)).join(', '))}>
          <Badge
            size="sm"
            color={typing.length > 0 ? 'orange' : 'blue'}
            leftSection={typing.length > 0 ? <IconKeyboard size={11} /> : <IconEye size={11} />}
          >
            {people.length}
          </Badge>
        </Tooltip>
      )}
      {live && latency !== null && (
        <Tooltip label={t.latency}>
          <Text
            span
            size="xs"
            className={paneClasses.figures}
            c={latency < GOOD_MS ? 'dimmed' : latency < FAIR_MS ? 'yellow' : 'red'}
          >
            {latency} ms
          </Text>
        </Tooltip>
      )}
      {live && session && <Elapsed since={session.startedAt} />}
      <PaneMenu shell={shell} view={view} alone={alone} />
    </header>
  );
}

function useSecond(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Elapsed({ since }: { readonly since: string }) {
  const t = useWords(words);
  const now = useSecond();
  return (
    <Tooltip label={t.elapsed}>
      <Text span size="xs" c="dimmed" className={paneClasses.figures}>
        {clockText((now - Date.parse(since)) / 1000)}
      </Text>
    </Tooltip>
  );
}

function Warning({ shell, view }: Omit<Props, 'alone'>) {
  if (view.warning === null) return null;
  return <Countdown shell={shell} warning={view.warning} />;
}

/** The session will end: why, and in how long. */
function Countdown(props: { readonly shell: Shell; readonly warning: NonNullable<ShellView['warning']> }) {
  const t = useWords(words);
  const left = clockText((props.warning.at - useSecond()) / 1000);
  const { cause } = props.warning;
  return (
    <Group gap={6} wrap="nowrap" className={paneClasses.warning} role="alert">
      <IconAlarm size={14} />
      <Text span size="xs" truncate>
        {t.warning(cause, left)}
      </Text>
      {cause === 'idle' && (
        // pressing a key is what keeps it: none is pressed for anybody
        <Button size="compact-xs" variant="white" color="orange" flex="none" onClick={() => props.shell.focus()}>
          {t.stay}
        </Button>
      )}
    </Group>
  );
}

function PaneMenu({ shell, view, alone }: Props) {
  const t = useWords(words);
  const tell = useTell();
  const close = useClosing();
  const { wish, session } = view;
  const copy = (text: string) => void copyText(text).then(() => tell.done(t.copiedText(text)), tell.failed);
  const notLive = view.phase === 'ready' ? undefined : t.onlyLive;
  const entries: MenuEntry[] = [
    {
      label: t.files,
      icon: IconFiles,
      run: () => showFiles(shell),
    },
    {
      label: t.share,
      icon: IconShare3,
      not: notLive ?? (shell.may('share') ? undefined : t.mayNotShare),
      run: () => session && dialog.set({ kind: 'share', session: session.session }),
    },
    {
      label: t.ownClient,
      icon: IconTerminal2,
      run: () => showClient(shell),
    },
    'line',
    {
      label: t.splitRight,
      icon: IconLayoutColumns,
      run: () => openShell(wish, { pane: shell.id, edge: 'right' }),
    },
    { label: t.splitDown, icon: IconLayoutRows, run: () => openShell(wish, { pane: shell.id, edge: 'bottom' }) },
    'line',
    { label: t.reconnect, icon: IconPlugConnected, run: () => close.reconnect([shell.id]) },
    { label: t.copyLink, icon: IconLink, run: () => copy(linkTo(view)) },
    {
      label: t.copySession,
      icon: IconHash,
      not: session ? undefined : t.onlyLive,
      run: () => session && copy(session.session),
    },
    'line',
    { label: t.close, icon: IconX, run: () => close.pane(shell.id) },
  ];
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label={t.files}>
        <ActionIcon size="sm" aria-label={t.filesOf(wish.asset)} onClick={() => showFiles(shell)}>
          <IconFiles size={15} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" shadow="md" width={230} returnFocus={false}>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={t.sessionMenu(wish.asset)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MenuEntries entries={entries} />
        </Menu.Dropdown>
      </Menu>
      {!alone && (
        <ActionIcon size="sm" aria-label={t.closePane(wish.asset)} onClick={() => close.pane(shell.id)}>
          <IconX size={14} />
        </ActionIcon>
      )}
    </Group>
  );
}

/** The address that opens the same again. */
function linkTo({ wish }: ShellView): string {
  const query = new URLSearchParams({ asset: wish.asset });
  if (wish.account) query.set('account', wish.account);
  if (wish.protocol) query.set('protocol', wish.protocol);
  return `${location.origin}/luna?${query}`;
}
