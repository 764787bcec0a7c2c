import { Redirect, Route, Switch } from 'wouter';
import { queries } from './kit/api.ts';
import { Boundary } from './kit/boundary.tsx';
import { Boot } from './kit/brand.tsx';
import { fetched } from './kit/fetched.tsx';
import { meAsked } from './kit/me.ts';
import { NotFound } from './kit/not-found.tsx';
import { Offline } from './kit/offline.tsx';
import { reachableAsked } from './kit/reachable.ts';
import { SignedIn } from './kit/signed-in.tsx';

const AWAY = <Offline room />;

// Each room is loaded when it is entered
const Login = fetched(() => import('./login/login-page.tsx'), <Boot />, AWAY);
const Link = fetched(() => import('./login/link-page.tsx'), <Boot />, AWAY);
const Profile = fetched(() => import('./profile/profile-page.tsx'), <Boot />, AWAY);
const Luna = fetched(() => import('./luna/luna-page.tsx'), <Boot />, AWAY);
const Files = fetched(() => import('./files/files-page.tsx'), <Boot />, AWAY);
const Admin = fetched(() => import('./admin/admin-page.tsx'), <Boot />, AWAY);
const Watch = fetched(() => import('./watch/watch-page.tsx'), <Boot />, AWAY);
const Share = fetched(() => import('./watch/share-page.tsx'), <Boot />, AWAY);
const Replay = fetched(() => import('./replay/replay-page.tsx'), <Boot />, AWAY);
const Docs = fetched(() => import('./docs/docs-page.tsx'), <Boot />, AWAY);

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
