import { Redirect, Route, Switch } from 'wouter';
import { AuditList } from './audit-list.tsx';
import { VerifyPage } from './verify-page.tsx';

/** `/admin/audit` and `/admin/audit/verify`. */
export default function AuditPage() {
  return (
    <Switch>
      <Route path="/admin/audit" component={AuditList} />
      <Route path="/admin/audit/verify" component={VerifyPage} />
      <Route>
        <Redirect to="/admin/audit" replace />
      </Route>
    </Switch>
  );
}
