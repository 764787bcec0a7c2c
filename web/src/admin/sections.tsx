import { useEffect } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Boundary } from '../kit/boundary.tsx';
import { fetched } from '../kit/fetched.tsx';
import { whenIdle } from '../kit/idle.ts';
import { useMay } from '../kit/me.ts';
import { NotFound } from '../kit/not-found.tsx';
import { Waiting } from '../kit/states.tsx';
import { entryOf } from './nav-entries.ts';

const WAITING = <Waiting h="60vh" />;

// Each section is loaded when it is entered
const Dashboard = fetched(() => import('./dashboard/dashboard-page.tsx'), WAITING);
const Users = fetched(() => import('./users/users-page.tsx'), WAITING);
const Groups = fetched(() => import('./groups/groups-page.tsx'), WAITING);
const Assets = fetched(() => import('./assets/assets-page.tsx'), WAITING);
const Import = fetched(() => import('./assets/import-page.tsx'), WAITING);
const Permissions = fetched(() => import('./permissions/permissions-page.tsx'), WAITING);
const Filters = fetched(() => import('./filters/filters-page.tsx'), WAITING);
const Sessions = fetched(() => import('./sessions/sessions-page.tsx'), WAITING);
const Reviews = fetched(() => import('./reviews/reviews-page.tsx'), WAITING);
const Commands = fetched(() => import('./commands/commands-page.tsx'), WAITING);
const Transfers = fetched(() => import('./transfers/transfers-page.tsx'), WAITING);
const Audit = fetched(() => import('./audit/audit-page.tsx'), WAITING);
const HostKeys = fetched(() => import('./host-keys/host-keys-page.tsx'), WAITING);
const Tokens = fetched(() => import('./settings/tokens-page.tsx'), WAITING);
const Lockouts = fetched(() => import('./settings/lockouts-page.tsx'), WAITING);
const Authorities = fetched(() => import('./settings/authorities-page.tsx'), WAITING);
const Settings = fetched(() => import('./settings/settings-page.tsx'), WAITING);

/** In the order of the menu, as they are likely to be wanted. */
const ALL = [
  Dashboard,
  Users,
  Groups,
  Assets,
  Import,
  Permissions,
  Filters,
  Sessions,
  Reviews,
  Commands,
  Transfers,
  Audit,
  HostKeys,
  Tokens,
  Lockouts,
  Authorities,
  Settings,
];

/** Which section of the console an address leads to. What follows the section's name is its own affair. */
export function Sections() {
  const may = useMay();
  const [path] = useLocation();
  useEffect(() => whenIdle(ALL), []);
  return (
    <Boundary key={entryOf(path)}>
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
    </Boundary>
  );
}
