import { Tabs } from '@mantine/core';
import { useMay } from '../../kit/me.ts';
import { Page } from '../../kit/page.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { CommandLines } from './command-lines.tsx';
import { OutputSearch } from './output-search.tsx';
import { commandWords } from './words.ts';

/** `/admin/commands`: command lines, or with `?in=output` what was shown. */
export default function CommandsPage() {
  const t = useWords(commandWords);
  const may = useMay();
  const [get, set] = useUrlState();
  const output = get('in') === 'output';
  return (
    <Page title={t.title} description={t.description}>
      {may('recordings.read') && (
        <Tabs
          value={output ? 'output' : 'lines'}
          onChange={(tab) => set({ in: tab === 'output' ? 'output' : undefined })}
        >
          <Tabs.List>
            <Tabs.Tab value="lines">{t.lines}</Tabs.Tab>
            <Tabs.Tab value="output">{t.output}</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      )}
      {output ? <OutputSearch /> : <CommandLines />}
    </Page>
  );
}
