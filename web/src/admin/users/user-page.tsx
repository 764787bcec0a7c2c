import { Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { SessionsOf } from '../sessions-of/sessions-of.tsx';
import { userPageWords } from './page-words.ts';
import { UserAccess } from './user-access.tsx';
import { UserActions } from './user-actions.tsx';
import { UserKeys } from './user-keys.tsx';
import { RoleMark, StateMark } from './user-marks.tsx';
import { UserProfile } from './user-profile.tsx';
import { UserTokens } from './user-tokens.tsx';

/** One user and everything about them. */
export function UserPage({ name }: { readonly name: string }) {
  const t = useWords(userPageWords);
  const [get, set] = useUrlState();
  const { data, error, refetch } = useQuery({
    queryKey: ['users', 'one', name],
    queryFn: () => api.users.show({ name }),
  });
  const back = { href: '/admin/users', word: t.users };
  if (!data) {
    return (
      <Page title={name} back={back}>
        {error ? <Failed error={error} retry={() => void refetch()} /> : <Waiting />}
      </Page>
    );
  }
  return (
    <Page
      title={name}
      back={back}
      description={data.displayName || undefined}
      marks={
        <>
          <RoleMark role={data.role} />
          <StateMark user={data} />
        </>
      }
      actions={<UserActions user={data} />}
    >
      <Tabs
        value={get('tab') ?? 'profile'}
        onChange={(tab) => set({ tab: tab === 'profile' ? undefined : (tab ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="profile">{t.profile}</Tabs.Tab>
          <Tabs.Tab value="keys" rightSection={data.keyCount > 0 && <Count n={data.keyCount} />}>
            {t.keys}
          </Tabs.Tab>
          <Tabs.Tab value="access">{t.access}</Tabs.Tab>
          <Tabs.Tab value="sessions">{t.sessions}</Tabs.Tab>
          <Tabs.Tab value="tokens">{t.tokens}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="profile">
          <UserProfile user={data} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <UserKeys user={data} />
        </Tabs.Panel>
        <Tabs.Panel value="access">
          <UserAccess name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <SessionsOf user={name} />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <UserTokens name={name} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Count({ n }: { readonly n: number }) {
  return (
    <Text span size="xs" c="dimmed">
      {n}
    </Text>
  );
}
