import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { type ReactNode, useState } from 'react';
import { kitWords } from './kit-words.ts';
import { useErrorText } from './states.tsx';
import { useWords } from './words.ts';

export interface Question {
  readonly title: string;
  readonly text: ReactNode;
  /** What the button says: the deed itself. */
  readonly action: string;
  /** Has to be typed first: for what cannot be taken back. */
  readonly typed?: string | undefined;
  /** The window stays open, and tells why, when this rejects. */
  readonly run: () => Promise<unknown>;
}

/** Asks before something that hurts. */
export function useConfirm(): (question: Question) => void {
  return (question) => {
    const id = modals.open({
      title: <Text fw={600}>{question.title}</Text>,
      children: <Ask question={question} close={() => modals.close(id)} />,
    });
  };
}

function Ask({ question, close }: { readonly question: Question; readonly close: () => void }) {
  const t = useWords(kitWords);
  const errorText = useErrorText();
  const [typed, setTyped] = useState('');
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setRunning(true);
    setError(undefined);
    try {
      await question.run();
      close();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setRunning(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <Stack>
        <Text size="sm" component="div">
          {question.text}
        </Text>
        {question.typed !== undefined && (
          <TextInput
            label={t.typeToConfirm(question.typed)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {error !== undefined && (
          <Text size="sm" c="red" role="alert">
            {errorText(error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t.cancel}
          </Button>
          <Button
            type="submit"
            color="red"
            loading={running}
            disabled={question.typed !== undefined && typed !== question.typed}
            data-autofocus={question.typed === undefined || undefined}
          >
            {question.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
