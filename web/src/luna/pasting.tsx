import { Button, Checkbox, Code, Group, ScrollArea, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { bytesText } from '../kit/format.ts';
import { kitWords } from '../kit/kit-words.ts';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { useTerminalSettings } from './preferences.ts';
import { terminalSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { words } from './words.ts';

const MAX_PASTE = 1024 * 1024;
const PREVIEW = 4_000;

/** Pastes where it is allowed; shows several lines before they run. */
export function usePasting(): (shell: Shell, text: string) => void {
  const t = useWords(words);
  const tell = useTell();
  return (shell, text) => {
    if (text === '') return;
    if (!shell.may('paste')) return tell.failed(new Error(t.mayNotPaste));
    if (text.length > MAX_PASTE) return tell.failed(new Error(t.pasteTooLong(bytesText(MAX_PASTE))));
    if (!terminalSettings.get().askPaste || !/[\r\n]/.test(text)) return shell.paste(text);
    const id = modals.open({
      title: <Text fw={600}>{t.pasteTitle(text.trimEnd().split(/\r\n|\r|\n/).length)}</Text>,
      size: 'lg',
      returnFocus: false,
      onClose: () => shell.focus(),
      children: (
        <AskPaste
          text={text}
          onCancel={() => modals.close(id)}
          onPaste={() => {
            modals.close(id);
            shell.paste(text);
          }}
        />
      ),
    });
  };
}

function AskPaste(props: { readonly text: string; readonly onCancel: () => void; readonly onPaste: () => void }) {
  const t = useWords(words);
  const kit = useWords(kitWords);
  const { change } = useTerminalSettings();
  const [never, setNever] = useState(false);
  const { text } = props;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (never) change({ askPaste: false });
        props.onPaste();
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t.pasteText}
        </Text>
        <ScrollArea.Autosize mah={260}>
          <Code block>{text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text}</Code>
        </ScrollArea.Autosize>
        <Checkbox
          size="xs"
          label={t.pasteNever}
          checked={never}
          onChange={(event) => setNever(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            {kit.cancel}
          </Button>
          <Button type="submit" data-autofocus>
            {t.paste}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
