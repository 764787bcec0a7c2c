import { Center } from '@mantine/core';
import type { ReactNode } from 'react';
import { Redirect, useLocation } from 'wouter';
import { isSignedOut } from './api.ts';
import { Boot } from './brand.tsx';
import { useMeQuery } from './me.ts';
import { Failed } from './states.tsx';

/** Shows what is inside to who is signed in; everybody else signs in first and comes back to the same address. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { data, error, refetch } = useMeQuery();
  useLocation();
  if (isSignedOut(error)) {
    const here = location.pathname + location.search + location.hash;
    return <Redirect to={here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`} replace />;
  }
  if (data) return children;
  if (!error) return <Boot />;
  return (
    <Center h="100vh">
      <Failed error={error} retry={() => void refetch()} />
    </Center>
  );
}
