import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Result } from '../../../src/api/contract/route.ts';
import type { Routes } from '../../../src/api/contract/routes.ts';
import type { SignInState } from '../../../src/api/contract/sign-in.ts';
import { ApiError, api, queries } from '../kit/api.ts';
import { Copyable } from '../kit/copyable.tsx';
import { fragment } from '../kit/fragment.ts';
import { Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { Frame } from './frame.tsx';
import { LinkForm, type Made } from './link-form.tsx';
import { type Asked, Problem, Steps } from './steps.tsx';
import { loginWords } from './words.ts';

export type LinkInfo = Result<Routes['links']['show']>;

/** The page of one-time links: what it is for, what one will log in with, and on. */
export default function LinkPage() {
  const t = useWords(loginWords);
  const [path, navigate] = useLocation();
  const setup = path === '/setup';
  const title = setup ? t.setupTitle : t.signIn;
  const token = useToken();
  const [made, setMade] = useState<Made>();
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => api.links.show({ token }),
    // once it is used there is nothing to be told of it any more
    enabled: token !== '' && made === undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [asked, setAsked] = useState<Asked>();
  const [signedIn, setSignedIn] = useState(false);
  const go = (state: SignInState, enrolled: boolean) => {
    if (state.state !== 'signed-in') return setAsked(state);
    queries.clear();
    if (enrolled) navigate('/', { replace: true });
    else setSignedIn(true);
  };

  if (signedIn) return <TotpOffer />;
  if (asked && made) {
    return (
      <Steps
        asked={asked}
        name={made.name}
        go={(state) => go(state, true)}
        restart={() => navigate('/login', { replace: true })}
      />
    );
  }
  if (made?.signIn === undefined && made) return <KeySaved name={made.name} />;
  if (token === '') return <Unusable title={title} text={t.linkMissing} />;
  if (link.isPending) {
    return (
      <Frame title={title}>
        <Waiting h={120} />
      </Frame>
    );
  }
  if (link.error instanceof ApiError && link.error.code === 'expired')
    return <Unusable title={t.linkExpiredTitle} text={setup ? t.linkExpiredSetup : t.linkExpiredInvite} />;
  if (!link.data) {
    return (
      <Frame title={title}>
        <Failed error={link.error} retry={() => void link.refetch()} />
      </Frame>
    );
  }
  const done = async (next: Made) => {
    setMade(next);
    // the link has been used up: what goes wrong from here on is a matter of the sign-in page
    if (next.signIn) {
      await next.signIn().then(
        (state) => go(state, false),
        () => navigate('/login', { replace: true }),
      );
    }
  };
  return <LinkForm link={link.data} token={token} done={done} />;
}

/** The token leaves the address at once, so that it stays in no history and on no shared screen. */
function useToken(): string {
  const [token, setToken] = useState(() => fragment());
  useEffect(() => {
    const take = () => {
      if (location.hash === '') return;
      setToken(fragment());
      history.replaceState(history.state, '', location.pathname);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return token;
}

function Unusable({ title, text }: { readonly title: string; readonly text: string }) {
  const t = useWords(loginWords);
  const [, navigate] = useLocation();
  return (
    <Frame title={title}>
      <Problem text={text} />
      <Button variant="default" onClick={() => navigate('/login')}>
        {t.toSignIn}
      </Button>
    </Frame>
  );
}

function KeySaved({ name }: { readonly name: string }) {
  const t = useWords(loginWords);
  return (
    <Frame title={t.keySavedTitle} text={t.keySavedText}>
      <Copyable value={`ssh -p 2222 ${name}@${location.hostname}`} />
    </Frame>
  );
}

function TotpOffer() {
  const t = useWords(loginWords);
  const [, navigate] = useLocation();
  return (
    <Frame title={t.totpOffer}>
      <Alert variant="light" icon={<IconShieldLock size={18} />}>
        <Text size="sm">{t.totpOfferText}</Text>
      </Alert>
      <Stack gap="sm">
        <Button onClick={() => navigate('/profile/two-factor', { replace: true })}>{t.totpNow}</Button>
        <Button variant="default" onClick={() => navigate('/', { replace: true })}>
          {t.totpLater}
        </Button>
      </Stack>
    </Frame>
  );
}
