import { Alert, Button, Code, FileButton, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconFileSpreadsheet, IconUpload } from '@tabler/icons-react';
import { type DragEvent, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { COLUMNS } from '../../../../src/api/contract/asset-file.ts';
import { Page } from '../../kit/page.tsx';
import { Failed } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import classes from './import-page.module.css';
import { ImportPreview } from './import-preview.tsx';
import { importWords } from './import-words.ts';
import { type CsvFile, readCsv } from './read-csv.ts';
import { useImport, useJudgement } from './use-import.ts';

const LARGEST_FILE = 8 * 1024 * 1024;
const EXAMPLE = `name,address,protocols,platform,folder,labels,login
web1,10.0.0.5,ssh:2222,linux,/prod/web,env=prod role=web,deploy
db1,10.0.0.9,ssh mysql,linux,/prod/db,env=prod,root
`;

/** A CSV file becomes assets: read here, judged by the server, seen by a person, then added. */
export default function ImportPage() {
  const t = useWords(importWords);
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [draft, setDraft] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const [over, setOver] = useState(false);
  const [running, setRunning] = useState(false);
  const { file, wrong } = useMemo(() => read(text, t), [text, t]);
  const judgement = useJudgement(file);
  const run = useImport();

  const take = async (chosen: File | null | undefined) => {
    if (!chosen) return;
    setTooLarge(chosen.size > LARGEST_FILE);
    if (chosen.size <= LARGEST_FILE) setText(await chosen.text());
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const add = async () => {
    setRunning(true);
    const added = await run(file!);
    setRunning(false);
    if (added) navigate('/admin/assets');
  };
  const ready = file !== undefined && !judgement.checking && judgement.wrong === 0 && !judgement.error;
  return (
    <Page
      title={t.title}
      description={t.description}
      back={{ href: '/admin/assets', word: t.back }}
      actions={
        text !== '' && (
          <>
            <Button variant="default" onClick={() => setText('')}>
              {t.again}
            </Button>
            {file && (
              <Button disabled={!ready || file.rows.length === 0} loading={running} onClick={() => void add()}>
                {t.import(file.rows.length)}
              </Button>
            )}
          </>
        )
      }
    >
      {tooLarge && (
        <Alert color="red" variant="light">
          {t.tooLarge}
        </Alert>
      )}
      {wrong !== undefined && (
        <Alert color="red" variant="light" role="alert">
          {wrong}
        </Alert>
      )}
      {judgement.error ? <Failed error={judgement.error} /> : null}
      {file ? (
        <ImportPreview file={file} judgement={judgement} />
      ) : (
        <Stack maw={860}>
          <Paper
            withBorder
            p="xl"
            className={classes.drop}
            data-over={over || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
          >
            <Stack align="center" gap="sm">
              <IconFileSpreadsheet size={36} stroke={1.3} />
              <Text fw={500}>{t.drop}</Text>
              <FileButton onChange={(chosen) => void take(chosen)} accept=".csv,text/csv,text/plain">
                {(button) => (
                  <Button {...button} leftSection={<IconUpload size={16} />}>
                    {t.choose}
                  </Button>
                )}
              </FileButton>
            </Stack>
          </Paper>
          <Textarea
            label={t.orPaste}
            autosize
            minRows={4}
            maxRows={12}
            classNames={{ input: 'mono' }}
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
          />
          {draft.trim() !== '' && (
            <Group>
              <Button onClick={() => setText(draft)}>{t.preview}</Button>
            </Group>
          )}
          <Stack gap="xs">
            <Title order={3}>{t.columnsTitle}</Title>
            <Text size="sm" c="dimmed">
              {t.columnsText}
            </Text>
            <Text size="sm" className="mono">
              {COLUMNS.join(', ')}
            </Text>
            <Code block>{EXAMPLE}</Code>
            <Group>
              <Button variant="default" size="xs" onClick={() => setDraft(EXAMPLE)}>
                {t.example}
              </Button>
            </Group>
          </Stack>
        </Stack>
      )}
    </Page>
  );
}

function read(
  text: string,
  t: Parameters<typeof readCsv>[1],
): { file: CsvFile | undefined; wrong: string | undefined } {
  if (text.trim() === '') return { file: undefined, wrong: undefined };
  try {
    return { file: readCsv(text, t), wrong: undefined };
  } catch (error) {
    return { file: undefined, wrong: (error as Error).message };
  }
}
