import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SignInState } from '../../../src/api/contract/sign-in.ts';
import { useFaultText } from '../credentials/faults.ts';
import { KeyInput, keyFault } from '../credentials/key-input.tsx';
import { NewPassword } from '../credentials/password-input.tsx';
import { ApiError, api } from '../kit/api.ts';
import { useFormat } from '../kit/format.ts';
import { useWords } from '../kit/words.ts';
import { Frame } from './frame.tsx';
import type { LinkInfo } from './link-page.tsx';
import { Problem } from './steps.tsx';
import { loginWords } from './words.ts';

export interface Made {
  readonly name: string;
  /** Signs the person in with the password they have just chosen; absent for who brought a key alone. */
  readonly signIn?: () => Promise<SignInState>;
}

/** What one will log in with from now on. */
export function LinkForm(props: {
  readonly link: LinkInfo;
  readonly token: string;
  readonly done: (made: Made) => Promise<void>;
}) {
  const { link, token, done } = props;
  const t = useWords(loginWords);
  const { moment } = useFormat();
  const faultText = useFaultText(link.passwordMinLength);
  const setup = link.kind === 'setup';
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [key, setKey] = useState('');
  const [withKey, setWithKey] = useState(!link.password);
  const [error, setError] = useState<{ readonly at: 'name' | 'password' | 'form'; readonly text: string }>();
  const [running, setRunning] = useState(false);

  const send = async () => {
    setError(undefined);
    setRunning(true);
    const credentials = { ...(password !== '' && { password }), keys: key.trim() === '' ? [] : [key.trim()] };
    try {
      const made = setup
        ? await api.links.setup({ token, name: name.trim(), ...credentials })
        : await api.links.acceptInvite({ token, ...credentials });
      await done({
        name: made.name,
        ...(password !== '' && { signIn: () => api.signIn.begin({ name: made.name, password }) }),
      });
    } catch (thrown) {
      const field = thrown instanceof ApiError ? fieldOf(thrown) : 'form';
      const text =
        field === 'name' && thrown instanceof ApiError && thrown.code === 'conflict' ? t.nameTaken : undefined;
      setError({ at: field, text: text ?? (field === 'name' ? t.nameRule : faultText(thrown)) });
    } finally {
      setRunning(false);
    }
  };
  const ready =
    (link.password ? password !== '' && password === repeated : key.trim() !== '') && keyFault(key) === undefined;
  const text = (
    <>
      {setup ? t.setupText : link.password ? t.inviteText : t.keyOnly} {t.linkUntil(moment(link.expiresAt))}
    </>
  );
  return (
    <Frame title={setup ? t.setupTitle : t.inviteTitle(link.name ?? '')} text={text}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void send();
        }}
      >
        <Stack gap="md">
          {error?.at === 'form' && <Problem text={error.text} />}
          {setup ? (
            <TextInput
              label={t.name}
              description={t.nameRule}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={error?.at === 'name' ? error.text : undefined}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              required
              withAsterisk={false}
            />
          ) : (
            // for the password manager, which files the new password under it
            <input type="text" value={link.name ?? ''} autoComplete="username" readOnly hidden />
          )}
          {link.password && (
            <NewPassword
              value={password}
              repeated={repeated}
              onChange={setPassword}
              onRepeat={setRepeated}
              minLength={link.passwordMinLength}
              error={error?.at === 'password' ? error.text : undefined}
            />
          )}
          {link.publicKey &&
            (withKey ? (
              <KeyInput value={key} onChange={setKey} {...(link.password && { label: t.keyOptional })} />
            ) : (
              <Anchor component="button" type="button" size="sm" ta="left" onClick={() => setWithKey(true)}>
                {t.addKey}
              </Anchor>
            ))}
          <Button type="submit" loading={running} disabled={!ready} fullWidth mt="xs">
            {setup ? t.setupAction : link.password ? t.inviteAction : t.inviteActionKey}
          </Button>
          {!setup && link.name && (
            <Text size="xs" c="dimmed" ta="center">
              {t.name}: {link.name}
            </Text>
          )}
        </Stack>
      </form>
    </Frame>
  );
}

/** Which field an error answer is about. */
function fieldOf(error: ApiError): 'name' | 'password' | 'form' {
  if (error.code === 'conflict') return 'name';
  if (error.details?.password !== undefined) return 'password';
  const issues = error.details?.issues as readonly { field: string }[] | undefined;
  const field = issues?.[0]?.field;
  return field === 'name' || field === 'password' ? field : 'form';
}
