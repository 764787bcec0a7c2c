import { Page } from '../../kit/page.tsx';
import { SearchInput } from '../../kit/search-input.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ChangedKeys } from './changed-keys.tsx';
import { KnownKeys } from './known-keys.tsx';
import { hostKeyWords } from './words.ts';

export default function HostKeysPage() {
  const t = useWords(hostKeyWords);
  const [get, set] = useUrlState();
  return (
    <Page title={t.title} description={t.description}>
      <ChangedKeys />
      <SearchInput value={get('text') ?? ''} onChange={(text) => set({ text })} maw={360} />
      <KnownKeys text={get('text')} sort={get('sort')} onSort={(sort) => set({ sort })} />
    </Page>
  );
}
