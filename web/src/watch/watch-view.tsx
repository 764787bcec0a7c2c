import { Alert, Box, Button, Paper, Stack, Text, Title } from '@mantine/core';
import { IconEyeOff, IconKeyboard, IconLock, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { isNoSuch } from '../kit/api.ts';
import { useCauseText } from '../kit/end-cause.ts';
import { kitWords } from '../kit/kit-words.ts';
import { useMay } from '../kit/me.ts';
import { useDocumentTitle } from '../kit/page.tsx';
import { useSaid } from '../kit/said/said.ts';
import { sessionAsked } from '../kit/session-asked.ts';
import { useWords } from '../kit/words.ts';
import classes from './watch.module.css';
import { WatchBar } from './watch-bar.tsx';
import { WatchConnection, type WatchState } from './watch-connection.ts';
import { watchWords } from './watch-words.ts';
import { WatchedTerminal } from './watched-terminal.ts';

const NOTHING_YET: WatchState = {
  status: 'connecting',
  session: undefined,
  lockedBy: undefined,
  typing: false,
  people: [],
  ended: undefined,
  refused: undefined,
};
const NOTICE_MS = 8000;

/** One live session, full size: by one's own right, or by the token of a link (`share`). */
export default function WatchView({ id, share }: { readonly id: string; readonly share?: string | undefined }) {
  const t = useWords(watchWords);
  const said = useSaid();
  const place = useRef<HTMLDivElement>(null);
  const page = useRef<HTMLDivElement>(null);
  const [connection, setConnection] = useState<WatchConnection>();
  const [notice, setNotice] = useState<string>();
  useEffect(() => {
    if (!place.current) return;
    const terminal = new WatchedTerminal(place.current, (text) => watch.type(text));
    const watch = new WatchConnection(id, share, terminal, setNotice);
    const off = watch.subscribe(() => terminal.setTyping(watch.state.typing));
    setConnection(watch);
    return () => {
      off();
      watch.close();
      terminal.dispose();
    };
  }, [id, share]);
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  const state = useConnection(connection);
  const { session } = state;
  useDocumentTitle(session ? t.title(session.user, session.asset) : t.watching);
  return (
    <div className={classes.page} ref={page}>
      <WatchBar id={id} shared={share !== undefined} state={state} connection={connection} page={page} />
      {state.lockedBy !== undefined && state.status === 'live' && (
        <Alert color="orange" variant="filled" radius={0} py={6} icon={<IconLock size={16} />}>
          {t.lockedBy(state.lockedBy)}
        </Alert>
      )}
      {state.typing && (
        <Alert color="orange" variant="filled" radius={0} py={6} icon={<IconKeyboard size={16} />}>
          {t.youType}
        </Alert>
      )}
      <Box className={`${classes.stage} ${state.typing ? classes.typing : ''}`}>
        <div className={classes.place} ref={place} data-testid="watched" />
        <Over id={id} state={state} />
        {notice !== undefined && (
          <Paper
            pos="absolute"
            bottom={16}
            left="50%"
            px="md"
            py={6}
            shadow="md"
            role="status"
            style={{ transform: 'translateX(-50%)' }}
          >
            <Text size="sm">{said(notice)}</Text>
          </Paper>
        )}
      </Box>
    </div>
  );
}

function useConnection(connection: WatchConnection | undefined): WatchState {
  return useSyncExternalStore(
    (listener) => connection?.subscribe(listener) ?? (() => {}),
    () => connection?.state ?? NOTHING_YET,
  );
}

/** What is said in place of the picture once there is none. */
function Over({ id, state }: { readonly id: string; readonly state: WatchState }) {
  const t = useWords(watchWords);
  const said = useSaid();
  const causeText = useCauseText();
  const may = useMay();
  const kit = useWords(kitWords);
  const code = state.refused?.code;
  const gone = state.status === 'refused' && code === 'not_found' && !state.session;
  // whether it ever was is told only to who may ask for it
  const asked = useQuery({ ...sessionAsked(id), enabled: gone && may('sessions.read') });
  const replay = may('recordings.read') && (
    <Button component={Link} href={`/replay/${id}`} leftSection={<IconPlayerPlay size={16} />}>
      {t.replay}
    </Button>
  );
  if (state.status === 'ended' && state.ended) {
    const { cause, detail, exitCode } = state.ended;
    return (
      <Card title={t.endedTitle} action={replay}>
        {causeText(cause, detail)}
        {cause === 'target-closed' && exitCode !== null && exitCode !== 0 && ` ${t.exit(exitCode)}`}
      </Card>
    );
  }
  if (state.status !== 'refused') return null;
  if (gone) {
    if (asked.isLoading) return null;
    return isNoSuch(asked.error) ? (
      <Card title={kit.noSessionTitle} icon action={false}>
        {kit.noSessionText}
      </Card>
    ) : (
      <Card title={t.notLiveTitle} action={replay}>
        {t.notLiveText}
      </Card>
    );
  }
  const text =
    code === 'unsupported'
      ? t.noTerminalText
      : state.session
        ? t.withdrawn
        : code === 'forbidden'
          ? t.forbiddenText
          : said(state.refused?.message ?? '');
  return (
    <Card title={t.refusedTitle} icon action={code === 'unsupported' && replay}>
      {text}
    </Card>
  );
}

function Card(props: {
  readonly title: string;
  readonly icon?: boolean;
  readonly action: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.over} role="alert">
      <Paper className={classes.card} shadow="lg">
        <Stack align="center" gap="sm">
          {props.icon && <IconEyeOff size={32} stroke={1.5} />}
          <Title order={2}>{props.title}</Title>
          <Text size="sm" c="dimmed">
            {props.children}
          </Text>
          {props.action}
        </Stack>
      </Paper>
    </div>
  );
}
