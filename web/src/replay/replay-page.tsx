import { Button, Center, Paper, Stack } from '@mantine/core';
import { IconBroadcast, IconFileOff, IconHourglass, IconMovieOff, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { api, isNoSuch } from '../kit/api.ts';
import { NoSession } from '../kit/no-session.tsx';
import { useDocumentTitle } from '../kit/page.tsx';
import { sessionAsked } from '../kit/session-asked.ts';
import { Empty, Failed, type Icon, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import classes from './replay.module.css';
import { ReplayBar } from './replay-bar.tsx';
import { replayWords } from './replay-words.ts';
import { SidePanel } from './side-panel.tsx';
import { Theatre } from './theatre.tsx';

/** A recording that is still being written is asked for again after so long. */
const AGAIN_MS = 1500;

/** `/replay/ID?t=SECONDS` */
export default function ReplayPage() {
  const { id = '' } = useParams();
  const t = useWords(replayWords);
  const session = useQuery({
    ...sessionAsked(id),
    refetchInterval: ({ state }) => (state.data?.recording === 'spool' ? AGAIN_MS : false),
  });
  const { data } = session;
  useDocumentTitle(data ? t.title(data.user, data.asset) : t.recording);
  if (!data) {
    return (
      <Center mih="80vh" p="md">
        {isNoSuch(session.error) ? (
          <NoSession />
        ) : session.error ? (
          <Failed error={session.error} retry={() => void session.refetch()} />
        ) : (
          <Waiting />
        )}
      </Center>
    );
  }
  return data.recording === 'ready' ? <Recorded session={data} /> : <Without session={data} />;
}

function Recorded({ session }: { readonly session: SessionView }) {
  const index = useQuery({
    queryKey: ['recordings', session.id],
    queryFn: () => api.sessions.recordingIndex({ id: session.id }),
    // each look is audited: once for a visit is enough
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <div className={classes.page}>
      {index.data ? (
        <Theatre session={session} index={index.data} />
      ) : (
        <>
          <ReplayBar session={session} />
          <Center flex={1} p="md">
            {index.error ? <Failed error={index.error} retry={() => void index.refetch()} /> : <Waiting />}
          </Center>
        </>
      )}
    </div>
  );
}

/** What there is of a session that cannot be played: its facts, and its lists. */
function Without({ session }: { readonly session: SessionView }) {
  const t = useWords(replayWords);
  const isLive = session.state === 'live';
  const [icon, title, text]: readonly [Icon, string, string] = isLive
    ? [IconBroadcast, t.liveTitle, t.liveText]
    : session.recording === 'spool'
      ? [IconHourglass, t.writingTitle, t.writingText]
      : session.recording === 'removed'
        ? [IconTrash, t.removedTitle, t.removedText]
        : session.recording === 'failed'
          ? [IconMovieOff, t.failedTitle, t.failedText]
          : [IconFileOff, t.noneTitle, session.use === 'forward' ? t.forwardText : t.noneText];
  const watch = isLive && (
    <Button component={Link} href={`/watch/${session.id}`} leftSection={<IconBroadcast size={16} />}>
      {t.watch}
    </Button>
  );
  return (
    <div className={classes.page}>
      <ReplayBar session={session} />
      <div className={classes.body}>
        <Center flex={1} p="md" mih={260}>
          <Paper p="lg">
            <Stack>
              <Empty icon={icon} title={title} text={text} action={watch} />
            </Stack>
          </Paper>
        </Center>
        <SidePanel session={session} />
      </div>
    </div>
  );
}
