import { Route, Switch } from 'wouter';
import { usePathPart } from '../../kit/url-state.ts';
import { ExplainPage } from './explain-page.tsx';
import { PermissionEditor } from './permission-editor.tsx';
import { PermissionList } from './permission-list.tsx';

/** `/admin/permissions`, `…/new` (`?from=ID` begins with a copy), `…/explain`, `…/ID`. */
export default function PermissionsPage() {
  return (
    <Switch>
      <Route path="/admin/permissions" component={PermissionList} />
      <Route path="/admin/permissions/new">
        <PermissionEditor id={undefined} />
      </Route>
      <Route path="/admin/permissions/explain" component={ExplainPage} />
      <Route path="/admin/permissions/:id" component={One} />
    </Switch>
  );
}

function One() {
  const id = usePathPart(2);
  return <PermissionEditor key={id} id={id} />;
}
