import { Badge, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import { api } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { UrlTabs } from '../../kit/url-tabs.tsx';
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
      <UrlTabs
        tabs={[
          { key: 'accounts', title: t.accounts, panel: <Accounts asset={data} /> },
          { key: 'settings', title: t.settings, panel: <AssetSettings asset={data} /> },
          {
            key: 'access',
            title: t.access,
            panel: (
              <Stack gap="xl">
                <PermissionsOf asset={name} />
                <ReachList asset={name} />
              </Stack>
            ),
          },
          { key: 'host-keys', title: t.hostKeys, panel: <KnownKeys asset={name} /> },
          { key: 'sessions', title: t.sessions, panel: <SessionsOf asset={name} /> },
        ]}
      />
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
