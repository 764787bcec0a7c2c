import { CloseButton, TextInput, type TextInputProps } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { kitWords } from './kit-words.ts';
import { useWords } from './words.ts';

const PAUSE_MS = 250;

/** A search that asks when the typing pauses. */
export function SearchInput(
  props: Omit<TextInputProps, 'value' | 'onChange'> & {
    readonly value: string;
    readonly onChange: (text: string) => void;
  },
) {
  const { value, onChange, ...rest } = props;
  const t = useWords(kitWords);
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    // changed from outside: by the address, or by a filter that was taken away
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      onChange(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <TextInput
      aria-label={t.search}
      placeholder={t.search}
      leftSection={<IconSearch size={16} />}
      rightSection={text !== '' && <CloseButton size="sm" aria-label={t.clear} onClick={() => setText('')} />}
      {...rest}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
