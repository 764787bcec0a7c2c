import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { UrlTabs } from '../../kit/url-tabs.tsx';
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
      <UrlTabs
        tabs={[
          { key: 'profile', title: t.profile, panel: <UserProfile user={data} /> },
          {
            key: 'keys',
            title: t.keys,
            beside: data.keyCount > 0 && <Count n={data.keyCount} />,
            panel: <UserKeys user={data} />,
          },
          { key: 'access', title: t.access, panel: <UserAccess name={name} /> },
          { key: 'sessions', title: t.sessions, panel: <SessionsOf user={name} /> },
          { key: 'tokens', title: t.tokens, panel: <UserTokens name={name} /> },
        ]}
      />
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
