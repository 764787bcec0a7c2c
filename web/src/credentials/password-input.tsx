import { Box, Group, PasswordInput, Progress, Text } from '@mantine/core';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

/** A rough estimate: what somebody would have to try who knows how it is made up. */
function bitsOf(password: string): number {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((pattern) => pattern.test(password)).length;
  const perSign = [0, 3, 3.6, 4.2, 4.8][classes]!;
  const distinct = new Set(password).size;
  return Math.min([...password].length, distinct * 2) * perSign;
}

/** A new password, typed twice, with the rule and how good it is. */
export function NewPassword(props: {
  readonly value: string;
  readonly repeated: string;
  readonly onChange: (value: string) => void;
  readonly onRepeat: (value: string) => void;
  readonly minLength: number;
  readonly error?: string | undefined;
  readonly label?: string;
  readonly optional?: boolean;
}) {
  const { value, repeated, onChange, onRepeat, minLength, error, label, optional = false } = props;
  const t = useWords(credentialWords);
  return (
    <>
      <Box>
        <PasswordInput
          label={label ?? t.newPassword}
          description={t.passwordRule(minLength)}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
          autoComplete="new-password"
          required={!optional}
          withAsterisk={false}
        />
        {value !== '' && !error && <Strength value={value} minLength={minLength} />}
      </Box>
      <PasswordInput
        label={t.repeatPassword}
        value={repeated}
        onChange={(event) => onRepeat(event.currentTarget.value)}
        error={repeated !== '' && !value.startsWith(repeated) ? t.notTheSame : undefined}
        autoComplete="new-password"
        required={!optional || value !== ''}
        withAsterisk={false}
      />
    </>
  );
}

function Strength({ value, minLength }: { readonly value: string; readonly minLength: number }) {
  const t = useWords(credentialWords);
  const length = [...value].length;
  const bits = bitsOf(value);
  const [share, color, text] =
    length < minLength
      ? [Math.max(8, (length / minLength) * 33), 'red', t.strengthShort(minLength - length)]
      : bits < 45
        ? [45, 'yellow', t.strengthFair]
        : bits < 65
          ? [75, 'teal', t.strengthGood]
          : [100, 'teal', t.strengthStrong];
  return (
    <Group gap="sm" mt={6} wrap="nowrap" aria-live="polite">
      <Progress value={share as number} color={color as string} size={4} flex={1} aria-hidden />
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}
