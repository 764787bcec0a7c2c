import { Badge, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import { api } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ChangedKeys } from '../host-keys/changed-keys.tsx';
import { KnownKeys } from '../host-keys/known-keys.tsx';
import { PermissionsOf } from '../reach/permissions-of.tsx';
import { ReachList } from '../reach/reach-list.tsx';
import { SessionsOf } from '../sessions-of/sessions-of.tsx';
import { Accounts } from './accounts.tsx';
import { AssetActions } from './asset-actions.tsx';
import { AssetSettings } from './asset-settings.tsx';
import { assetPageWords } from './page-words.ts';
import { TestLine, useTest } from './test-line.tsx';

export type ShownAsset = Result<Routes['assets']['show']>;

/** One asset and everything about it. */
export function AssetPage({ name }: { readonly name: string }) {
  const t = useWords(assetPageWords);
  const [get, set] = useUrlState();
  const { data, error, refetch } = useQuery({
    queryKey: ['assets', 'one', name],
    queryFn: () => api.assets.show({ name }),
  });
  const test = useTest(() => api.assets.test({ name }));
  const back = {
    href: data && data.folder !== '/' ? `/admin/assets?folder=${encodeURIComponent(data.folder)}` : '/admin/assets',
    word: data && data.folder !== '/' ? data.folder : t.assets,
  };
  if (!data) {
    return (
      <Page title={name} back={back}>
        {error ? <Failed error={error} retry={() => void refetch()} /> : <Waiting />}
      </Page>
    );
  }
  return (
    <Page
      title={name}
      back={back}
      marks={data.active ? undefined : <Badge color="gray">{t.off}</Badge>}
      description={<Facts asset={data} />}
      actions={<AssetActions asset={data} test={test} />}
    >
      <TestLine test={test} />
      <ChangedKeys asset={name} />
      <Tabs
        value={get('tab') ?? 'accounts'}
        onChange={(tab) => set({ tab: tab === 'accounts' ? undefined : (tab ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="accounts">{t.accounts}</Tabs.Tab>
          <Tabs.Tab value="settings">{t.settings}</Tabs.Tab>
          <Tabs.Tab value="access">{t.access}</Tabs.Tab>
          <Tabs.Tab value="host-keys">{t.hostKeys}</Tabs.Tab>
          <Tabs.Tab value="sessions">{t.sessions}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accounts">
          <Accounts asset={data} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <AssetSettings asset={data} />
        </Tabs.Panel>
        <Tabs.Panel value="access">
          <Stack gap="xl">
            <PermissionsOf asset={name} />
            <ReachList asset={name} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="host-keys">
          <KnownKeys asset={name} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <SessionsOf asset={name} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** `10.0.0.5 · ssh:2222 · linux` */
function Facts({ asset }: { readonly asset: ShownAsset }) {
  const t = useWords(assetPageWords);
  const ports = asset.protocols.map(({ name, port }) => `${name}:${port}`).join(', ');
  return (
    <>
      <Text span className="mono" inherit>
        {asset.address}
      </Text>
      {` · ${ports} · ${asset.platform}`}
      {asset.via !== null && ` · ${t.through} ${asset.via}`}
      {asset.comment !== '' && ` · ${asset.comment}`}
    </>
  );
}
