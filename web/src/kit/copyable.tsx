import { ActionIcon, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { kitWords } from './kit-words.ts';
import { useWords } from './words.ts';

export function CopyIcon({ value, label }: { readonly value: string; readonly label?: string }) {
  const t = useWords(kitWords);
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t.copied : (label ?? t.copy)}>
          <ActionIcon size="sm" aria-label={label ?? t.copy} onClick={copy} color={copied ? 'teal' : 'gray'}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A value that people carry elsewhere: in its own type, with a button that copies it. */
export function Copyable({ value, lines = false }: { readonly value: string; readonly lines?: boolean }) {
  return (
    <Group
      gap="xs"
      wrap="nowrap"
      align={lines ? 'flex-start' : 'center'}
      bg="light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-7))"
      px="sm"
      py={6}
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    >
      <Text
        className="mono"
        size="sm"
        flex={1}
        miw={0}
        style={
          lines ? { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } : { overflow: 'auto', whiteSpace: 'nowrap' }
        }
      >
        {value}
      </Text>
      <CopyIcon value={value} />
    </Group>
  );
}
