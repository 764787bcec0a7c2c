import { Badge, Button, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { api } from '../kit/api.ts';
import { bytesText, clockText } from '../kit/format.ts';
import { useMay } from '../kit/me.ts';
import { usePaged } from '../kit/paged.ts';
import { useSaid } from '../kit/said/said.ts';
import { Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { Said } from './command-list.tsx';
import type { Playback } from './playback.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';

const COLOURS = { ok: 'teal', failed: 'red', denied: 'red', cancelled: 'gray' } as const;

/** The files that went through a session. */
export function FileList({
  session,
  playback,
}: {
  readonly session: SessionView;
  readonly playback: Playback | undefined;
}) {
  const t = useWords(replayWords);
  return useMay()('audit.read') ? <Files session={session} playback={playback} /> : <Said text={t.mayNotCommands} />;
}

function Files({ session, playback }: { readonly session: SessionView; readonly playback: Playback | undefined }) {
  const t = useWords(replayWords);
  const { rows, loading, error, more, loadingMore, retry } = usePaged(
    'transfers',
    { session: session.id },
    (page) => api.transfers.list({ session: session.id, ...page }),
    { limit: 200 },
  );
  const said = useSaid();
  if (loading) return <Waiting />;
  if (error) return <Failed error={error} retry={retry} />;
  if (rows.length === 0) return <Said text={t.noFiles} />;
  const began = Date.parse(session.startedAt);
  return (
    <div className={classes.list}>
      {rows.map((file) => {
        const seconds = (Date.parse(file.startedAt) - began) / 1000;
        const word = file.direction === 'upload' ? t.upload : t.downloadFile;
        return (
          <UnstyledButton
            key={file.id}
            className={classes.row}
            disabled={!playback}
            onClick={() => void playback?.seek(seconds)}
          >
            <Group gap={8} wrap="nowrap">
              {file.direction === 'upload' ? (
                <IconUpload size={16} aria-label={word} style={{ flex: 'none' }} />
              ) : (
                <IconDownload size={16} aria-label={word} style={{ flex: 'none' }} />
              )}
              <Text size="sm" className={`mono ${classes.line}`}>
                {file.path}
              </Text>
            </Group>
            <Group gap={8} mt={2}>
              <Text size="xs" c="dimmed" className="mono">
                {clockText(seconds)}
              </Text>
              <Text size="xs" c="dimmed">
                {bytesText(file.bytes)}
              </Text>
              {file.result !== 'ok' && (
                <Badge size="xs" color={COLOURS[file.result]}>
                  {file.detail === null ? t[file.result] : said(file.detail)}
                </Badge>
              )}
            </Group>
          </UnstyledButton>
        );
      })}
      {more && (
        <Stack align="center" p="xs">
          <Button size="compact-sm" variant="subtle" loading={loadingMore} onClick={more}>
            {t.moreHits}
          </Button>
        </Stack>
      )}
    </div>
  );
}
