import { Badge, Button, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { WebSessionView } from '../../../src/api/contract/sign-in.ts';
import { api, queries } from '../kit/api.ts';
import { useConfirm } from '../kit/confirm.tsx';
import { Ago } from '../kit/moment.tsx';
import { Page } from '../kit/page.tsx';
import { Failed, Waiting } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { browserName } from './user-agent.ts';
import { profileWords } from './words.ts';

const again = () => queries.invalidateQueries({ queryKey: ['sign-ins'] });

/** Where one is signed in with a browser. */
export function SignInsSection() {
  const t = useWords(profileWords);
  const confirm = useConfirm();
  const tell = useTell();
  const { data, error, refetch } = useQuery({ queryKey: ['sign-ins'], queryFn: () => api.signIns.list() });
  const others = data?.filter(({ current }) => !current).length ?? 0;
  const endOthers = () =>
    confirm({
      title: t.signOutOthers,
      text: t.signOutOthersText,
      action: t.signOutOthers,
      async run() {
        const { ended } = await api.signIns.endOthers();
        await again();
        tell.done(t.signedOutOthers(ended));
      },
    });
  const actions = others > 0 && (
    <Button variant="default" onClick={endOthers}>
      {t.signOutOthers}
    </Button>
  );
  return (
    <Page title={t.signIns} description={t.signInsText} actions={actions}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data ? (
        <Stack gap="sm">
          {data.map((session) => (
            <SignInCard key={session.id} session={session} />
          ))}
          {others === 0 && (
            <Text size="sm" c="dimmed">
              {t.onlyThis}
            </Text>
          )}
        </Stack>
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function SignInCard({ session }: { readonly session: WebSessionView }) {
  const t = useWords(profileWords);
  const tell = useTell();
  const known = browserName(session.userAgent);
  const Glyph = known && /^(?:iOS|Android)$/.test(known.system) ? IconDeviceMobile : IconDeviceDesktop;
  const end = async () => {
    try {
      await api.signIns.end({ id: session.id });
      await again();
      tell.done(t.signedOut);
    } catch (thrown) {
      tell.failed(thrown);
    }
  };
  return (
    <Paper withBorder p="md">
      <Group gap="md">
        <ThemeIcon size={40} radius="xl" variant="light" color={session.current ? 'teal' : 'gray'}>
          <Glyph size={21} stroke={1.6} />
        </ThemeIcon>
        <Stack gap={2} miw={0} flex="1 1 240px">
          <Group gap="xs">
            <Text fw={600} title={session.userAgent}>
              {known ? t.on(known.browser, known.system) : session.userAgent.slice(0, 60) || t.unknownBrowser}
            </Text>
            {session.current && <Badge color="teal">{t.thisOne}</Badge>}
          </Group>
          <Text size="sm" c="dimmed" component="div">
            <span className="mono">{session.ip}</span> · {t.since} <Ago at={session.createdAt} /> · {t.lastSeen}{' '}
            <Ago at={session.lastSeenAt} />
          </Text>
        </Stack>
        {!session.current && (
          <Button size="xs" variant="default" onClick={() => void end()}>
            {t.signOut}
          </Button>
        )}
      </Group>
    </Paper>
  );
}
