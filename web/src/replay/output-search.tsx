import { Box, Button, Highlight, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { SessionView } from '../../../src/api/contract/sessions.ts';
import { api } from '../kit/api.ts';
import { clockText } from '../kit/format.ts';
import { usePaged } from '../kit/paged.ts';
import { SearchInput } from '../kit/search-input.tsx';
import { Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { Said } from './command-list.tsx';
import type { Playback } from './playback.ts';
import classes from './replay.module.css';
import { replayWords } from './replay-words.ts';

/** Searches what the terminal of one session showed; a hit shows the moment at which its line came. */
export function OutputSearch({
  session,
  playback,
}: {
  readonly session: SessionView;
  readonly playback: Playback | undefined;
}) {
  const t = useWords(replayWords);
  const [text, setText] = useState('');
  return (
    <>
      <Box p="xs">
        <SearchInput
          value={text}
          onChange={setText}
          placeholder={t.findOutput}
          aria-label={t.findOutput}
          size="xs"
          maxLength={200}
          data-autofocus
        />
      </Box>
      {text.trim() === '' ? (
        <Said text={t.findOutputHint} />
      ) : (
        <Hits session={session} text={text} playback={playback} />
      )}
    </>
  );
}

function Hits(props: {
  readonly session: SessionView;
  readonly text: string;
  readonly playback: Playback | undefined;
}) {
  const t = useWords(replayWords);
  const { session, text, playback } = props;
  const { rows, loading, error, more, loadingMore, retry } = usePaged(
    'search',
    { text, session: session.id },
    (page) => api.search.output({ text, session: session.id, ...page }),
    { limit: 100 },
  );
  if (loading) return <Waiting />;
  if (error) return <Failed error={error} retry={retry} />;
  if (rows.length === 0 && !more) return <Said text={`${t.noHits} ${t.notIndexed}`} />;
  return (
    <div className={classes.list}>
      {rows.map((hit) => (
        <UnstyledButton
          key={`${hit.seconds} ${hit.before}${hit.match}${hit.after}`}
          className={classes.row}
          onClick={() => void playback?.seek(hit.seconds)}
        >
          <Text size="xs" className={`mono ${classes.line}`} component="div">
            {hit.before}
            <Highlight highlight={hit.match} span inherit>
              {hit.match}
            </Highlight>
            {hit.after}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {clockText(hit.seconds)}
          </Text>
        </UnstyledButton>
      ))}
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
