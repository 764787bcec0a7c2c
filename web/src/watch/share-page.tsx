import { Button, Center, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconLinkOff, IconShare3 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api } from '../kit/api.ts';
import { fetched } from '../kit/fetched.tsx';
import { useFormat } from '../kit/format.ts';
import { fragment } from '../kit/fragment.ts';
import { NotFound } from '../kit/not-found.tsx';
import { useDocumentTitle } from '../kit/page.tsx';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { watchWords } from './watch-words.ts';

const WatchView = fetched(() => import('./watch-view.tsx'), <Waiting h="100vh" />);

/** `/share#TOKEN`: what the link leads to, and then the session itself. The token never leaves in an address. */
export default function SharePage() {
  const t = useWords(watchWords);
  const { moment } = useFormat();
  const [token] = useState(() => fragment());
  const [opened, setOpened] = useState(false);
  useDocumentTitle(t.shareTitle);
  const { data, error, refetch } = useQuery({
    queryKey: ['shares', 'show', token],
    queryFn: () => api.shares.show({ token }),
    enabled: token !== '',
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (token === '') return <NotFound />;
  if (opened && data) return <WatchView id={data.session} share={token} />;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Center mih="80vh">
        <Empty icon={IconLinkOff} title={t.noShareTitle} text={t.noShareText} />
      </Center>
    );
  }
  return (
    <Center mih="90vh" p="md">
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Waiting />
      ) : (
        <Paper withBorder p="xl" maw={460} shadow="sm">
          <Stack align="center" ta="center" gap="sm">
            <ThemeIcon size={56} radius="xl" variant="light">
              <IconShare3 size={28} stroke={1.5} />
            </ThemeIcon>
            <Title order={1}>{t.shareTitle}</Title>
            <Text>{data.write ? t.shareWrite(data.user, data.asset) : t.shareText(data.user, data.asset)}</Text>
            <Text size="sm" c="dimmed">
              {t.shareTold} {t.shareUntil(moment(data.expiresAt))}
            </Text>
            <Button mt="sm" onClick={() => setOpened(true)} data-autofocus>
              {t.open}
            </Button>
          </Stack>
        </Paper>
      )}
    </Center>
  );
}
