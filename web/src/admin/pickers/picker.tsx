import { Group, MultiSelect, Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { useWords } from '../../kit/words.ts';
import { pickerWords } from './picker-words.ts';

/** Something to choose: `name` is what is given on, the rest is for the eye. */
export interface Choice {
  readonly name: string;
  /** A few words that tell it from others: a full name, an address, a count. */
  readonly hint?: string | undefined;
}

/** Where the choices come from. `resource` is the first part of the key they are cached by. */
export interface Source {
  readonly resource: string;
  readonly load: (text: string) => Promise<readonly Choice[]>;
}

interface Common {
  /** Where no label is shown. */
  readonly 'aria-label'?: string | undefined;
  readonly 'data-autofocus'?: boolean | undefined;
  readonly w?: number | string | undefined;
  readonly flex?: string | undefined;
  readonly label?: string | undefined;
  readonly description?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly required?: boolean | undefined;
}

export interface ManyProps extends Common {
  readonly value: readonly string[];
  readonly onChange: (names: string[]) => void;
  /** Names that are not offered. */
  readonly without?: readonly string[] | undefined;
}

export interface OneProps extends Common {
  readonly value: string | null;
  readonly onChange: (name: string | null) => void;
  readonly clearable?: boolean | undefined;
  readonly without?: readonly string[] | undefined;
}

const PAUSE_MS = 200;
const NONE: readonly string[] = [];

function useChoices(source: Source, text: string, open: boolean) {
  const t = useWords(pickerWords);
  const wanted = text.trim();
  const [asked] = useDebouncedValue(wanted, PAUSE_MS);
  const {
    data = [],
    error,
    isFetching,
    isPlaceholderData,
  } = useQuery({
    queryKey: [source.resource, 'choices', asked],
    queryFn: () => source.load(asked),
    placeholderData: keepPreviousData,
    enabled: open,
  });
  const message = error ? t.failed : isFetching ? t.looking : t.nothing;
  // until the server has answered, what is there already is narrowed down: Enter must not take what does not match
  const settled = asked === wanted && !isPlaceholderData;
  const fits = ({ name, hint = '' }: Choice) => `${name} ${hint}`.toLowerCase().includes(wanted.toLowerCase());
  return { choices: settled ? data : data.filter(fits), settled, message };
}

/**
 * Enter takes what was typed, or else the first that fits, also when it is pressed before that has come: the list marks
 * nothing by itself then, and the form around it would be sent.
 */
function useEnter(props: {
  readonly text: string;
  readonly settled: boolean;
  readonly open: boolean;
  readonly names: readonly string[];
  readonly take: (name: string) => void;
}) {
  const { text, settled, open, names, take } = props;
  const [due, setDue] = useState<string>();
  useEffect(() => {
    if (due === undefined || (due === text && !settled)) return;
    setDue(undefined);
    const wanted = text.trim().toLowerCase();
    const name = names.find((one) => one.toLowerCase() === wanted) ?? names[0];
    // another text: the list has taken what it had marked, or somebody typed on
    if (due === text && name !== undefined) take(name);
  }, [due, text, settled, names, take]);
  return (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || !open || text.trim() === '') return;
    event.preventDefault();
    setDue(text);
  };
}

function optionsOf(choices: readonly Choice[], chosen: readonly string[], without: readonly string[]): string[] {
  const left = new Set(without);
  // what is chosen stays an option, or its pill would lose its name when the search moves on
  return [...new Set([...choices.map((choice) => choice.name).filter((name) => !left.has(name)), ...chosen])];
}

function useOption(choices: readonly Choice[]) {
  const hints = new Map(choices.map((choice) => [choice.name, choice.hint]));
  return ({ option }: { option: { value: string } }) => {
    const hint = hints.get(option.value);
    return (
      <Group gap="xs" wrap="nowrap" flex={1} miw={0}>
        <Text size="sm" truncate>
          {option.value}
        </Text>
        {hint !== undefined && hint !== '' && (
          <Text size="xs" c="dimmed" truncate flex={1}>
            {hint}
          </Text>
        )}
      </Group>
    );
  };
}

/** Several names out of a list that may be long: the server searches it. */
export function PickMany({
  source,
  value,
  onChange,
  without = NONE,
  ...rest
}: ManyProps & { readonly source: Source }) {
  const t = useWords(pickerWords);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const { choices, settled, message } = useChoices(source, text, open);
  const renderOption = useOption(choices);
  const onKeyDown = useEnter({
    text,
    settled,
    open,
    names: optionsOf(choices, NONE, [...without, ...value]),
    take: (name) => {
      onChange([...value, name]);
      setText('');
    },
  });
  return (
    <MultiSelect
      {...rest}
      onKeyDown={onKeyDown}
      placeholder={value.length === 0 ? (rest.placeholder ?? t.type) : undefined}
      value={[...value]}
      onChange={onChange}
      data={optionsOf(choices, value, without)}
      filter={({ options }) => options}
      searchable
      selectFirstOptionOnChange
      searchValue={text}
      onSearchChange={setText}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      hidePickedOptions
      clearable
      nothingFoundMessage={message}
      renderOption={renderOption}
      maxDropdownHeight={280}
      // beside one pill there is room to type: no second line for it
      styles={{ inputField: { minWidth: 56 } }}
    />
  );
}

/** One name out of such a list. */
export function PickOne({ source, value, onChange, without = NONE, ...rest }: OneProps & { readonly source: Source }) {
  const t = useWords(pickerWords);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  // the field shows what is chosen: that is not a search
  const search = text === value ? '' : text;
  const { choices, settled, message } = useChoices(source, search, open);
  const renderOption = useOption(choices);
  const onKeyDown = useEnter({
    text: search,
    settled,
    open,
    names: optionsOf(choices, NONE, without),
    take: (name) => {
      onChange(name);
      setOpen(false);
    },
  });
  return (
    <Select
      {...rest}
      onKeyDown={onKeyDown}
      dropdownOpened={open}
      placeholder={rest.placeholder ?? t.type}
      value={value}
      onChange={onChange}
      data={optionsOf(choices, value === null ? NONE : [value], without)}
      filter={({ options }) => options}
      searchable
      selectFirstOptionOnChange
      searchValue={text}
      onSearchChange={setText}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      nothingFoundMessage={message}
      renderOption={renderOption}
      maxDropdownHeight={280}
    />
  );
}
