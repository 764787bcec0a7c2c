import { Group, TagsInput, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useWords } from '../../kit/words.ts';
import { type ManyProps, type OneProps, PickMany, PickOne } from './picker.tsx';
import { pickerWords } from './picker-words.ts';
import { useSources } from './sources.ts';

export function UserPicker(props: ManyProps) {
  const t = useWords(pickerWords);
  return <PickMany label={t.users} {...props} source={useSources().users} />;
}

export function GroupPicker(props: ManyProps) {
  const t = useWords(pickerWords);
  return <PickMany label={t.groups} {...props} source={useSources().groups} />;
}

export function AssetPicker(props: ManyProps) {
  const t = useWords(pickerWords);
  return <PickMany label={t.assets} {...props} source={useSources().assets} />;
}

export function FolderPicker(props: ManyProps) {
  const t = useWords(pickerWords);
  return <PickMany label={t.folders} {...props} source={useSources().folders} />;
}

export function UserSelect(props: OneProps) {
  return <PickOne {...props} source={useSources().users} />;
}

export function GroupSelect(props: OneProps) {
  return <PickOne {...props} source={useSources().groups} />;
}

export function AssetSelect(props: OneProps) {
  return <PickOne {...props} source={useSources().assets} />;
}

export function FolderSelect(props: OneProps) {
  return <PickOne {...props} source={useSources().folders} />;
}

const SPECIAL = ['@all', '@user', '@input'] as const;

/**
 * Logins of accounts. Any login may be typed, for accounts that do not exist yet; those that do are offered.
 * `special` offers `@all`, `@user` and `@input` too.
 */
export function AccountPicker({
  special = false,
  without = [],
  ...props
}: ManyProps & { readonly special?: boolean | undefined }) {
  const t = useWords(pickerWords);
  const { accounts } = useSources();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [asked] = useDebouncedValue(text.trim(), 200);
  const { data = [] } = useQuery({
    queryKey: [accounts.resource, 'choices', asked],
    queryFn: () => accounts.load(asked),
    placeholderData: keepPreviousData,
    enabled: open,
  });
  const meanings: Readonly<Record<string, string>> = { '@all': t.all, '@user': t.user, '@input': t.input };
  const hints = new Map(data.map((choice) => [choice.name, choice.hint]));
  const names = [...(special ? SPECIAL : []), ...hints.keys()].filter((name) => !without.includes(name));
  return (
    <TagsInput
      label={t.accounts}
      {...props}
      placeholder={props.value.length === 0 ? (props.placeholder ?? t.typeLogin) : undefined}
      value={[...props.value]}
      onChange={props.onChange}
      data={names}
      searchValue={text}
      onSearchChange={setText}
      onDropdownOpen={() => setOpen(true)}
      clearable
      renderOption={({ option }) => (
        <Group gap="xs" wrap="nowrap" flex={1} miw={0}>
          <Text size="sm" className="mono" truncate>
            {option.value}
          </Text>
          <Text size="xs" c="dimmed" truncate flex={1}>
            {meanings[option.value] ?? hints.get(option.value)}
          </Text>
        </Group>
      )}
      maxDropdownHeight={280}
    />
  );
}
