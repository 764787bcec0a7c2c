import { Accordion, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { IconTicket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReachableView } from '../../../src/api/contract/me.ts';
import { api } from '../kit/api.ts';
import { Copyable } from '../kit/copyable.tsx';
import { clockText } from '../kit/format.ts';
import { Failed, Waiting } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { waysInto } from './connecting.tsx';
import { toolWords } from './tool-words.ts';

interface Props {
  readonly asset: ReachableView;
  readonly account?: string | undefined;
  readonly onClose: () => void;
}

/** How to reach an asset without the browser: lines to copy, keys to expect, a ticket for once. */
export function ClientDialog({ asset, account, onClose }: Props) {
  const t = useWords(toolWords);
  const accounts = [...new Set(waysInto(asset).map((way) => way.account))].filter((name) => name !== '@input');
  const [chosen, setChosen] = useState(account && accounts.includes(account) ? account : accounts[0]);
  const { data, error, refetch } = useQuery({
    queryKey: ['me', 'client', asset.id, chosen],
    queryFn: () => api.me.clientLines({ asset: asset.id, host: location.hostname, ...(chosen && { account: chosen }) }),
  });
  const lines = data && [
    [t.shell, data.ssh],
    [t.sftp, data.sftp],
    [t.upload, data.scpUpload],
    [t.download, data.scpDownload],
  ];
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={600}>{t.clientTitle(asset.name)}</Text>}>
      <Stack gap="sm">
        {accounts.length > 1 && (
          <Select
            label={t.account}
            allowDeselect={false}
            data={accounts}
            value={chosen ?? null}
            onChange={(value) => value !== null && setChosen(value)}
          />
        )}
        {error && !data && <Failed error={error} retry={() => void refetch()} />}
        {!data && !error && <Waiting h={160} />}
        {data && lines && (
          <>
            {lines
              .filter(([, line]) => line !== '')
              .map(([label, line]) => (
                <div key={label}>
                  <Text size="xs" c="dimmed" mb={2}>
                    {label}
                  </Text>
                  <Copyable value={line!} />
                </div>
              ))}
            <Ticket asset={asset} account={chosen} host={data.host} port={data.port} />
            <Accordion variant="separated" mt="xs">
              {data.config !== '' && (
                <Accordion.Item value="config">
                  <Accordion.Control>{t.configBlock}</Accordion.Control>
                  <Accordion.Panel>
                    <Copyable value={data.config} lines />
                  </Accordion.Panel>
                </Accordion.Item>
              )}
              <Accordion.Item value="keys">
                <Accordion.Control>{t.hostKeys}</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="xs">
                    <Text size="sm" c="dimmed">
                      {t.hostKeysText}
                    </Text>
                    {data.hostKeys.map((key) => (
                      <div key={key.fingerprint}>
                        <Text size="xs" c="dimmed" mb={2}>
                          {key.type}
                        </Text>
                        <Copyable value={key.fingerprint} />
                      </div>
                    ))}
                    <Text size="xs" c="dimmed" mt="xs">
                      {t.knownHosts}
                    </Text>
                    <Copyable value={data.knownHosts} lines />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
          </>
        )}
      </Stack>
    </Modal>
  );
}

/** A line that needs neither key nor password, for a minute and one login. */
function Ticket(props: {
  readonly asset: ReachableView;
  readonly account: string | undefined;
  readonly host: string;
  readonly port: number;
}) {
  const t = useWords(toolWords);
  const tell = useTell();
  const [ticket, setTicket] = useState<{ line: string; until: number }>();
  const [now, setNow] = useState(Date.now);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!ticket) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [ticket]);
  // another account: the ticket of before is for the one of before
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => setTicket(undefined), [props.account]);
  const left = ticket ? Math.ceil((ticket.until - now) / 1000) : 0;
  const make = async () => {
    setBusy(true);
    try {
      const { asset, account, host, port } = props;
      const answer = await api.connections.open({ asset: asset.id, protocol: 'ssh', ...(account && { account }) });
      if (answer.state !== 'ticket') throw new Error(t.chooseAccount);
      setNow(Date.now());
      setTicket({ line: `ssh -p ${port} ${answer.ticket}@${host}`, until: Date.parse(answer.expiresAt) });
    } catch (error) {
      tell.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="xs" c="dimmed">
          {t.ticketText}
        </Text>
        {left > 0 && (
          <Text size="xs" c="dimmed" role="timer">
            {clockText(left)}
          </Text>
        )}
      </Group>
      {left > 0 ? (
        <Copyable value={ticket!.line} lines />
      ) : (
        <Button
          size="xs"
          variant="light"
          loading={busy}
          leftSection={<IconTicket size={15} />}
          onClick={() => void make()}
        >
          {ticket ? t.newTicket : t.makeTicket}
        </Button>
      )}
    </div>
  );
}
