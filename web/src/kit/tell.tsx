import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { kitWords } from './kit-words.ts';
import { useErrorText } from './states.tsx';
import { useWords } from './words.ts';

/** Sentences in the corner about what was done. */
export function useTell() {
  const t = useWords(kitWords);
  const errorText = useErrorText();
  return {
    /** `undo` takes back what was done; it is offered for eight seconds. */
    done(text: string, undo?: () => void): void {
      const id = crypto.randomUUID();
      notifications.show({
        id,
        color: 'teal',
        icon: <IconCheck size={18} />,
        autoClose: undo ? 8000 : 4000,
        message: undo ? (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">{text}</Text>
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => {
                notifications.hide(id);
                undo();
              }}
            >
              {t.undo}
            </Button>
          </Group>
        ) : (
          text
        ),
      });
    },
    failed(error: unknown): void {
      notifications.show({
        color: 'red',
        icon: <IconAlertTriangle size={18} />,
        autoClose: 10_000,
        title: t.failedTitle,
        message: errorText(error),
      });
    },
  };
}
