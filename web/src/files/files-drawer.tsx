import {
  ActionIcon,
  Box,
  Button,
  Group,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { Brand } from '../kit/brand.tsx';
import { Failed, Waiting } from '../kit/states.tsx';
import { useWords } from '../kit/words.ts';
import { type Ask, Asks, Connection, type Protocol, type Typed } from './connection.ts';
import { FileBrowser } from './file-browser.tsx';
import classes from './files.module.css';
import { filesWords } from './words.ts';

export interface FilesPanelProps {
  /** Name, address or id. */
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly onClose?: (() => void) | undefined;
}

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'open'; readonly connection: Connection };

/** The files of one account of an asset: what stands beside a terminal. Fills the element it is put in. */
export function FilesPanel({ asset, account, protocol, onClose }: FilesPanelProps) {
  const t = useWords(filesWords);
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState<Typed>();
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<State>({ kind: 'opening' });
  const wanted = chosen ?? account;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` is counted up to try once more
  useEffect(() => {
    let left = false;
    let connection: Connection | undefined;
    setState({ kind: 'opening' });
    Connection.open({ asset, account: wanted, protocol }, typed).then(
      (opened) => {
        connection = opened;
        if (left) opened.close();
        else setState({ kind: 'open', connection: opened });
      },
      (error: unknown) => {
        if (!left) setState(error instanceof Asks ? { kind: 'ask', ask: error.ask } : { kind: 'failed', error });
      },
    );
    return () => {
      left = true;
      connection?.close();
    };
  }, [asset, wanted, protocol, typed, tries]);

  const again = () => setTries((n) => n + 1);
  const place = state.kind === 'open' ? state.connection.place : undefined;
  return (
    <section className={classes.panel} aria-label={t.title}>
      <Group className={classes.head} justify="space-between" wrap="nowrap">
        {/* in a window of its own there is a way on from here */}
        {!onClose && (
          <UnstyledButton component={Link} href="/luna" aria-label="Bastion">
            <Brand size={22} name={false} />
          </UnstyledButton>
        )}
        <Text size="sm" fw={600} flex={1} truncate>
          {place ? t.titleOf(place.account, place.asset) : t.title}
        </Text>
        {onClose && (
          <Tooltip label={t.close}>
            <ActionIcon size="sm" aria-label={t.close} onClick={onClose}>
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {state.kind === 'opening' && (
        <Box role="status" aria-label={t.opening}>
          <Waiting />
        </Box>
      )}
      {state.kind === 'failed' && (
        <Box p="md">
          <Failed error={state.error} retry={again} />
        </Box>
      )}
      {state.kind === 'ask' && <Asked ask={state.ask} choose={setChosen} type={setTyped} />}
      {state.kind === 'open' && (
        <FileBrowser key={state.connection.place.id} connection={state.connection} lost={again} />
      )}
    </section>
  );
}

function Asked(props: {
  readonly ask: Ask;
  readonly choose: (account: string) => void;
  readonly type: (typed: Typed) => void;
}) {
  const { ask, choose, type } = props;
  const t = useWords(filesWords);
  const known = ask.kind === 'input' ? ask.login : null;
  const [login, setLogin] = useState(known ?? '');
  const [secret, setSecret] = useState('');
  if (ask.kind === 'choose') {
    return (
      <Stack p="md" gap="sm">
        <Text fw={600}>{t.chooseTitle}</Text>
        <Text size="sm" c="dimmed">
          {t.chooseText(ask.asset)}
        </Text>
        {ask.accounts.map((account) => (
          <Button key={account} variant="default" onClick={() => choose(account)}>
            {account}
          </Button>
        ))}
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        type({ login, secret });
      }}
    >
      <Stack p="md" gap="sm" maw={380}>
        <Text fw={600}>{t.inputTitle}</Text>
        <Text size="sm" c="dimmed">
          {t.inputText}
        </Text>
        <TextInput
          label={t.login}
          value={login}
          disabled={known !== null}
          required
          data-autofocus={known === null || undefined}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.secret}
          value={secret}
          required
          autoComplete="off"
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <Button type="submit" disabled={login === '' || secret === ''}>
          {t.open}
        </Button>
      </Stack>
    </form>
  );
}
