import {
  Alert,
  Button,
  FileButton,
  Group,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import type { AccountView } from '../../../../src/api/contract/assets.ts';
import { ApiError, api } from '../../kit/api.ts';
import { useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { assetPageWords } from './page-words.ts';
import { assetsChanged } from './use-moves.ts';

type Way = 'keep' | 'password' | 'key' | 'generate' | 'agent' | 'certificate' | 'none';

interface Props {
  readonly asset: string;
  /** Edits this one; a new one without. */
  readonly account: AccountView | undefined;
  /** What a new one is called at first. */
  readonly login: string;
  readonly close: () => void;
  /** The machine has to be told something: a public key, or whom to trust. */
  readonly onInstall: (account: AccountView) => void;
}

export function AccountModal({ opened, ...props }: Props & { readonly opened: boolean }) {
  const t = useWords(assetPageWords);
  return (
    <Modal
      opened={opened}
      onClose={props.close}
      title={props.account ? t.editTitle(props.account.login) : t.newTitle}
      size="lg"
      closeOnClickOutside={false}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ asset, account, login: wanted, close, onInstall }: Props) {
  const t = useWords(assetPageWords);
  const tell = useTell();
  const errorText = useErrorText();
  const [login, setLogin] = useState(account?.login ?? wanted);
  const [comment, setComment] = useState(account?.comment ?? '');
  const [active, setActive] = useState(account?.active ?? true);
  const [version, setVersion] = useState(account?.version);
  const [way, setWay] = useState<Way>(account ? 'keep' : 'password');
  const [password, setPassword] = useState('');
  const [privateKey, setPrivateKey] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [stale, setStale] = useState(false);

  const ways: Readonly<Record<Way, readonly [word: string, meaning: string]>> = {
    keep: [t.keepSecret, t.keepMeans],
    password: [t.password, t.passwordMeans],
    key: [t.key, t.keyMeans],
    generate: [t.generate, t.generateMeans],
    agent: [t.agent, t.agentMeans],
    certificate: [t.certificate, t.certificateMeans],
    none: [t.none, t.noneMeans],
  };
  const secret = {
    keep: {},
    password: { password },
    key: { privateKey, ...(passphrase !== '' && { passphrase }) },
    generate: { generateKey: true },
    agent: { agent: true },
    certificate: { certificate: true },
    none: account ? { noSecret: true } : {},
  }[way];

  const save = async () => {
    setSaving(true);
    setError(undefined);
    setStale(false);
    try {
      const saved = account
        ? await api.accounts.set({
            asset,
            login: account.login,
            ...secret,
            ...(login !== account.login && { rename: login }),
            ...(comment !== account.comment && { comment }),
            ...(active !== account.active && { active }),
            version,
          })
        : await api.accounts.add({ asset, login, comment, active, ...secret });
      await assetsChanged();
      tell.done(account ? t.saved(login) : t.added(login));
      close();
      if (way === 'generate' || way === 'certificate') onInstall(saved);
    } catch (thrown) {
      const now = thrown instanceof ApiError && thrown.code === 'conflict' ? thrown.details?.version : undefined;
      if (typeof now === 'number') {
        setVersion(now);
        setStale(true);
        void assetsChanged();
      } else setError(thrown);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack>
        <TextInput
          label={t.login}
          description={t.loginHint}
          required
          data-autofocus={login === '' || undefined}
          classNames={{ input: 'mono' }}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <Select
          label={t.secret}
          description={ways[way][1]}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={(Object.keys(ways) as Way[])
            .filter((one) => account !== undefined || one !== 'keep')
            .map((value) => ({ value, label: ways[value][0] }))}
          value={way}
          onChange={(value) => setWay((value as Way | null) ?? way)}
          allowDeselect={false}
        />
        {way === 'password' && (
          <PasswordInput
            label={t.password}
            required
            data-autofocus={login !== '' || undefined}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        {way === 'key' && (
          <>
            <Textarea
              label={t.privateKey}
              description={t.privateKeyHint}
              required
              autosize
              minRows={4}
              maxRows={8}
              spellCheck={false}
              autoComplete="off"
              classNames={{ input: 'mono' }}
              value={privateKey}
              onChange={(event) => setPrivateKey(event.currentTarget.value)}
            />
            <Group align="flex-end" gap="xs">
              <PasswordInput
                label={t.passphrase}
                description={t.passphraseHint}
                autoComplete="off"
                flex={1}
                value={passphrase}
                onChange={(event) => setPassphrase(event.currentTarget.value)}
              />
              <FileButton onChange={(file) => void file?.text().then(setPrivateKey)}>
                {(button) => (
                  <Button variant="default" {...button}>
                    {t.fromFile}
                  </Button>
                )}
              </FileButton>
            </Group>
          </>
        )}
        <TextInput label={t.comment} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
        <Switch
          label={t.active}
          description={t.activeHint}
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
        {stale && (
          <Alert color="orange" variant="light" role="alert">
            {t.stale}
          </Alert>
        )}
        {error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {errorText(error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={saving}>
            {account ? t.save : t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
