import { Tabs } from '@mantine/core';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Page } from '../../kit/page.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ExportButton } from '../parts/download.tsx';
import { LiveSessions } from './live-sessions.tsx';
import { PastSessions } from './past-sessions.tsx';
import { SessionDrawer } from './session-drawer.tsx';
import { useLiveQuery, usePastQuery } from './session-query.ts';
import { sessionWords } from './words.ts';

/** `/admin/sessions` and `/admin/sessions/past`; `?id=` opens the facts of one session over either, and so does `/admin/sessions/ID`. */
export default function SessionsPage() {
  const t = useWords(sessionWords);
  const [path, navigate] = useLocation();
  const [get, set] = useUrlState();
  const past = path === '/admin/sessions/past';
  const id = get('id');
  return (
    <Page title={t.title} description={t.description} actions={past ? <ExportPast /> : <ExportLive />}>
      <Tabs
        value={past ? 'past' : 'live'}
        onChange={(tab) => navigate(tab === 'past' ? '/admin/sessions/past' : '/admin/sessions')}
      >
        <Tabs.List>
          <Tabs.Tab value="live">{t.live}</Tabs.Tab>
          <Tabs.Tab value="past">{t.past}</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <Switch>
        <Route path="/admin/sessions" component={LiveSessions} />
        <Route path="/admin/sessions/past" component={PastSessions} />
        <Route path="/admin/sessions/:id">
          {({ id }) => <Redirect to={`/admin/sessions/past?id=${encodeURIComponent(id)}`} replace />}
        </Route>
        <Route>
          <Redirect to="/admin/sessions" replace />
        </Route>
      </Switch>
      <SessionDrawer id={id} close={() => set({ id: undefined })} />
    </Page>
  );
}

function ExportLive() {
  return <ExportButton path="/sessions/export" values={{ live: true, ...useLiveQuery() }} what="sessions" />;
}

function ExportPast() {
  return <ExportButton path="/sessions/export" values={{ live: false, ...usePastQuery() }} what="sessions" />;
}
