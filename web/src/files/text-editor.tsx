import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Failed, useErrorText, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import type { Connection } from './connection.ts';
import { shownName } from './names.ts';
import { isChanged, NotHere, readText, type TextFile, writeText } from './text-file.ts';
import { filesWords } from './words.ts';

interface Props {
  readonly connection: Connection;
  readonly path: string;
  readonly name: string;
  readonly mayWrite: boolean;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** A small text file, in a window of its own. */
export function TextEditor(props: Props) {
  const { connection, path, name, mayWrite, onClose, onSaved } = props;
  const t = useWords(filesWords);
  const errorText = useErrorText();
  const [file, setFile] = useState<TextFile>();
  const [failed, setFailed] = useState<unknown>();
  const [text, setText] = useState('');
  const [state, setState] = useState<'clean' | 'dirty' | 'saving' | 'changed' | 'leaving'>('clean');
  const [problem, setProblem] = useState<unknown>();
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` is counted up to load it again
  useEffect(() => {
    let left = false;
    setFile(undefined);
    setFailed(undefined);
    readText(connection, path).then(
      (read) => {
        if (left) return;
        setFile(read);
        setText(read.text);
        setState('clean');
      },
      (error: unknown) => !left && setFailed(error),
    );
    return () => {
      left = true;
    };
  }, [connection, path, tries]);

  const save = async (anyway: boolean) => {
    if (!file || state === 'saving') return;
    setState('saving');
    setProblem(undefined);
    try {
      if (!anyway && (await isChanged(connection, path, file))) {
        setState('changed');
        return;
      }
      const entry = await writeText(connection, path, text, file.ends);
      setFile({ ...file, text, entry });
      setState('clean');
      onSaved();
    } catch (error) {
      setProblem(error);
      setState('dirty');
    }
  };
  const leave = () => {
    if (state === 'clean' || state === 'leaving') onClose();
    else if (state !== 'saving') setState('leaving');
  };
  return (
    <Modal
      opened
      onClose={leave}
      size="xl"
      closeOnClickOutside={state === 'clean'}
      title={
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {t.editTitle(shownName(name))}
        </Text>
      }
    >
      {failed instanceof NotHere && <Alert color="yellow">{t[failed.why]}</Alert>}
      {failed !== undefined && !(failed instanceof NotHere) && (
        <Failed error={failed} retry={() => setTries((n) => n + 1)} />
      )}
      {!file && failed === undefined && <Waiting />}
      {file && (
        <Stack gap="sm">
          <Textarea
            aria-label={shownName(name)}
            value={text}
            readOnly={!mayWrite}
            rows={20}
            spellCheck={false}
            data-autofocus
            styles={{
              input: { fontFamily: 'var(--mantine-font-family-monospace)', whiteSpace: 'pre', overflow: 'auto' },
            }}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setState('dirty');
            }}
            onKeyDown={(event) => {
              if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
              event.preventDefault();
              if (mayWrite && state === 'dirty') void save(false);
            }}
          />
          {state === 'changed' && (
            <Alert color="yellow" title={t.changedThere}>
              <Group gap="xs">
                <Button size="xs" color="red" onClick={() => void save(true)}>
                  {t.saveAnyway}
                </Button>
                <Button size="xs" variant="default" onClick={() => setTries((n) => n + 1)}>
                  {t.loadAgain}
                </Button>
              </Group>
            </Alert>
          )}
          {state === 'leaving' && (
            <Alert color="yellow" title={t.discardTitle}>
              <Group gap="xs">
                <Text size="sm">{t.discardText}</Text>
                <Button size="xs" color="red" onClick={onClose}>
                  {t.discard}
                </Button>
              </Group>
            </Alert>
          )}
          {problem !== undefined && (
            <Text size="sm" c="red" role="alert">
              {errorText(problem)}
            </Text>
          )}
          <Group justify="space-between">
            <Text size="xs" c="dimmed">
              {mayWrite ? (state === 'clean' ? '' : t.unsaved) : t.readOnly}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={leave}>
                {t.cancel}
              </Button>
              <Button
                disabled={!mayWrite || state === 'clean'}
                loading={state === 'saving'}
                onClick={() => void save(false)}
              >
                {t.save}
              </Button>
            </Group>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
