import { TextInput, type TextInputProps } from '@mantine/core';

/** Six digits of an authenticator app; browsers and password managers know the field. */
export function CodeInput(props: TextInputProps) {
  return (
    <TextInput
      inputMode="numeric"
      autoComplete="one-time-code"
      placeholder="123 456"
      maxLength={10}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', letterSpacing: '0.12em' } }}
      {...props}
    />
  );
}
