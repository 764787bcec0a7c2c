import { ScrollArea, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useUrlState } from './url-state.ts';

export interface UrlTab {
  readonly key: string;
  readonly title: ReactNode;
  /** Beside the title: a number. */
  readonly beside?: ReactNode;
  readonly panel: ReactNode;
}

/** Parts of a page of which one is shown; which one stands in the address. The first is the usual one. */
export function UrlTabs({ tabs }: { readonly tabs: readonly [UrlTab, ...UrlTab[]] }) {
  const [get, set] = useUrlState();
  const usual = tabs[0].key;
  return (
    <Tabs
      value={get('tab') ?? usual}
      onChange={(tab) => set({ tab: tab === usual ? undefined : (tab ?? undefined) })}
      keepMounted={false}
    >
      {/* in a narrow window the row is moved, not broken */}
      <ScrollArea type="never" mb="lg">
        <Tabs.List style={{ flexWrap: 'nowrap' }}>
          {tabs.map(({ key, title, beside }) => (
            <Tabs.Tab key={key} value={key} rightSection={beside}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </ScrollArea>
      {tabs.map(({ key, panel }) => (
        <Tabs.Panel key={key} value={key}>
          {panel}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
