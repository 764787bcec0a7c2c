import { Paper } from '@mantine/core';
import { Page } from '../../kit/page.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { PROTOCOLS } from '../parts/part-words.ts';
import { ExplainPanel } from './explain-panel.tsx';
import { permissionWords } from './words.ts';

/** `/admin/permissions/explain?user=…&asset=…` */
export function ExplainPage() {
  const t = useWords(permissionWords);
  const [get, set] = useUrlState();
  const protocol = get('protocol');
  return (
    <Page title={t.explain} description={t.explainText} back={{ href: '/admin/permissions', word: t.title }}>
      <Paper withBorder p="lg" maw={820}>
        <ExplainPanel
          asked={{
            user: get('user') ?? null,
            asset: get('asset') ?? null,
            account: get('account') ?? null,
            protocol: PROTOCOLS.find((name) => name === protocol) ?? null,
          }}
          change={(fields) =>
            set(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? undefined])))
          }
        />
      </Paper>
    </Page>
  );
}
