import { Badge, Button, Divider, Group, Modal, SegmentedControl, Select, Stack, TagsInput, Text } from '@mantine/core';
import { IconEye, IconKeyboard } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShareView } from '../../../src/api/contract/connections.ts';
import { api, queries } from '../kit/api.ts';
import { Copyable } from '../kit/copyable.tsx';
import { useFormat } from '../kit/format.ts';
import { Failed } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { shareWords } from './share-words.ts';

const MINUTES = [10, 30, 60, 240, 480];

/** Links to a live session of one's own: made, listed, taken back. Needs action `share`. */
export function ShareDialog(props: {
  /** Its id. */
  readonly session: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const t = useWords(shareWords);
  const { session, opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={600}>{t.title}</Text>} size="md">
      <Shares session={session} />
    </Modal>
  );
}

function Shares({ session }: { readonly session: string }) {
  const t = useWords(shareWords);
  const [write, setWrite] = useState(false);
  const [minutes, setMinutes] = useState(60);
  const [users, setUsers] = useState<string[]>([]);
  const [made, setMade] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const key = ['shares', 'list', session];
  const { data: links } = useQuery({ queryKey: key, queryFn: () => api.shares.list({ id: session }) });
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { token, url } = await api.shares.add({ id: session, write, minutes, users });
      setMade(url ?? `${location.origin}/share#${token}`);
      void queries.invalidateQueries({ queryKey: key });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      {made === undefined ? (
        <>
          <Text size="sm" c="dimmed">
            {t.text}
          </Text>
          <Stack gap={4}>
            <Text size="sm" fw={500}>
              {t.mode}
            </Text>
            <SegmentedControl
              fullWidth
              aria-label={t.mode}
              value={write ? 'write' : 'read'}
              onChange={(value) => setWrite(value === 'write')}
              data={[
                { value: 'read', label: t.read },
                { value: 'write', label: t.write },
              ]}
            />
            {write && (
              <Text size="xs" c="orange">
                {t.writeHint}
              </Text>
            )}
          </Stack>
          <Select
            label={t.minutes}
            allowDeselect={false}
            value={String(minutes)}
            onChange={(value) => setMinutes(Number(value))}
            data={MINUTES.map((n) => ({ value: String(n), label: t.forMinutes(n) }))}
          />
          <TagsInput label={t.users} description={t.usersHint} value={users} onChange={setUsers} maxTags={100} />
          {error !== undefined && <Failed error={error} />}
          <Group justify="flex-end">
            <Button loading={busy} onClick={() => void make()}>
              {t.make}
            </Button>
          </Group>
        </>
      ) : (
        <>
          <Text size="sm">{t.shownOnce}</Text>
          <Copyable value={made} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setMade(undefined)}>
              {t.done}
            </Button>
          </Group>
        </>
      )}
      {links && links.length > 0 && (
        <>
          <Divider label={t.links} labelPosition="left" />
          {links.map((link) => (
            <LinkRow key={link.id} link={link} listKey={key} />
          ))}
        </>
      )}
    </Stack>
  );
}

function LinkRow({ link, listKey }: { readonly link: ShareView; readonly listKey: readonly string[] }) {
  const t = useWords(shareWords);
  const { short } = useFormat();
  const tell = useTell();
  const takeBack = async () => {
    try {
      await api.shares.remove({ id: link.id });
      tell.done(t.takenBack);
    } catch (error) {
      tell.failed(error);
    }
    void queries.invalidateQueries({ queryKey: listKey });
  };
  return (
    <Group justify="space-between" wrap="nowrap">
      <Stack gap={2} miw={0}>
        <Group gap={6} wrap="nowrap">
          <Badge
            color={link.write ? 'orange' : 'gray'}
            style={{ flex: 'none' }}
            leftSection={link.write ? <IconKeyboard size={12} /> : <IconEye size={12} />}
          >
            {link.write ? t.write : t.read}
          </Badge>
          <Text size="sm" truncate>
            {link.users.length > 0 ? link.users.join(', ') : t.everybody}
          </Text>
        </Group>
        <Text size="xs" c="dimmed">
          {t.until(short(link.expiresAt))}
        </Text>
      </Stack>
      <Button size="compact-sm" variant="subtle" color="red" style={{ flex: 'none' }} onClick={() => void takeBack()}>
        {t.takeBack}
      </Button>
    </Group>
  );
}
