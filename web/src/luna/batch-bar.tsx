import { ActionIcon, Button, Group, Text, Textarea, Tooltip } from '@mantine/core';
import { IconSend, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { kitWords } from '../kit/kit-words.ts';
import { useWords } from '../kit/words.ts';
import { asTyped } from './quick-text.ts';
import { nameOf, TargetPicker, useChosen } from './targets.tsx';
import { toolWords } from './tool-words.ts';
import classes from './tools.module.css';

/** One line, or several, typed into many terminals at once. */
export function BatchBar({ onClose }: { readonly onClose: () => void }) {
  const t = useWords(toolWords);
  const kit = useWords(kitWords);
  const [text, setText] = useState('');
  const [told, setTold] = useState<string>();
  const chosen = useChosen();
  const send = () => {
    if (text === '' || chosen.length === 0) return;
    const taken = chosen.filter((shell) => shell.type(asTyped(text, true)));
    const refused = chosen.filter((shell) => !taken.includes(shell));
    setTold(refused.length === 0 ? t.sentTo(taken.map(nameOf).join(', ')) : t.notTaken(refused.map(nameOf).join(', ')));
    setText('');
  };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" className={classes.batch} role="region" aria-label={t.batch}>
      <TargetPicker />
      <Textarea
        flex={1}
        miw={0}
        size="xs"
        autosize
        minRows={1}
        maxRows={5}
        autoFocus
        classNames={{ input: 'mono' }}
        aria-label={t.batchLine}
        placeholder={t.batchHint}
        description={
          told && (
            <Text span size="xs" role="status" data-told="">
              {told}
            </Text>
          )
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          }
          if (event.key === 'Escape') onClose();
        }}
      />
      <Tooltip label="Ctrl+Enter">
        <Button
          size="xs"
          leftSection={<IconSend size={14} />}
          disabled={text === '' || chosen.length === 0}
          onClick={send}
        >
          {t.send}
        </Button>
      </Tooltip>
      <ActionIcon size={30} aria-label={kit.close} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
    </Group>
  );
}
