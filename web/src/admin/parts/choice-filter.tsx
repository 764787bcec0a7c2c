import { Select, type SelectProps } from '@mantine/core';

/** One of a few, or none of them in particular; `label` names it for all, `none` is what stands there then. */
export function ChoiceFilter(
  props: Omit<SelectProps, 'data' | 'value' | 'onChange' | 'multiple'> & {
    readonly none: string;
    readonly choices: readonly (string | { readonly value: string; readonly label: string })[];
    readonly value: string | null;
    readonly onChange: (value: string | null) => void;
  },
) {
  const { none, choices, value, onChange, ...rest } = props;
  return (
    <Select
      clearable={value !== null}
      placeholder={none}
      {...rest}
      data={choices}
      value={value}
      onChange={(chosen) => onChange(typeof chosen === 'string' ? chosen : null)}
    />
  );
}
