import { Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { Copyable } from '../../kit/copyable.tsx';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { settingsWords } from './words.ts';

const SSHD_LINE = 'TrustedUserCAKeys /etc/ssh/bastion_ca.pub';

/** The two authorities of the bastion: what to copy, and where it goes. */
export function OwnAuthorities() {
  const t = useWords(settingsWords);
  const { data, error, refetch } = useQuery({ queryKey: ['authorities', 'own'], queryFn: () => api.authorities.own() });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  const user = data?.find(({ kind }) => kind === 'user');
  const host = data?.find(({ kind }) => kind === 'host');
  return (
    <Stack gap="xs">
      <Title order={2}>{t.own}</Title>
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.noOwn}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {user && (
          <Paper withBorder p="lg" component="section">
            <Stack gap="sm">
              <Title order={3}>{t.ownUser}</Title>
              <Text size="sm" c="dimmed">
                {t.ownUserText}
              </Text>
              <Copyable value={user.publicKey} lines />
              <Text size="sm" c="dimmed">
                {t.ownUserHow}
              </Text>
              <Copyable value={SSHD_LINE} />
              <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
                {user.fingerprint}
              </Text>
            </Stack>
          </Paper>
        )}
        {host && (
          <Paper withBorder p="lg" component="section">
            <Stack gap="sm">
              <Title order={3}>{t.ownHost}</Title>
              <Text size="sm" c="dimmed">
                {t.ownHostText}
              </Text>
              <Copyable value={`@cert-authority * ${host.publicKey}`} lines />
              <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
                {host.fingerprint}
              </Text>
            </Stack>
          </Paper>
        )}
      </SimpleGrid>
    </Stack>
  );
}
