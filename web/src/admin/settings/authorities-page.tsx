import { Button, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCertificate, IconPlus } from '@tabler/icons-react';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { kitWords } from '../../kit/kit-words.ts';
import { Ago } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import { RowMenu } from '../parts/row-menu.tsx';
import { useRun } from '../parts/run.ts';
import { useWhole } from '../parts/whole.ts';
import { AddAuthority } from './add-authority.tsx';
import { OwnAuthorities } from './own-authorities.tsx';
import { settingsWords } from './words.ts';

type Authority = Awaited<ReturnType<typeof api.authorities.list>>[number];

/** Whose certificates let people in, and with which ones the bastion itself goes on. */
export default function AuthoritiesPage() {
  const t = useWords(settingsWords);
  const kit = useWords(kitWords);
  const [adding, add] = useDisclosure(false);
  const confirm = useConfirm();
  const run = useRun('authorities');
  const list = useWhole('authorities', () => api.authorities.list());
  const remove = (row: Authority) =>
    confirm({
      title: t.removeCa(row.name),
      text: t.removeCaText,
      action: kit.remove,
      typed: row.name,
      run: () =>
        run.each(
          [row],
          ({ id }) => api.authorities.remove({ name: id }),
          () => t.caRemoved,
        ),
    });
  const columns: Column<Authority>[] = [
    { key: 'name', title: t.caName, render: (row) => <Clip text={row.name} fw={500} max={240} /> },
    { key: 'type', title: t.type, from: 'md', render: (row) => <Text size="sm">{row.type}</Text> },
    {
      key: 'fingerprint',
      title: t.fingerprint,
      from: 'sm',
      render: (row) => <Clip mono text={row.fingerprint} max={420} />,
    },
    { key: 'added', title: t.added, from: 'md', render: (row) => <Ago at={row.createdAt} /> },
    {
      key: 'menu',
      title: '',
      width: 40,
      render: (row) => (
        <RowMenu name={row.name} items={[{ label: kit.remove, danger: true, run: () => remove(row) }]} />
      ),
    },
  ];
  return (
    <Page
      title={t.authorities}
      description={t.authoritiesText}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
          {t.addCa}
        </Button>
      }
    >
      <Stack gap="xs">
        <Title order={2}>{t.trusted}</Title>
        <Text size="sm" c="dimmed">
          {t.trustedText}
        </Text>
        <DataTable
          list={list}
          columns={columns}
          idOf={(row) => row.id}
          nameOf={(row) => row.name}
          empty={<Empty icon={IconCertificate} title={t.trustedEmpty} text={t.trustedEmptyText} />}
        />
      </Stack>
      <OwnAuthorities />
      <AddAuthority opened={adding} close={add.close} />
    </Page>
  );
}
