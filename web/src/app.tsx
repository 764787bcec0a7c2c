import { Center, Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { Boundary } from './kit/boundary.tsx';
import { NotFound } from './kit/not-found.tsx';
import { SignedIn } from './kit/signed-in.tsx';

const luna = () => import('./luna/luna-page.tsx');
const admin = () => import('./admin/admin-page.tsx');

// Each room is loaded when it is entered
const Login = lazy(() => import('./login/login-page.tsx'));
const Link = lazy(() => import('./login/link-page.tsx'));
const Profile = lazy(() => import('./profile/profile-page.tsx'));
const Luna = lazy(luna);
const Files = lazy(() => import('./files/files-page.tsx'));
const Admin = lazy(admin);
const Watch = lazy(() => import('./watch/watch-page.tsx'));
const Share = lazy(() => import('./watch/share-page.tsx'));
const Replay = lazy(() => import('./replay/replay-page.tsx'));
const Docs = lazy(() => import('./docs/docs-page.tsx'));

/** Fetches what the address of the first page needs while it is still being asked who is there. */
export function fetchAhead(path: string): void {
  if (path === '/' || path.startsWith('/luna')) void luna();
  else if (path.startsWith('/admin')) void admin();
}

/** Which room an address leads to. */
export function App() {
  return (
    <Boundary>
      <Suspense fallback={<Waiting />}>
        <Switch>
          <Route path="/login" component={Login} />
          <Route path="/setup" component={Link} />
          <Route path="/invite" component={Link} />
          <Route path="/api/docs" component={Docs} />
          <Route>
            <SignedIn>
              <Switch>
                <Route path="/">
                  <Redirect to="/luna" replace />
                </Route>
                <Route path="/luna" component={Luna} />
                <Route path="/files" component={Files} />
                <Route path="/profile/:section?" component={Profile} />
                <Route path="/admin/*?" component={Admin} />
                <Route path="/watch/:id" component={Watch} />
                <Route path="/share" component={Share} />
                <Route path="/replay/:id" component={Replay} />
                <Route component={NotFound} />
              </Switch>
            </SignedIn>
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

function Waiting() {
  return (
    <Center h="100vh">
      <Loader type="dots" />
    </Center>
  );
}
