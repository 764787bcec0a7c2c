import { PasswordInput } from '@mantine/core';
import { ApiError } from '../kit/api.ts';
import { useMe } from '../kit/me.ts';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  /** Why it is asked for once more. */
  readonly proves?: boolean;
  readonly focused?: boolean;
}

/** The password of who is signed in, before something that decides how one logs in. Password managers fill it in. */
export function CurrentPassword({ value, onChange, error, proves, focused }: Props) {
  const t = useWords(credentialWords);
  const me = useMe();
  return (
    <>
      <input type="text" value={me.name} autoComplete="username" readOnly hidden />
      <PasswordInput
        label={t.current}
        description={proves ? t.proveText : undefined}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        autoComplete="current-password"
        data-autofocus={focused || undefined}
        required
        withAsterisk={false}
      />
    </>
  );
}

/** Whether it was the password that was not taken, and not what it was given for. */
export function isPasswordFault(error: unknown): boolean {
  return error instanceof ApiError && (error.details?.password !== undefined || error.code === 'rate_limited');
}
