import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AccountView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { Copyable } from '../../kit/copyable.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { assetPageWords } from './page-words.ts';

/** What has to be done on the machine so that it lets the account in: its public key, or the authority to trust. */
export function InstallModal({
  account,
  close,
}: {
  readonly account: AccountView | undefined;
  readonly close: () => void;
}) {
  const t = useWords(assetPageWords);
  return (
    <Modal
      opened={account !== undefined}
      onClose={close}
      title={account?.publicKey == null ? t.caTitle : t.publicTitle}
      size="lg"
    >
      {account &&
        (account.publicKey === null ? <Authority /> : <PublicKey login={account.login} line={account.publicKey} />)}
      <Group justify="flex-end" mt="md">
        <Button onClick={close}>{t.done}</Button>
      </Group>
    </Modal>
  );
}

function PublicKey({ login, line }: { readonly login: string; readonly line: string }) {
  const t = useWords(assetPageWords);
  // without its comment, which holds names: the command is pasted into a shell
  const bare = line.split(' ').slice(0, 2).join(' ');
  return (
    <Stack gap="xs">
      <Text size="sm">{t.publicText(login)}</Text>
      <Copyable value={line} lines />
      <Text size="sm">{t.install}</Text>
      <Copyable
        lines
        value={`install -d -m 700 ~/.ssh && printf '%s\\n' '${bare}' >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys`}
      />
    </Stack>
  );
}

function Authority() {
  const t = useWords(assetPageWords);
  const { data, error, refetch } = useQuery({ queryKey: ['authorities', 'own'], queryFn: () => api.authorities.own() });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Waiting h={120} />;
  const line = data.find((one) => one.kind === 'user')?.publicKey ?? '';
  return (
    <Stack gap="xs">
      <Text size="sm">{t.caText}</Text>
      <Copyable
        lines
        value={`echo '${line}' > /etc/ssh/bastion-user-ca.pub\necho 'TrustedUserCAKeys /etc/ssh/bastion-user-ca.pub' >> /etc/ssh/sshd_config\nsystemctl reload sshd`}
      />
    </Stack>
  );
}
