import { Anchor, Badge, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconEye, IconLock, IconLockOpen, IconPlayerPlay, IconPower } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { isNoSuch } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { bytesText, useFormat } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { NoSession } from '../../kit/no-session.tsx';
import { sessionAsked } from '../../kit/session-asked.ts';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { apiUrl } from '../parts/download.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { partWords } from '../parts/part-words.ts';
import { useSessionActions } from './session-actions.ts';
import { isPlayable, isWatchable, lengthOf, Running, useEnding } from './session-cells.tsx';
import { SessionTraces } from './session-traces.tsx';
import { sessionWords } from './words.ts';

const REFRESH_MS = 3_000;

/** Everything that is known of one session. */
export function SessionDrawer({ id, close }: { readonly id: string | undefined; readonly close: () => void }) {
  const t = useWords(sessionWords);
  const { data, error, refetch } = useQuery({
    ...sessionAsked(id ?? ''),
    enabled: id !== undefined,
    refetchInterval: (query) => (query.state.data?.state === 'live' ? REFRESH_MS : false),
  });
  return (
    <Drawer
      opened={id !== undefined}
      onClose={close}
      position="right"
      size="lg"
      title={
        <Text fw={600} truncate>
          {data ? `${data.user} → ${data.account}@${data.asset}` : t.session}
        </Text>
      }
    >
      {isNoSuch(error) ? (
        <NoSession />
      ) : error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data ? (
        <Body row={data} />
      ) : (
        <Waiting />
      )}
    </Drawer>
  );
}

function Body({ row }: { readonly row: SessionView }) {
  const may = useMay();
  return (
    <Stack gap="lg">
      <Buttons row={row} />
      <SessionFacts row={row} />
      {may('audit.read') && <SessionTraces row={row} />}
    </Stack>
  );
}

function Buttons({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  const may = useMay();
  const actions = useSessionActions();
  const live = row.state === 'live';
  const small = { size: 'xs', variant: 'default' } as const;
  return (
    <Group gap="xs">
      {isWatchable(row) && may('sessions.watch') && (
        <Button {...small} component={Link} href={`/watch/${row.id}`} leftSection={<IconEye size={15} />}>
          {t.watch}
        </Button>
      )}
      {live && may('sessions.control') && (
        <>
          <Button
            {...small}
            leftSection={row.locked ? <IconLockOpen size={15} /> : <IconLock size={15} />}
            onClick={() => void actions.setLocked(row, !row.locked)}
          >
            {row.locked ? t.unlock : t.lock}
          </Button>
          <Button
            size="xs"
            variant="light"
            color="red"
            leftSection={<IconPower size={15} />}
            onClick={() => actions.end([row])}
          >
            {t.end}
          </Button>
        </>
      )}
      {isPlayable(row) && may('recordings.read') && (
        <>
          <Button size="xs" component={Link} href={`/replay/${row.id}`} leftSection={<IconPlayerPlay size={15} />}>
            {t.replay}
          </Button>
          <Button
            {...small}
            component="a"
            href={apiUrl(`/sessions/${row.id}/recording`)}
            download={`${row.id}.cast`}
            leftSection={<IconDownload size={15} />}
          >
            {t.download}
          </Button>
        </>
      )}
    </Group>
  );
}

function SessionFacts({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  const common = useWords(partWords);
  const may = useMay();
  const { moment } = useFormat();
  const ending = useEnding()(row);
  const live = row.state === 'live';
  const linked = (text: string, href: string) =>
    may('manage') ? (
      <Anchor component={Link} href={href} size="sm">
        {text}
      </Anchor>
    ) : (
      text
    );
  const when = row.endedAt === null ? moment(row.startedAt) : `${moment(row.startedAt)} – ${moment(row.endedAt)}`;
  const exit = row.exitSignal !== null ? t.signal(row.exitSignal) : row.exitCode !== null ? t.exit(row.exitCode) : '';
  const others = row.people.map(({ name, typing }) => (typing ? t.typing(name) : t.watching(name))).join(', ');
  const recording = [t[`rec_${row.recording}`], row.recordingBytes !== null && bytesText(row.recordingBytes)];
  return (
    <Facts>
      <Fact name={t.session}>
        <Hash value={row.id} />
      </Fact>
      <Fact name={t.user}>{linked(row.user, `/admin/users/${encodeURIComponent(row.user)}`)}</Fact>
      <Fact name={t.asset}>{linked(row.asset, `/admin/assets/${encodeURIComponent(row.asset)}`)}</Fact>
      <Fact name={t.account}>{row.account}</Fact>
      <Fact name={t.protocol}>{row.protocol}</Fact>
      <Fact name={t.use}>{common[`use_${row.use}`]}</Fact>
      <Fact name={t.command}>{row.command !== null && <span className="mono">{row.command}</span>}</Fact>
      <Fact name={t.destination}>{row.destination}</Fact>
      <Fact name={t.program}>{row.label}</Fact>
      <Fact name={t.client}>{`${row.clientIp} (${row.via === 'web' ? 'Web' : 'SSH'})`}</Fact>
      <Fact name={t.permission}>
        {linked(row.permission, `/admin/permissions/${encodeURIComponent(row.permission)}`)}
      </Fact>
      <Fact name={t.period}>{when}</Fact>
      <Fact name={t.length}>{live ? <Running since={row.startedAt} /> : lengthOf(row)}</Fact>
      <Fact name={t.traffic}>{`${bytesText(row.bytesIn)} / ${bytesText(row.bytesOut)}`}</Fact>
      <Fact name={t.people}>{others !== '' && others}</Fact>
      <Fact name={t.state}>{row.locked && <Badge color="red">{t.locked}</Badge>}</Fact>
      <Fact name={t.ending}>{!live && [exit, ending].filter(Boolean).join(' · ')}</Fact>
      <Fact name={t.recording}>{recording.filter(Boolean).join(', ')}</Fact>
      <Fact name={t.fingerprint}>{row.recordingSha256 !== null && <Hash value={row.recordingSha256} />}</Fact>
    </Facts>
  );
}

function Hash({ value }: { readonly value: string }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <span className="mono">{value}</span>
      <CopyIcon value={value} />
    </Group>
  );
}
