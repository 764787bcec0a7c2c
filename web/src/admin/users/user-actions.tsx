import { ActionIcon, Button, Group, Menu, Modal } from '@mantine/core';
import { IconDots, IconLink, IconLock, IconLockOpen, IconShieldOff, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { LinkView, UserView } from '../../../../src/api/contract/users.ts';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { InviteLink } from './invite-link.tsx';
import { userPageWords } from './page-words.ts';
import { userWords } from './words.ts';

/** What can be done with a user as a whole. */
export function UserActions({ user }: { readonly user: UserView }) {
  const t = useWords(userPageWords);
  const list = useWords(userWords);
  const confirm = useConfirm();
  const tell = useTell();
  const [, navigate] = useLocation();
  const [link, setLink] = useState<LinkView>();
  const { name } = user;
  const changed = () => queries.invalidateQueries({ queryKey: ['users'] });

  const enable = async () => {
    try {
      await api.users.enable({ name });
      tell.done(t.enabled(name));
    } catch (error) {
      tell.failed(error);
    }
    await changed();
  };
  const disable = () =>
    confirm({
      title: list.disableTitle(name),
      text: list.disableText,
      action: t.disable,
      run: async () => {
        await api.users.disable({ name });
        await changed();
        tell.done(t.disabledNow(name), () => void enable());
      },
    });
  const makeLink = () =>
    confirm({
      title: t.resetTitle(name),
      text: t.resetText,
      action: t.resetAction,
      run: async () => setLink(await api.users.invite({ name })),
    });
  const resetTotp = () =>
    confirm({
      title: t.totpTitle(name),
      text: t.totpText,
      action: t.totpReset,
      run: async () => {
        await api.totp.reset({ name });
        await changed();
        tell.done(t.totpDone(name));
      },
    });
  const remove = () =>
    confirm({
      title: list.removeTitle(name),
      text: list.removeText,
      action: t.remove,
      typed: name,
      run: async () => {
        await api.users.remove({ name });
        navigate('/admin/users');
        await changed();
        tell.done(t.removed(name));
      },
    });

  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconLink size={16} />} onClick={makeLink}>
        {t.resetLink}
      </Button>
      {user.disabled && (
        <Button leftSection={<IconLockOpen size={16} />} onClick={() => void enable()}>
          {t.enable}
        </Button>
      )}
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t.more}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!user.disabled && (
            <Menu.Item leftSection={<IconLock size={16} />} onClick={disable}>
              {t.disable}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconShieldOff size={16} />} onClick={resetTotp} disabled={!user.totpEnabled}>
            {t.totpReset}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={remove}>
            {t.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={link !== undefined} onClose={() => setLink(undefined)} withCloseButton={false}>
        {link && (
          <InviteLink
            name={name}
            link={link}
            actions={<Button onClick={() => setLink(undefined)}>{list.done}</Button>}
          />
        )}
      </Modal>
    </Group>
  );
}
