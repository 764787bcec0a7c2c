import { Route, Switch } from 'wouter';
import { usePathPart } from '../../kit/url-state.ts';
import { FilterEditor } from './filter-editor.tsx';
import { FilterList } from './filter-list.tsx';
import { TryPage } from './try-page.tsx';

/** `/admin/filters`, `…/new` (`?template=` or `?from=ID`), `…/try`, `…/ID`. */
export default function FiltersPage() {
  return (
    <Switch>
      <Route path="/admin/filters" component={FilterList} />
      <Route path="/admin/filters/new">
        <FilterEditor id={undefined} />
      </Route>
      <Route path="/admin/filters/try" component={TryPage} />
      <Route path="/admin/filters/:id" component={One} />
    </Switch>
  );
}

function One() {
  const id = usePathPart(2);
  return <FilterEditor key={id} id={id} />;
}
