import { Box, UnstyledButton } from '@mantine/core';
import { IconServer2, IconUser } from '@tabler/icons-react';
import { useMay } from '../../kit/me.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { AssetSelect, UserSelect } from '../pickers/pickers.tsx';
import { Clip } from './clip.tsx';
import { partWords } from './part-words.ts';

/**
 * Only what one user did, or what was done on one asset; in the address as `user` and `asset`. Who may not list users
 * and assets types the whole name.
 */
export function NameFilter({ kind }: { readonly kind: 'user' | 'asset' }) {
  const t = useWords(partWords);
  const may = useMay();
  const [get, set] = useUrlState();
  const value = get(kind) ?? '';
  const label = t[kind];
  if (!may('manage')) {
    const icon = kind === 'user' ? <IconUser size={16} /> : <IconServer2 size={16} />;
    return (
      <SearchInput
        w={150}
        aria-label={label}
        placeholder={label}
        leftSection={icon}
        value={value}
        onChange={(name) => set({ [kind]: name })}
      />
    );
  }
  const Picker = kind === 'user' ? UserSelect : AssetSelect;
  return (
    <Box w={160}>
      <Picker
        aria-label={label}
        placeholder={label}
        clearable
        value={value === '' ? null : value}
        onChange={(name) => set({ [kind]: name ?? undefined })}
      />
    </Box>
  );
}

/** A name in a row; pressing it shows only what belongs to it. */
export function NameCell(props: {
  readonly kind: 'user' | 'asset' | 'account';
  readonly name: string;
  readonly max?: number;
  readonly quiet?: boolean;
}) {
  const { kind, name, max = 160, quiet = false } = props;
  const t = useWords(partWords);
  const [, set] = useUrlState();
  return (
    <UnstyledButton
      display="block"
      maw={max}
      lh={1.4}
      aria-label={t.onlyThis(name)}
      title={t.onlyThis(name)}
      onClick={() => set({ [kind]: name })}
    >
      <Clip text={name} max={max} size={quiet ? 'xs' : 'sm'} c={quiet ? 'dimmed' : undefined} lh={1.4} />
    </UnstyledButton>
  );
}
