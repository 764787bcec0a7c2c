import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Boundary } from '../kit/boundary.tsx';
import { useMay } from '../kit/me.ts';
import { NotFound } from '../kit/not-found.tsx';
import { Waiting } from '../kit/states.tsx';
import { entryOf } from './nav-entries.ts';

// Each section is loaded when it is entered
const Dashboard = lazy(() => import('./dashboard/dashboard-page.tsx'));
const Users = lazy(() => import('./users/users-page.tsx'));
const Groups = lazy(() => import('./groups/groups-page.tsx'));
const Assets = lazy(() => import('./assets/assets-page.tsx'));
const Import = lazy(() => import('./assets/import-page.tsx'));
const Permissions = lazy(() => import('./permissions/permissions-page.tsx'));
const Filters = lazy(() => import('./filters/filters-page.tsx'));
const Sessions = lazy(() => import('./sessions/sessions-page.tsx'));
const Reviews = lazy(() => import('./reviews/reviews-page.tsx'));
const Commands = lazy(() => import('./commands/commands-page.tsx'));
const Transfers = lazy(() => import('./transfers/transfers-page.tsx'));
const Audit = lazy(() => import('./audit/audit-page.tsx'));
const HostKeys = lazy(() => import('./host-keys/host-keys-page.tsx'));
const Tokens = lazy(() => import('./settings/tokens-page.tsx'));
const Lockouts = lazy(() => import('./settings/lockouts-page.tsx'));
const Authorities = lazy(() => import('./settings/authorities-page.tsx'));
const Settings = lazy(() => import('./settings/settings-page.tsx'));

/** Which section of the console an address leads to. What follows the section's name is its own affair. */
export function Sections() {
  const may = useMay();
  const [path] = useLocation();
  return (
    <Boundary key={entryOf(path)}>
      <Suspense fallback={<Waiting h="60vh" />}>
        <Switch>
          <Route path="/admin">{may('sessions.read') ? <Dashboard /> : <Redirect to="/admin/reviews" replace />}</Route>
          <Route path="/admin/users/*?" component={Users} />
          <Route path="/admin/groups/*?" component={Groups} />
          <Route path="/admin/assets/*?" component={Assets} />
          <Route path="/admin/import" component={Import} />
          <Route path="/admin/permissions/*?" component={Permissions} />
          <Route path="/admin/filters/*?" component={Filters} />
          <Route path="/admin/sessions/*?" component={Sessions} />
          <Route path="/admin/reviews/*?" component={Reviews} />
          <Route path="/admin/commands/*?" component={Commands} />
          <Route path="/admin/transfers/*?" component={Transfers} />
          <Route path="/admin/audit/*?" component={Audit} />
          <Route path="/admin/host-keys" component={HostKeys} />
          <Route path="/admin/tokens/*?" component={Tokens} />
          <Route path="/admin/lockouts/*?" component={Lockouts} />
          <Route path="/admin/authorities/*?" component={Authorities} />
          <Route path="/admin/settings/*?" component={Settings} />
          <Route component={NotFound} />
        </Switch>
      </Suspense>
    </Boundary>
  );
}
