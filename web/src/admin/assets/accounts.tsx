import { ActionIcon, Badge, Button, Group, Menu, Paper, Stack, Text } from '@mantine/core';
import {
  IconDots,
  IconKey,
  IconPencil,
  IconPlugConnected,
  IconPlus,
  IconTrash,
  IconUserKey,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { AccountView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { Ago } from '../../kit/moment.tsx';
import { Empty } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import rows from '../rows.module.css';
import { AccountModal } from './account-modal.tsx';
import type { ShownAsset } from './asset-page.tsx';
import { InstallModal } from './install-modal.tsx';
import { assetPageWords } from './page-words.ts';
import { TestLine, useTest } from './test-line.tsx';
import { assetsChanged } from './use-moves.ts';

/** The accounts of an asset: added, edited, tested and removed here. `?account=LOGIN` begins a new one. */
export function Accounts({ asset }: { readonly asset: ShownAsset }) {
  const t = useWords(assetPageWords);
  const [get, set] = useUrlState();
  const [editing, edit] = useState<AccountView>();
  const [installing, install] = useState<AccountView>();
  const wanted = get('account');
  const [adding, add] = useState(wanted !== undefined);
  return (
    <Stack gap="md" maw={900}>
      <Group justify="space-between" align="flex-end">
        <Text size="sm" c="dimmed" flex="1 1 280px" maw={560}>
          {t.accountsText}
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={() => add(true)}>
          {t.addAccount}
        </Button>
      </Group>
      <Paper withBorder>
        {asset.accounts.length === 0 && (
          <Empty icon={IconUserKey} title={t.accountsEmptyTitle} text={t.accountsEmpty} />
        )}
        {asset.accounts.map((account) => (
          <Account key={account.id} account={account} onEdit={() => edit(account)} onInstall={() => install(account)} />
        ))}
      </Paper>
      <AccountModal
        key={editing?.id ?? 'new'}
        asset={asset.name}
        account={editing}
        login={wanted ?? ''}
        opened={adding || editing !== undefined}
        close={() => {
          edit(undefined);
          add(false);
          set({ account: undefined });
        }}
        onInstall={install}
      />
      <InstallModal account={installing} close={() => install(undefined)} />
    </Stack>
  );
}

function Account(props: {
  readonly account: AccountView;
  readonly onEdit: () => void;
  readonly onInstall: () => void;
}) {
  const { account, onEdit, onInstall } = props;
  const t = useWords(assetPageWords);
  const confirm = useConfirm();
  const tell = useTell();
  const { asset, login } = account;
  const test = useTest(() => api.accounts.test({ asset, login }));
  const remove = () =>
    confirm({
      title: t.removeTitle(login),
      text: t.removeText,
      action: t.removeAccount,
      typed: login,
      run: async () => {
        await api.accounts.remove({ asset, login });
        await assetsChanged();
        tell.done(t.accountRemoved(login));
      },
    });
  const installable = account.publicKey !== null || account.secretKind === 'certificate';
  return (
    <Stack gap="xs" px="md" py="sm" className={rows.row}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Group gap="sm" miw={0} flex={1}>
          <Text className="mono" fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {login}
          </Text>
          <Badge color={account.secretKind === 'none' ? 'yellow' : 'gray'}>{t[account.secretKind]}</Badge>
          {!account.active && <Badge color="gray">{t.off}</Badge>}
          {account.comment !== '' && (
            <Text size="xs" c="dimmed" truncate maw={300}>
              {account.comment}
            </Text>
          )}
          <Text size="xs" c="dimmed" visibleFrom="sm">
            {t.updated} <Ago at={account.updatedAt} size="xs" />
          </Text>
        </Group>
        <Group gap={4} wrap="nowrap">
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlugConnected size={15} />}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            {t.test}
          </Button>
          <Menu position="bottom-end" width={170}>
            <Menu.Target>
              <ActionIcon aria-label={t.menuOf(login)}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>
                {t.editAccount}
              </Menu.Item>
              {installable && (
                <Menu.Item leftSection={<IconKey size={16} />} onClick={onInstall}>
                  {t.showKey}
                </Menu.Item>
              )}
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove}>
                {t.removeAccount}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      <TestLine test={test} />
    </Stack>
  );
}
