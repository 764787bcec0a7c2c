import { Redirect, Route, Switch } from 'wouter';
import { queries } from './kit/api.ts';
import { Boundary } from './kit/boundary.tsx';
import { Boot } from './kit/brand.tsx';
import { fetched } from './kit/fetched.tsx';
import { meAsked } from './kit/me.ts';
import { NotFound } from './kit/not-found.tsx';
import { reachableAsked } from './kit/reachable.ts';
import { SignedIn } from './kit/signed-in.tsx';

// Each room is loaded when it is entered
const Login = fetched(() => import('./login/login-page.tsx'), <Boot />);
const Link = fetched(() => import('./login/link-page.tsx'), <Boot />);
const Profile = fetched(() => import('./profile/profile-page.tsx'), <Boot />);
const Luna = fetched(() => import('./luna/luna-page.tsx'), <Boot />);
const Files = fetched(() => import('./files/files-page.tsx'), <Boot />);
const Admin = fetched(() => import('./admin/admin-page.tsx'), <Boot />);
const Watch = fetched(() => import('./watch/watch-page.tsx'), <Boot />);
const Share = fetched(() => import('./watch/share-page.tsx'), <Boot />);
const Replay = fetched(() => import('./replay/replay-page.tsx'), <Boot />);
const Docs = fetched(() => import('./docs/docs-page.tsx'), <Boot />);

/** Fetches what the address of the first page needs while it is still being asked who is there. */
export function fetchAhead(path: string): void {
  void queries.prefetchQuery(meAsked);
  if (path === '/' || path.startsWith('/luna')) {
    void queries.prefetchQuery(reachableAsked);
    void Luna.ahead();
  } else if (path.startsWith('/admin')) void Admin.ahead();
}

/** Which room an address leads to. */
export function App() {
  return (
    <Boundary>
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
    </Boundary>
  );
}
