import {
  ActionIcon,
  Avatar,
  Badge,
  Box,
  Button,
  CopyButton,
  Group,
  Popover,
  Stack,
  Text,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import {
  IconCheck,
  IconKeyboard,
  IconKeyboardOff,
  IconLink,
  IconLock,
  IconLockOpen,
  IconMaximize,
  IconPlayerStop,
} from '@tabler/icons-react';
import { type RefObject, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { api, queries } from '../kit/api.ts';
import { Brand } from '../kit/brand.tsx';
import { useConfirm } from '../kit/confirm.tsx';
import { toggleFullScreen } from '../kit/full-screen.ts';
import { useMay } from '../kit/me.ts';
import { Ago } from '../kit/moment.tsx';
import type { Icon } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import classes from './watch.module.css';
import type { WatchConnection, WatchState } from './watch-connection.ts';
import { watchWords } from './watch-words.ts';

interface BarProps {
  readonly id: string;
  /** By a link: then there is no way to the session's own page. */
  readonly shared: boolean;
  readonly state: WatchState;
  readonly connection: WatchConnection | undefined;
  /** What is shown on the whole screen. */
  readonly page: RefObject<HTMLDivElement | null>;
}

/** Who and what is watched, and what can be done about it. */
export function WatchBar({ id, shared, state, connection, page }: BarProps) {
  const t = useWords(watchWords);
  const may = useMay();
  const { session } = state;
  const live = state.status === 'live';
  return (
    <header className={classes.bar}>
      <UnstyledButton
        component={Link}
        href={shared || !may('sessions.read') ? '/luna' : `/admin/sessions?id=${id}`}
        aria-label="Bastion"
      >
        <Brand size={24} name={false} />
      </UnstyledButton>
      <div className={classes.who}>
        <Group gap={8} wrap="nowrap">
          <Text fw={600} truncate>
            {session ? session.user : t.watching}
          </Text>
          {session && (
            <Text size="sm" c="dimmed" className="mono" truncate>
              {t.as(session.account, session.asset)}
            </Text>
          )}
          <Status state={state} />
        </Group>
        {session && <Ago at={session.startedAt} size="xs" />}
      </div>
      <Group gap={6} wrap="nowrap">
        <People state={state} />
        {live && session?.mayJoin && connection && <Join state={state} connection={connection} />}
        {live && session?.mayControl && <Control id={id} state={state} />}
        {!shared && (
          <CopyButton value={`${location.origin}/watch/${id}`}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? t.copied : t.copyLink}>
                <ActionIcon aria-label={t.copyLink} onClick={copy} color={copied ? 'teal' : 'gray'}>
                  {copied ? <IconCheck size={18} /> : <IconLink size={18} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        )}
        <Tooltip label={t.fullScreen}>
          <ActionIcon aria-label={t.fullScreen} onClick={() => toggleFullScreen(page.current)}>
            <IconMaximize size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <FullScreenKey page={page} off={state.typing} />
    </header>
  );
}

function Status({ state }: { readonly state: WatchState }) {
  const t = useWords(watchWords);
  const [color, text] = (
    {
      connecting: ['gray', t.connecting],
      live: ['teal', t.live],
      lost: ['orange', t.lost],
      ended: ['gray', t.over],
      refused: ['gray', t.refused],
    } as const
  )[state.status];
  const dot = <span className={`${classes.dot} ${state.status === 'live' ? classes.pulse : ''}`} />;
  return (
    <Badge color={color} leftSection={dot} style={{ flex: 'none' }} role="status">
      {text}
    </Badge>
  );
}

function People({ state: { people } }: { readonly state: WatchState }) {
  const t = useWords(watchWords);
  if (people.length === 0) return null;
  return (
    <Popover position="bottom-end" shadow="md" withArrow>
      <Popover.Target>
        <UnstyledButton aria-label={`${t.people}: ${people.map(({ name }) => name).join(', ')}`}>
          <Avatar.Group spacing={8}>
            {people.slice(0, 3).map(({ name, typing }) => (
              <Avatar key={name} name={name} color={typing ? 'orange' : 'initials'} size={28} radius="xl" />
            ))}
            {people.length > 3 && (
              <Avatar size={28} radius="xl">
                +{people.length - 3}
              </Avatar>
            )}
          </Avatar.Group>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={6}>
          {people.map(({ name, typing }) => (
            <Group key={name} justify="space-between" gap="lg" wrap="nowrap">
              <Text size="sm">{name}</Text>
              <Text size="xs" c={typing ? 'orange' : 'dimmed'}>
                {typing ? t.types : t.looks}
              </Text>
            </Group>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Join({ state, connection }: { readonly state: WatchState; readonly connection: WatchConnection }) {
  const t = useWords(watchWords);
  return state.typing ? (
    <Deed icon={IconKeyboardOff} word={t.leave} color="orange" variant="filled" onClick={() => connection.part()} />
  ) : (
    <Deed icon={IconKeyboard} word={t.join} hint={t.joinHint} onClick={() => connection.join()} />
  );
}

/** A button with its word where there is room for it. */
function Deed(props: {
  readonly icon: Icon;
  readonly word: string;
  readonly hint?: string | undefined;
  readonly color?: string;
  readonly variant?: string;
  readonly loading?: boolean;
  readonly onClick: () => void;
}) {
  const { icon: Glyph, word, hint, color, variant = 'default', loading, onClick } = props;
  const looks = { ...(color && { color }), ...(loading !== undefined && { loading }), variant, onClick };
  return (
    <Tooltip label={hint ?? word} multiline maw={260} disabled={hint === undefined}>
      <Box>
        <Button size="compact-sm" visibleFrom="md" leftSection={<Glyph size={16} />} {...looks}>
          {word}
        </Button>
        <ActionIcon size="md" hiddenFrom="md" aria-label={word} {...looks}>
          <Glyph size={16} />
        </ActionIcon>
      </Box>
    </Tooltip>
  );
}

function Control({ id, state }: { readonly id: string; readonly state: WatchState }) {
  const t = useWords(watchWords);
  const tell = useTell();
  const confirm = useConfirm();
  const [busy, setBusy] = useState(false);
  const locked = state.lockedBy !== undefined;
  const { user = '', asset = '' } = state.session ?? {};
  const toggle = async () => {
    setBusy(true);
    try {
      await (locked ? api.sessions.unlock({ id }) : api.sessions.lock({ id }));
    } catch (error) {
      tell.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const end = () =>
    confirm({
      title: t.endTitle,
      text: t.endText(user, asset),
      action: t.end,
      async run() {
        await api.sessions.end({ id });
        void queries.invalidateQueries({ queryKey: ['sessions'] });
        tell.done(t.ended);
      },
    });
  return (
    <>
      <Deed
        icon={locked ? IconLockOpen : IconLock}
        word={locked ? t.unlock : t.lock}
        hint={locked ? undefined : t.lockHint}
        loading={busy}
        onClick={() => void toggle()}
      />
      <Deed icon={IconPlayerStop} word={t.end} color="red" variant="light" onClick={end} />
    </>
  );
}

/** F, unless somebody types to the session or into a field. */
function FullScreenKey({ page, off }: { readonly page: BarProps['page']; readonly off: boolean }) {
  useEffect(() => {
    if (off) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'f' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, select, [role="dialog"]')) return;
      toggleFullScreen(page.current);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [page, off]);
  return null;
}
